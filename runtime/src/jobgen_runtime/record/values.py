"""Convert column values between Python and the driver."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any

from psycopg.adapt import PyFormat, Transformer
from psycopg.postgres import types
from psycopg.pq import Format
from psycopg.types.json import Json, Jsonb

from jobgen_runtime.contract.states import JobStatus, read_status
from jobgen_runtime.table import Table

_TEXT_ARRAY = types["text"].array_oid


def to_database(table: Table, column: str, value: object) -> object:
    """Return the value as the driver accepts it for the column."""
    if value is None:
        return None
    if column in table.json:
        return _to_json(value)
    if column in table.json_arrays and isinstance(value, list):
        return [None if item is None else _to_json(item) for item in value]
    if isinstance(value, list) and column in table.enums:
        return _as_text([_label(item) for item in value])
    return _label(value)


def key_to_database(table: Table, column: str, value: object) -> object:
    """Return the value as the driver accepts it for a comparison with the column.

    In a comparison, PostgreSQL does not convert a typed parameter to the type of the column: the
    float8 0.1 differs from the float4 0.1, and an array of smallint is not comparable with one of
    int. A parameter without a type gets the column's type, so such values are sent as text.
    """
    converted = to_database(table, column, value)
    if isinstance(converted, float | list | Json | Jsonb):
        return _as_text(converted)
    return converted


def all_to_database(table: Table, column: str, values: Sequence[object]) -> Sequence[object]:
    """Return many values of one column as the driver accepts them.

    Faster than `to_database` for each value: most columns need no conversion.
    """
    special = column in table.json or column in table.json_arrays or column in table.enums
    if special or any(issubclass(kind, Enum) for kind in set(map(type, values))):
        return [to_database(table, column, value) for value in values]
    return values


def to_parameter(value: object) -> object:
    """Return a parameter of a user's query, with enum members replaced by their labels."""
    if isinstance(value, list) and any(isinstance(item, Enum) for item in value):
        return _as_text([_label(item) for item in value])
    return _label(value)


def enum_loader(enum: type[Enum]) -> Callable[[Any], object]:
    """Return a function that converts the driver's value of an enum column to members.

    A label arrives as a string. An array arrives as text in PostgreSQL's notation, because the
    driver does not know the type, or as a list if the type is registered on the connection.

    The function raises ValueError for a value that the enum does not have, except for a job's
    status: see `read_status`.
    """
    members: Mapping[object, Enum] = {member.value: member for member in enum}

    def load(value: object) -> object:
        member = members.get(value) if isinstance(value, str) else None
        if member is not None or value is None or isinstance(value, Enum):
            return member or value
        if isinstance(value, list):
            return [load(item) for item in value]
        if isinstance(value, str) and value.startswith("{"):
            return load(_read_array(value))
        if enum is JobStatus and isinstance(value, str):
            return read_status(value)
        raise ValueError(
            f"{value!r} is not a value of the enum {enum.__name__}. If the database's type has it, "
            "run `jobgen types`."
        )

    return load


def _to_json(value: object) -> object:
    return value if isinstance(value, Json | Jsonb) else Json(value)


def _label(value: object) -> object:
    return value.value if isinstance(value, Enum) else value


def _as_text(value: object) -> str:
    """Return the value as text, which PostgreSQL converts to any type, unlike text[] to color[]."""
    if value == []:
        return "{}"
    dumped = Transformer().get_dumper(value, PyFormat.TEXT).dump(value)
    return bytes(dumped or b"").decode()


def _read_array(literal: str) -> list[object]:
    loaded: list[object] = Transformer().get_loader(_TEXT_ARRAY, Format.TEXT).load(literal.encode())
    return loaded
