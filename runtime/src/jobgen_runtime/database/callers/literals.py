"""Write the parameters of a statement into its text, as psycopg would have sent them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import psycopg
from psycopg import ProgrammingError, abc, adapt, sql
from psycopg.adapt import AdaptersMap, PyFormat
from psycopg.postgres import types

from jobgen_runtime.database.adapters import OWN_ADAPTERS
from jobgen_runtime.database.infinity import LoadingContext
from jobgen_runtime.database.statement import Statement

_NUMBERED = re.compile(r'"(?:[^"]|"")*"|\'(?:[^\']|\'\')*\'|\$(\d+)')
"""A quoted name, a string or a placeholder. The runtime's own texts contain nothing else."""

_PERCENT = re.compile(r"%(?:\(([^)]*)\))?(.?)", re.DOTALL)
"""A placeholder of psycopg's: %s, %b, %t, the same with a name, or %%."""

_QUOTED = re.compile(
    r"""
    "(?:[^"]|"")*(?:"|\Z)
    | (?<![\w$])[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z)
    | '(?:[^']|'')*(?:'|\Z)
    | (?<![\w$])\$(?P<tag>(?:[^\W\d]\w*)?)\$.*?(?:\$(?P=tag)\$|\Z)
    | --[^\n]*
    | /\*.*?(?:\*/|\Z)
    """,
    re.DOTALL | re.VERBOSE,
)
"""A quoted name, a string or a comment of a user's query, where a literal could end the quotes."""


class _HexDumper(adapt.Dumper):
    """Dump bytes as hexadecimal digits, which need no connection to be escaped."""

    oid = types["bytea"].oid

    def dump(self, obj: Any) -> bytes:
        return b"\\x" + bytes(obj).hex().encode()


def as_text(statement: Statement) -> str:
    """Return the statement with its parameters as literals, without a result to be read.

    Raises:
        psycopg.ProgrammingError: The placeholders and the parameters do not fit.
        psycopg.DataError: A parameter cannot be sent to PostgreSQL.
    """
    query = _query_text(statement.query)
    if statement.params is None:
        return query
    adapters = AdaptersMap(OWN_ADAPTERS if statement.own_types else psycopg.adapters)
    for kind in (bytes, bytearray, memoryview):
        adapters.register_dumper(kind, _HexDumper)
    names, values = _named(statement.params)
    literals = dict(zip(names, _literals(values, adapters), strict=True))
    if statement.numbered:
        return _NUMBERED.sub(
            lambda found: found[0] if found[1] is None else literals[int(found[1]) - 1], query
        )
    return _fill(query, literals)


def _query_text(query: abc.Query) -> str:
    if isinstance(query, bytes):
        return query.decode()
    if isinstance(query, str):
        return query
    if isinstance(query, sql.Composable):
        return query.as_string(None)
    raise TypeError(
        f"A query of the type {type(query).__name__} needs a connection of psycopg 3. Pass a string"
        " with %s and the parameters."
    )


def _named(
    params: Sequence[Any] | Mapping[str, Any],
) -> tuple[list[int] | list[str], list[Any]]:
    if isinstance(params, Mapping):
        return list(params), list(params.values())
    return list(range(len(params))), list(params)


def _literals(values: Sequence[Any], adapters: AdaptersMap) -> list[str]:
    transformer = adapt.Transformer(LoadingContext(adapters, None))
    dumped = transformer.dump_sequence(values, [PyFormat.TEXT] * len(values))
    return [
        "NULL" if data is None else _literal(bytes(data).decode(), oid, adapters)
        for data, oid in zip(dumped, transformer.types or (), strict=True)
    ]


def _literal(text: str, oid: int, adapters: AdaptersMap) -> str:
    doubled = text.replace("'", "''")
    # An E string means the same whatever standard_conforming_strings is.
    quoted = " E'{}'".format(doubled.replace("\\", "\\\\")) if "\\" in text else f"'{doubled}'"
    info = adapters.types.get(oid)
    if info is None:
        return quoted
    array = "[]" if oid == info.array_oid else ""
    return f"({quoted}::{info.regtype}{array})"


def _fill(query: str, literals: Mapping[Any, str]) -> str:
    """Replace psycopg's placeholders, by its rules.

    Raises:
        psycopg.ProgrammingError: They do not fit the parameters, or one is inside quotes.
    """
    used = 0
    is_named = any(isinstance(name, str) for name in literals)

    def literal(found: re.Match[str], *, is_quoted: bool) -> str:
        nonlocal used
        name, kind = found[1], found[2]
        if name is None and kind == "%":
            return "%"
        if kind not in ("s", "b", "t"):
            raise ProgrammingError(
                f"only '%s', '%b', '%t' are allowed as placeholders, got '{found[0]}'"
            )
        if is_quoted:
            raise ProgrammingError(
                f"the placeholder {found[0]} is inside quotes or a comment: write it without quotes"
            )
        if is_named != (name is not None) and literals:
            raise ProgrammingError("positional and named placeholders cannot be mixed")
        key: Any = used if name is None else name
        used += 1
        if key not in literals:
            raise ProgrammingError(f"the query has a placeholder without a parameter: {found[0]}")
        return literals[key]

    def filled(text: str, *, is_quoted: bool) -> str:
        return _PERCENT.sub(partial(literal, is_quoted=is_quoted), text)

    parts: list[str] = []
    end = 0
    for quoted in _QUOTED.finditer(query):
        parts.append(filled(query[end : quoted.start()], is_quoted=False))
        parts.append(filled(quoted[0], is_quoted=True))
        end = quoted.end()
    parts.append(filled(query[end:], is_quoted=False))
    if not is_named and used != len(literals):
        raise ProgrammingError(
            f"the query has {used} placeholders but {len(literals)} parameters were passed"
        )
    return "".join(parts)
