"""Connections that can be lent to user code, and are as new when the next borrower gets them."""

from __future__ import annotations

import re
import select
from functools import lru_cache
from time import monotonic
from typing import Any, TypeVar, cast

from psycopg import AsyncConnection, Connection, Error
from psycopg.abc import PQGen, Query
from psycopg.pq import TransactionStatus
from psycopg.pq.abc import PGconn
from psycopg.sql import Composable

from jobgen_runtime.database.sessions import (
    apply_own_settings,
    apply_own_settings_sync,
    detect_own_session,
    detect_own_session_sync,
)
from jobgen_runtime.sql import read

RV = TypeVar("RV")

_PREPARE_THRESHOLD, _PREPARED_MAX = 5, 100
"""The driver's defaults."""

# Each statement commits by itself; `execute.py` opens a transaction for several. The server
# converts texts to and from the encoding of the database, whatever the role asks for.
_PARAMETERS: dict[str, Any] = {"autocommit": True, "client_encoding": "utf8"}

MAX_AGE = 3600.0
"""Seconds after which a connection is not used again."""

_Row = tuple[Any, ...]

_STATEMENT = re.compile(r"\s*(?:SELECT|WITH|VALUES|TABLE|INSERT|UPDATE|DELETE|MERGE)\b", re.I)
_SUSPICIOUS = re.compile(r";\s*\S|--|/\*|\bINTO\s+(?:LOCAL\s+|GLOBAL\s+)?TEMP|U&", re.I)
_CALL = re.compile(r'([\w"$]+)\s*\(')
_INSERTED_COLUMNS = re.compile(r"(?<=\bINTO)\s+[\w.\"$]+(?=\s*\()", re.I)
_HARMLESS_CALLS = frozenset(
    # Keywords before parentheses, then functions that change no session.
    """
    all and any array as between by case cast conflict distinct else except exists extract filter
    from group having ilike in interval into intersect is join lateral like limit not nothing
    numeric offset on or order over partition returning row select set some substring then trim
    union using values varchar char decimal timestamp timestamptz when where within
    abs array_agg avg bool_and bool_or ceil coalesce concat count date_trunc dense_rank first_value
    floor gen_random_uuid generate_series greatest json_agg json_build_object jsonb_agg
    jsonb_build_object lag last_value lead least left length lower max min mod now nullif position
    random rank replace right round row_number split_part string_agg sum to_char to_jsonb
    to_timestamp to_tsquery to_tsvector plainto_tsquery websearch_to_tsquery unnest upper uuidv7
    """.split()  # noqa: SIM905 -- a list of a hundred strings is harder to read
)


@lru_cache(maxsize=1024)
def _is_harmless(query: str) -> bool:
    return (
        _STATEMENT.match(query) is not None
        and _SUSPICIOUS.search(query) is None
        and all(
            call.lower() in _HARMLESS_CALLS
            for call in _CALL.findall(_INSERTED_COLUMNS.sub("", query))
        )
    )


def may_change_session(query: Query) -> bool:
    """Return whether a user's statement may change more of its session than rows.

    It may if it is not a plain SELECT, INSERT and so on, or calls a function that is not known:
    `set_config`, `pg_advisory_lock`, or one of the user's.
    """
    if isinstance(query, Composable):
        return not _is_harmless(query.as_string(None))
    if isinstance(query, bytes):
        return not _is_harmless(query.decode(errors="replace"))
    return not (isinstance(query, str) and _is_harmless(query))


