"""Databases that exist for one test, copied from a template."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg import Connection, sql
from psycopg.conninfo import make_conninfo

from jobgen_runtime.database.address import as_url, describe_url
from jobgen_runtime.sql import read
from jobgen_runtime.testing.errors import NoTestDatabase

PREFIX = "jobgen_test_"
"""What the names of all databases of tests begin with: then a run's number and a database's."""

LOCK_CLASS = 0x6A6F6267
"""The first key of the advisory locks that runs hold; the second is the run's number."""

Fill = Callable[[str], object]
"""Creates the tables of the application in the empty database at an address."""

_END_TIMEOUT_SECONDS = 1.0
"""Seconds to wait for the end of sessions. DROP DATABASE waits for those that take longer."""


def drop_database(conn: Connection[Any], name: str) -> None:
    """Drop a database if it exists, and end its sessions.

    Sessions are ended first: DROP DATABASE would check every 100 ms whether they are gone, and most
    are within a few milliseconds.

    Args:
        conn: A connection to another database of the server, in autocommit mode.
        name: The name of the database.
    """
    end_sessions(conn, name)
    conn.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def end_sessions(conn: Connection[Any], name: str) -> None:
    """End the sessions of a database, and wait until they have ended, up to a second."""
    deadline = time.monotonic() + _END_TIMEOUT_SECONDS
    query = read("end_sessions").encode()
    while conn.execute(query, {"database": name}).fetchall() and time.monotonic() < deadline:
        time.sleep(0.001)  # nothing signals the end of another session


class TestDatabases:
    """The databases of one run of tests, on a server that may have others.

    The run holds an advisory lock. A run without one is dead: the next run drops its databases.
    """

    __test__ = False

    def __init__(self, conn: Connection[Any], server_url: str) -> None:
        self._conn = conn
        self._url = server_url
        self._run = secrets.randbits(31)
        self._count = 0
        self._template = f"{PREFIX}{self._run:08x}_template"
        # A copy of files takes half of the time where the server need not write them to disk.
        self._strategy = sql.SQL("")
        if conn.info.server_version >= 150000 and conn.execute("SHOW fsync").fetchone() == ("off",):
            self._strategy = sql.SQL(" STRATEGY FILE_COPY")
        self._lock(self._run)

    @classmethod
    @contextmanager
    def on_server(cls, server_url: str, fill: Fill) -> Iterator[TestDatabases]:
        """Create the template, yield the databases of a run, and drop all at the end.

        Args:
            server_url: The address of a database of the server.
            fill: Creates the tables in the template.

        Raises:
            NoTestDatabase: The server cannot be reached, or the role may not create databases.
        """
        with _connect(server_url) as conn:
            databases = cls(conn, server_url)
            databases.drop_of_dead_runs()
            try:
                databases.create_template(fill)
                yield databases
            finally:
                databases.drop_all()

    def create_template(self, fill: Fill) -> None:
        """Create the database that all others are copies of.

        Raises:
            NoTestDatabase: The role may not create databases.
        """
        name = sql.Identifier(self._template)
        try:
            self._conn.execute(sql.SQL("CREATE DATABASE {}").format(name))
        except psycopg.errors.InsufficientPrivilege as error:
            role = self._conn.info.user
            quoted = sql.Identifier(role).as_string(None)
            raise NoTestDatabase(
                f"The role {role} may not create databases, which tests need: "
                f"{describe_url(self._url)}.",
                hint=f"Let a superuser run ALTER ROLE {quoted} CREATEDB, or set TEST_DATABASE_URL "
                "to the address of another role or server.",
            ) from error
        fill(self._address(self._template))
        # What still has a connection to a template keeps it from being copied.
        self._conn.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
        end_sessions(self._conn, self._template)

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """Create a copy of the template, yield its address, and drop it with all its sessions."""
        self._count += 1
        name = f"{PREFIX}{self._run:08x}_{self._count}"
        self._conn.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}{}").format(
                sql.Identifier(name), sql.Identifier(self._template), self._strategy
            )
        )
        try:
            yield self._address(name)
        finally:
            drop_database(self._conn, name)

    def drop_of_dead_runs(self) -> None:
        """Drop the databases of runs that were killed."""
        names = self._conn.execute(read("test_databases").encode(), {"prefix": PREFIX}).fetchall()
        for run in {name.removeprefix(PREFIX).partition("_")[0] for (name,) in names}:
            number = int(run, 16)
            if number == self._run or not self._lock(number):
                continue
            for (name,) in names:
                if name.startswith(f"{PREFIX}{run}_"):
                    with suppress(psycopg.Error):
                        drop_database(self._conn, name)
            self._conn.execute(
                read("unlock_test_run").encode(), {"class": LOCK_CLASS, "run": number}
            )

    def drop_all(self) -> None:
        """Drop the databases of this run."""
        names = self._conn.execute(read("test_databases").encode(), {"prefix": PREFIX}).fetchall()
        for (name,) in names:
            if name.startswith(f"{PREFIX}{self._run:08x}_"):
                drop_database(self._conn, name)

    def _lock(self, run: int) -> bool:
        query = read("try_lock_test_run").encode()
        parameters = {"class": LOCK_CLASS, "run": run}
        return self._conn.execute(query, parameters).fetchone() == (True,)

    def _address(self, name: str) -> str:
        # As a URL, which SQLAlchemy and Django can read, too.
        return as_url(make_conninfo(self._url, dbname=name))


def _connect(url: str) -> Connection[Any]:
    """Connect to the server, not to the database of the address if another one lets us.

    Raises:
        NoTestDatabase: The server cannot be reached, or refuses.
    """
    with suppress(psycopg.OperationalError):
        return psycopg.connect(make_conninfo(url, dbname="postgres"), autocommit=True)
    try:
        return psycopg.connect(url, autocommit=True)
    except (psycopg.Error, OSError) as error:
        raise NoTestDatabase(
            f"The server for the tests cannot be reached: {describe_url(url)}: "
            f"{str(error).strip()}.",
            hint="Start it, or correct DATABASE_URL. Without DATABASE_URL, tests use the "
            "PostgreSQL that jobgen brings.",
        ) from error
