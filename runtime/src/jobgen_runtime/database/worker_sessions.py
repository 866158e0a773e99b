"""Open a worker's sessions with the settings that it needs, whatever the defaults of its role."""

from __future__ import annotations

import os
import re
from typing import Any

from psycopg import AsyncConnection, AsyncCursor, Connection, Cursor, OperationalError, pq
from psycopg.conninfo import make_conninfo
from psycopg.rows import scalar_row

from jobgen_runtime.database.adapters import OWN_ADAPTERS
from jobgen_runtime.database.address import parse_url
from jobgen_runtime.database.sessions import detect_own_session, detect_own_session_sync
from jobgen_runtime.sql import read

_Async = AsyncConnection[tuple[Any, ...]]
_Sync = Connection[tuple[Any, ...]]

# A short statement_timeout of the role would cancel the very statement that sets another.
_START_UP_OPTIONS = "-c statement_timeout=0"

_LIVENESS: dict[str, int] = {
    # A connection whose other end has vanished silently fails within half a minute.
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}

_DEFAULTS: dict[str, int | str] = {
    **_LIVENESS,
    # Of several hosts the primary; a standby refuses writes.
    "target_session_attrs": "read-write",
}

_REFUSED_OPTIONS = re.compile(r"startup parameter|options", re.IGNORECASE)
"""The errors of poolers about options that they cannot pass on: PgBouncer, RDS Proxy."""

_READ_ONLY = re.compile(r"session is read-only")
"""The message of libpq about a server that target_session_attrs excludes."""

_PRIMARY_IS_KNOWN = pq.version() >= 140_000
"""Whether libpq knows target_session_attrs=primary."""

_OF_SERVER = frozenset({"configuration file", "command line", "environment variable", "default"})
"""Sources of a setting that hold for the whole server, not for a role or a database only."""

_without_options = set[str]()
"""Addresses of poolers that refuse start-up options; so each is asked once."""


def liveness_parameters(url: str) -> dict[str, int]:
    """Return the timeouts that an address does not set itself, for a connection that stays open.

    Raises:
        NoDatabase: The address is invalid.
    """
    given = parse_url(url)
    return {key: value for key, value in _LIVENESS.items() if key not in given}


def worker_conninfo(url: str, *, role: str) -> str:
    """Return the address with timeouts, and with the role in `application_name`.

    Parameters that the address sets itself are kept, except for the encoding of texts.

    Raises:
        NoDatabase: The address is invalid.
    """
    given = parse_url(url)
    more = {key: value for key, value in _DEFAULTS.items() if key not in given}
    if "service" not in given and "PGSERVICE" not in os.environ:
        # Options in the address replace those of the environment, and those of a service.
        options = given.get("options", os.environ.get("PGOPTIONS", ""))
        more["options"] = f"{options} {_START_UP_OPTIONS}".strip()
    return make_conninfo(url, **more, client_encoding="utf8", application_name=f"run-jobs {role}")


async def open_worker_session(conninfo: str) -> tuple[_Async, bool]:
    """Open a connection in autocommit mode, with the settings that a worker's statements need.

    Behind a pooler, which lends the session to others, no setting is changed.

    Args:
        conninfo: The result of `worker_conninfo`.

    Returns:
        The connection, and whether it has its session to itself.

    Raises:
        psycopg.Error: No server answers that accepts writes.
        OSError: A host cannot be reached.
    """
    try:
        conn = await _connect(conninfo)
    except OperationalError as error:
        if (other := _any_primary(conninfo, error)) is None:
            raise
        conn = await _connect(other)
    try:
        return conn, await _prepare(conn)
    except BaseException:
        await conn.close()
        raise


def open_worker_session_sync(conninfo: str) -> tuple[_Sync, bool]:
    """Open a connection with its settings; the synchronous version of `open_worker_session`."""
    try:
        conn = _connect_sync(conninfo)
    except OperationalError as error:
        if (other := _any_primary(conninfo, error)) is None:
            raise
        conn = _connect_sync(other)
    try:
        return conn, _prepare_sync(conn)
    except BaseException:
        conn.close()
        raise


async def _connect(conninfo: str) -> _Async:
    if conninfo not in _without_options:
        try:
            return await AsyncConnection.connect(conninfo, autocommit=True, context=OWN_ADAPTERS)
        except OperationalError as error:
            if not _REFUSED_OPTIONS.search(str(error)):
                raise
    plain = _remove_options(conninfo)
    conn = await AsyncConnection.connect(plain, autocommit=True, context=OWN_ADAPTERS)
    _without_options.add(conninfo)
    return conn


def _connect_sync(conninfo: str) -> _Sync:
    if conninfo not in _without_options:
        try:
            return Connection.connect(conninfo, autocommit=True, context=OWN_ADAPTERS)
        except OperationalError as error:
            if not _REFUSED_OPTIONS.search(str(error)):
                raise
    conn = Connection.connect(_remove_options(conninfo), autocommit=True, context=OWN_ADAPTERS)
    _without_options.add(conninfo)
    return conn


async def _prepare(conn: _Async) -> bool:
    owns_session = await detect_own_session(conn)
    async with AsyncCursor(conn, row_factory=scalar_row) as cursor:
        if owns_session:
            await cursor.execute(read("session_settings").encode())
            if _is_read_only(conn):
                await cursor.execute(read("read_only_source").encode())
                _require_writable(await cursor.fetchone())
                await cursor.execute(read("allow_writes").encode())
    return owns_session


def _prepare_sync(conn: _Sync) -> bool:
    owns_session = detect_own_session_sync(conn)
    with Cursor(conn, row_factory=scalar_row) as cursor:
        if owns_session:
            cursor.execute(read("session_settings").encode())
            if _is_read_only(conn):
                _require_writable(cursor.execute(read("read_only_source").encode()).fetchone())
                cursor.execute(read("allow_writes").encode())
    return owns_session


def _remove_options(conninfo: str) -> str:
    parameters = parse_url(conninfo)
    options = parameters.pop("options", "").removesuffix(_START_UP_OPTIONS).strip()
    return make_conninfo(**parameters, **({"options": options} if options else {}))


def _any_primary(conninfo: str, error: OperationalError) -> str | None:
    """Return an address that accepts a primary whose transactions are read-only by default.

    libpq takes such a server for one that accepts no writes, even if it is only the default of the
    role or the database, which the session can change. None if the error is another one.
    """
    if not _READ_ONLY.search(str(error)) or not _PRIMARY_IS_KNOWN:
        return None
    return make_conninfo(conninfo, target_session_attrs="primary")


def _is_read_only(conn: _Async | _Sync) -> bool:
    return conn.info.parameter_status("default_transaction_read_only") == "on"


def _require_writable(source: object) -> None:
    """Check where default_transaction_read_only is set.

    Raises:
        OperationalError: For the whole server. Administrators do that to keep writes away from a
        server that another one replaces.
    """
    if source in _OF_SERVER:
        raise OperationalError(
            "the server accepts no writes: default_transaction_read_only is on in its configuration"
        )
