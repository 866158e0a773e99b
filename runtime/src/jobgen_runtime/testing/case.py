"""Test cases of unittest whose tests have a fresh database, or a transaction, each."""

from __future__ import annotations

import unittest
from contextlib import ExitStack
from typing import ClassVar

from jobgen_runtime.testing.clocks import Clock, clock
from jobgen_runtime.testing.databases import TestDatabases
from jobgen_runtime.testing.isolation import fresh_database, rolled_back
from jobgen_runtime.testing.schema import create_tables
from jobgen_runtime.testing.server import find_server


class JobsTestCase(unittest.TestCase):
    """Give each test a fresh database, or with `in_transaction` a transaction that is rolled back.

    It may be combined with other classes of test cases: `class EmailTest(JobsTestCase,
    unittest.IsolatedAsyncioTestCase)`.

    Attributes:
        in_transaction: Whether each test has a transaction in a database that the class shares.
        database: The address of the database.
        clock: The clock by which jobs are due.
    """

    in_transaction: ClassVar[bool] = False
    database: str
    clock: Clock

    _databases: ClassVar[TestDatabases]
    _shared: ClassVar[str]

    @classmethod
    def setUpClass(cls) -> None:
        """Create the template of the databases."""
        super().setUpClass()
        with ExitStack() as stack:
            server = stack.enter_context(find_server())
            cls._databases = stack.enter_context(TestDatabases.on_server(server, cls.create_tables))
            if cls.in_transaction:
                cls._shared = stack.enter_context(cls._databases.fresh())
            cls.addClassCleanup(stack.pop_all().close)

    @classmethod
    def create_tables(cls, url: str) -> None:
        """Create the tables in the empty database at an address; override it for migrations."""
        create_tables(url)

    def setUp(self) -> None:
        """Let the test use a database."""
        context = (
            rolled_back(self._shared) if self.in_transaction else fresh_database(self._databases)
        )
        self.database = self.enterContext(context)
        self.clock = clock
        super().setUp()