class _Pooled:
    """What both kinds of connections have in common.

    Attributes:
        touched: Whether a statement has run since the connection was clean.
        owns_session: Whether the connection has its session to itself: False behind a pooler.
        opened_at: When it was opened.
        idle_since: When it was last returned.
    """

    pgconn: PGconn
    touched = False
    owns_session = True
    opened_at = 0.0
    idle_since = 0.0

    def prepare_for_pool(self, *, owns_session: bool) -> None:
        """Note that the connection is new and clean."""
        self.touched = False
        self.owns_session = owns_session
        self.opened_at = monotonic()
        # The driver's `async with conn` and its warnings treat it as a connection of a pool.
        cast("Any", self)._pool = _POOL  # noqa: SLF001 -- the driver has no other way

    def is_stale(self) -> bool:
        """Return whether it must not be used again."""
        if self.pgconn.transaction_status != TransactionStatus.IDLE:
            return True
        return monotonic() - self.opened_at > MAX_AGE

    def is_demoted(self) -> bool:
        """Return whether a server that was the primary refuses writes now.

        The server reports that with its first refusal. For a new connection, libpq tries all hosts
        of the address.
        """
        if self.pgconn.parameter_status(b"default_transaction_read_only") != b"on":
            return False
        info = cast("Any", self).info
        return info.get_parameters().get("target_session_attrs") in {"read-write", "primary"}

    def is_readable(self) -> bool:
        """Return whether the idle connection's socket has something to read: mostly, its end."""
        poll = select.poll()
        poll.register(self.pgconn.socket, select.POLLIN)
        return bool(poll.poll(0))

    def _copy_session_to(self, other: _Pooled, *, forget: bool) -> None:
        other.owns_session = self.owns_session
        other.opened_at = self.opened_at
        ours, theirs = cast("Any", self), cast("Any", other)
        theirs._pool = _POOL  # noqa: SLF001 -- see `prepare_for_pool`
        if not self.owns_session:
            theirs.prepare_threshold = None
        elif not forget:
            # What the driver has prepared remains prepared.
            theirs._prepared = ours._prepared  # noqa: SLF001 -- see `prepare_for_pool`
            theirs.prepare_threshold, theirs.prepared_max = _PREPARE_THRESHOLD, _PREPARED_MAX


_POOL = object()


class PooledAsyncConnection(_Pooled, AsyncConnection[_Row]):
    """An asynchronous connection of a pool."""

    @classmethod
    async def open(cls, conninfo: str, **parameters: Any) -> PooledAsyncConnection:
        """Open a connection in autocommit mode.

        Raises:
            psycopg.Error: The server cannot be reached, or refuses.
        """
        conn = await cls.connect(conninfo, **_PARAMETERS, **parameters)
        try:
            conn.prepare_for_pool(owns_session=await detect_own_session(conn))
        except BaseException:
            await conn.close()
            raise
        return conn

    async def wait(self, gen: PQGen[RV], *args: Any, **kwargs: Any) -> RV:
        """Run a statement, as the driver does for all of them."""
        self.touched = True
        return await super().wait(gen, *args, **kwargs)

    async def cleaned(self, *, lent: bool) -> PooledAsyncConnection | None:
        """Return the same session as new, or None after an error, with the connection closed.

        Args:
            lent: Whether user code had this object, and may have set its attributes.
        """
        discards = self.touched and self.owns_session
        try:
            conn = await self._renewed(forget=discards) if discards or lent else self
            if discards:
                await conn.execute(read("discard_session").encode(), prepare=False)
                await apply_own_settings(conn, own=True)
        except Error:
            await self.close()
            return None
        conn.touched = False
        return conn

    async def _renewed(self, *, forget: bool) -> PooledAsyncConnection:
        conn = type(self)(self.pgconn)
        await conn.set_autocommit(True)
        self._copy_session_to(conn, forget=forget)
        return conn


class PooledConnection(_Pooled, Connection[_Row]):
    """A synchronous connection of a pool."""

    @classmethod
    def open(cls, conninfo: str, **parameters: Any) -> PooledConnection:
        """Open a connection; the synchronous version of `PooledAsyncConnection.open`."""
        conn = cls.connect(conninfo, **_PARAMETERS, **parameters)
        try:
            conn.prepare_for_pool(owns_session=detect_own_session_sync(conn))
        except BaseException:
            conn.close()
            raise
        return conn

    def wait(self, gen: PQGen[RV], *args: Any, **kwargs: Any) -> RV:
        """Run a statement, as the driver does for all of them."""
        self.touched = True
        return super().wait(gen, *args, **kwargs)

    def cleaned(self, *, lent: bool) -> PooledConnection | None:
        """Return the session as new; the synchronous version."""
        discards = self.touched and self.owns_session
        try:
            conn = self._renewed(forget=discards) if discards or lent else self
            if discards:
                conn.execute(read("discard_session").encode(), prepare=False)
                apply_own_settings_sync(conn, own=True)
        except Error:
            self.close()
            return None
        conn.touched = False
        return conn

    def _renewed(self, *, forget: bool) -> PooledConnection:
        conn = type(self)(self.pgconn)
        conn.autocommit = True
        self._copy_session_to(conn, forget=forget)
        return conn
