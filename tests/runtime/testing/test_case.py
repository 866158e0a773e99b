"""`JobsTestCase`: the testing kit for unittest."""

from __future__ import annotations

import unittest

import pytest
from jobgen_runtime.testing import JobsTestCase, drain, drain_sync

from tests.support.kit_jobs import Play, PlayJob, create_tables


def test_unittest_runs_each_test_on_a_fresh_database_or_transaction(
    server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Tests(JobsTestCase):
        @classmethod
        def create_tables(cls, url: str) -> None:
            create_tables(url)

        def test_first(self) -> None:
            assert PlayJob.fetch_all_sync("SELECT * FROM play_jobs") == []
            PlayJob._create_sync(None, {"what": "a"})
            assert drain_sync(kinds=[Play]).succeeded == 1

        test_second = test_first

    class InTransaction(Tests):
        in_transaction = True

    class Async(Tests, unittest.IsolatedAsyncioTestCase):
        async def test_async(self) -> None:
            await PlayJob._create(None, {"what": "a"})
            assert (await drain(kinds=[Play])).succeeded == 1

    monkeypatch.setenv("TEST_DATABASE_URL", server_url)
    load = unittest.defaultTestLoader.loadTestsFromTestCase
    result = unittest.TestResult()
    unittest.TestSuite([load(Tests), load(InTransaction), load(Async)]).run(result)

    assert result.testsRun == 7
    assert (result.errors, result.failures) == ([], [])
