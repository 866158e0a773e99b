"""Tests of the job InitialScrape."""

import pytest
from jobgen_runtime.testing import drain_sync, make_sync

from Admin.Job.InitialScrape import InitialScrape


@pytest.mark.usefixtures("jobgen_transaction")
def test_initial_scrape_runs() -> None:
    make_sync(InitialScrape)
    drained = drain_sync(kinds=[InitialScrape])

    assert drained.succeeded == 1
