"""The conversions of types that the runtime's own statements and columns rely on.

An application may register others for all of its connections in `psycopg.adapters`: uuid as a
string, timestamptz as a number, a list as JSON. Those apply to the application's columns. The
worker's statements, and the columns that every job has, use the driver's defaults in any case.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import psycopg
from psycopg import AsyncCursor, AsyncRawCursor, BaseConnection, Cursor, RawCursor, adapt
from psycopg.abc import Transformer
from psycopg.adapt import AdaptersMap
from psycopg.postgres import register_default_adapters
from psycopg.pq import Format
from psycopg.pq.abc import PGresult
from psycopg.rows import Row
from psycopg.types import TypesRegistry
from psycopg.types.array import register_all_arrays

from jobgen_runtime.database.infinity import LoadingContext, register_infinity, register_interval

_ALIASES = 4_294_000_000
"""Added to the number of a type, it stands for the driver's loader. No type has such a number."""


def _driver_defaults() -> AdaptersMap:
    # Not a copy of `psycopg.adapters`: that may have been changed before this module is imported.
    adapters = AdaptersMap(types=TypesRegistry(psycopg.adapters.types))
    register_default_adapters(adapters)
    register_all_arrays(adapters)
    return adapters


OWN_ADAPTERS = _driver_defaults()
"""The driver's defaults: the `context` of the runtime's own connections."""


class OwnAsyncCursor(AsyncCursor[Row]):
    """A cursor for the runtime's own statements on a connection of the application."""

    @property
    def adapters(self) -> AdaptersMap:
        """The driver's defaults, whatever the connection uses."""
        return OWN_ADAPTERS


class OwnCursor(Cursor[Row]):
    """A cursor for the runtime's own statements; the synchronous version of `OwnAsyncCursor`."""

    @property
    def adapters(self) -> AdaptersMap:
        """The driver's defaults, whatever the connection uses."""
        return OWN_ADAPTERS


class LentAsyncCursor(AsyncCursor[Row]):
    """A cursor on a connection of a library, which has registered adapters for its own use."""

    @property
    def adapters(self) -> AdaptersMap:
        """The application's adapters, as on a connection of the pool."""
        return psycopg.adapters


class LentCursor(Cursor[Row]):
    """A cursor on a library's connection; the synchronous version of `LentAsyncCursor`."""

    @property
    def adapters(self) -> AdaptersMap:
        """The application's adapters, as on a connection of the pool."""
        return psycopg.adapters


class LentAsyncRawCursor(AsyncRawCursor[Row]):
    """A cursor on a library's connection, for statements with numbered placeholders."""

    @property
    def adapters(self) -> AdaptersMap:
        """The application's adapters, as on a connection of the pool."""
        return psycopg.adapters


class LentRawCursor(RawCursor[Row]):
    """A cursor for numbered placeholders; the synchronous version of `LentAsyncRawCursor`."""

    @property
    def adapters(self) -> AdaptersMap:
        """The application's adapters, as on a connection of the pool."""
        return psycopg.adapters


_OWN_TYPES = {
    oid: loader
    for name in ("uuid", "timestamptz", "timestamp", "int2", "int4", "int8", "text", "varchar")
    if (loader := OWN_ADAPTERS.get_loader(oid := psycopg.adapters.types[name].oid, Format.TEXT))
}
_UNKNOWN_TYPE = 0
"""Stands for the types that no loader is registered for, such as enums: they are loaded as text."""


class RowDecoder:
    """Decode results in which the runtime's own columns and the application's are mixed.

    Args:
        connection: The connection that the results are from.
        columns: The names of the results' columns, in order.
        own: The names of the runtime's own columns.
    """

    def __init__(
        self, connection: BaseConnection[Any], columns: Sequence[str], own: Collection[str]
    ) -> None:
        self._connection = connection
        self._is_own = [column in own for column in columns]
        self._adapters = AdaptersMap(psycopg.adapters)
        register_interval(self._adapters)
        for oid, loader in _OWN_TYPES.items():
            self._adapters.register_loader(_ALIASES + oid, loader)
        text = OWN_ADAPTERS.get_loader(_UNKNOWN_TYPE, Format.TEXT)
        assert text is not None  # noqa: S101 -- the driver needs it itself
        self._adapters.register_loader(_ALIASES + _UNKNOWN_TYPE, text)
        self._transformer = self._make_transformer(self._adapters)

    def decoder(self, result: PGresult) -> Transformer:
        """Return a transformer that decodes the rows of the result; valid until the next call."""
        return self._prepare(self._transformer, result)

    def decoder_with_infinity(self, result: PGresult) -> Transformer:
        """Return a slower transformer, which decodes infinite dates too."""
        adapters = AdaptersMap(self._adapters)
        register_infinity(adapters)
        register_infinity(adapters, alias=lambda oid: _ALIASES + oid)
        return self._prepare(self._make_transformer(adapters), result)

    def _make_transformer(self, adapters: AdaptersMap) -> Transformer:
        return adapt.Transformer(LoadingContext(adapters, self._connection))

    def _prepare(self, transformer: Transformer, result: PGresult) -> Transformer:
        transformer.set_pgresult(result, set_loaders=False)
        types = [
            own_alias(result.ftype(column)) if own else result.ftype(column)
            for column, own in enumerate(self._is_own)
        ]
        transformer.set_loader_types(types, Format.TEXT)
        return transformer


def own_alias(oid: int) -> int:
    """Return the number under which a `RowDecoder` knows the driver's loader of a type."""
    return _ALIASES + (oid if oid in _OWN_TYPES else _UNKNOWN_TYPE)
