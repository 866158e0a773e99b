"""Let the code of one test use a fresh database, or a transaction that is rolled back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import Error, OperationalError

from jobgen_runtime.database.pools import replace_pools, use_database
from jobgen_runtime.database.rejections import connection_failure
from jobgen_runtime.database.rolled_back import (
    RolledBackAsyncPool,
    RolledBackSession,
    RolledBackSyncPool,
)
from jobgen_runtime.testing.clocks import clock
from jobgen_runtime.testing.databases import TestDatabases
from jobgen_runtime.testing.factory import reset_numbers
from jobgen_runtime.waits import drop_hub


@contextmanager
def fresh_database(databases: TestDatabases) -> Iterator[str]:
    """Let this process use a fresh database; yield its address, which DATABASE_URL has, too."""
    with databases.fresh() as url, _using(url):
        yield url


@contextmanager
def rolled_back(url: str) -> Iterator[str]:
    """Let this process use one transaction of a database, which is rolled back at the end.

    Code that opens connections itself works outside of the transaction.

    Raises:
        NoDatabase: The database cannot be reached.
    """
    with _using(url):
        try:
            session = RolledBackSession(url, refuses_commit=False)
        except (Error, OperationalError, OSError) as error:
            raise connection_failure(error) from error
        try:
            with replace_pools(RolledBackAsyncPool(session), RolledBackSyncPool(session)):
                yield url
        finally:
            session.close()


@contextmanager
def _using(url: str) -> Iterator[None]:
    clock.reset()
    reset_numbers()
    previous = os.environ.get("DATABASE_URL")
    os.environ["DATABASE_URL"] = url
    try:
        with use_database(url):
            yield
    finally:
        clock.reset()
        drop_hub(url)
        if previous is None:
            del os.environ["DATABASE_URL"]
        else:
            os.environ["DATABASE_URL"] = previous
