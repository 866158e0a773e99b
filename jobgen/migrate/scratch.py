"""Scratch databases on a throwaway server, in which Schema.sql and copies of schemas are run."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from jobgen.errors import JobgenError
from jobgen.migrate.target import Connection
from jobgen.migrate.target_settings import TargetSettings
from jobgen.postgres import scratch_server

_NEW_OPTIONS = 15_00_00
"""The version of the first server that has LOCALE_PROVIDER and STRATEGY."""


class ScratchDatabases:
    """Databases on a scratch server, never on the target, which is started when it is needed."""

    def __init__(self, root: Path, url: str | None, stack: ExitStack) -> None:
        self._root = root
        self._url = url
        self._stack = stack
        self._is_own = url is None

    def start(self) -> str:
        """Start the server if it does not run, and return its address.

        Raises:
            JobgenError: The server cannot be started.
        """
        if self._url is None:
            self._url = self._stack.enter_context(scratch_server(self._root))
        return self._url

    @contextmanager
    def new(self, settings: TargetSettings) -> Iterator[tuple[str, Connection]]:
        """Yield the address of a new database with the target's settings, and a connection to it.

        The connection is a superuser's, in autocommit mode. The database is dropped after the
        block.

        Raises:
            JobgenError: The server cannot be started, or Schema.sql has ended the session.
        """
        server = self.start()
        name = f"scratch_{secrets.token_hex(6)}"
        # Schema.sql may end other sessions, so that none is kept for the administration.
        with _connected(server) as admin:
            _create_database(admin, name, settings)
        url = make_conninfo(server, dbname=name)
        try:
            with _connected(url) as conn:
                yield url, conn
        except psycopg.OperationalError:
            raise JobgenError(
                "A statement of Schema.sql has ended the session that runs it.",
                hint="Remove the call of pg_terminate_backend.",
            ) from None
        finally:
            if not self._is_own:  # otherwise the whole server is removed
                drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
                with _connected(server) as admin:
                    admin.execute(drop.format(sql.Identifier(name)))


@contextmanager
def scratch_databases(root: Path, url: str | None) -> Iterator[ScratchDatabases]:
    """Yield scratch databases for the project at `root`.

    Args:
        root: The project's root.
        url: The address of a scratch server that runs; None to start one when it is needed, and
            to stop it after the block.
    """
    with ExitStack() as stack:
        yield ScratchDatabases(root, url, stack)


def _connected(url: str) -> Connection:
    return psycopg.connect(url, autocommit=True, prepare_threshold=None, client_encoding="utf8")


def _create_database(conn: Connection, name: str, settings: TargetSettings) -> None:
    database = sql.Identifier(name)
    statement = sql.SQL(
        "CREATE DATABASE {} TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {} {}"
    )
    # The embedded server's own locale, a builtin one, is for UTF8 only. Copying files without fsync
    # is faster than the default strategy, which logs each page.
    is_newer = conn.info.server_version >= _NEW_OPTIONS
    more = sql.SQL("LOCALE_PROVIDER libc STRATEGY FILE_COPY" if is_newer else "")
    encoding = sql.Literal(settings.encoding)
    try:
        locale = sql.Literal(settings.collation), sql.Literal(settings.character_type)
        conn.execute(statement.format(database, encoding, *locale, more))
    except psycopg.Error:
        # This machine does not have the locale, or it does not go with the encoding.
        locale = sql.Literal("C"), sql.Literal("C")
        conn.execute(statement.format(database, encoding, *locale, more))
    for parameter, value in settings.parameters:
        with contextlib.suppress(psycopg.Error):
            conn.execute(
                sql.SQL("ALTER DATABASE {} SET {} = {}").format(
                    database, sql.Identifier(parameter), sql.Literal(value)
                )
            )
