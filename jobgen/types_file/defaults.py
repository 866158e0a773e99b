"""The default of a column as Python text, for records that are built without a database."""

from __future__ import annotations

import math
import re
import struct
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from jobgen.schema.model import Column, Default, EnumType, Schema, TypeRef
from jobgen.types_file.annotations import Annotation
from jobgen.types_file.enum_class import member_names
from jobgen.types_file.text import quoted

_UNKNOWN = "Table.DATABASE"

_CURRENT_TIME = frozenset(
    {
        *("now", "pg_catalog.now", "current_timestamp", "transaction_timestamp"),
        *("statement_timestamp", "clock_timestamp"),
    }
)
_UUID_FUNCTIONS = {
    "gen_random_uuid": "Table.UUID4",
    "uuid_generate_v4": "Table.UUID4",
    "uuidv4": "Table.UUID4",
    "uuidv7": "Table.UUID7",
}
_BOOLEANS = {
    **dict.fromkeys(("true", "t", "yes", "y", "on", "1"), "True"),
    **dict.fromkeys(("false", "f", "no", "n", "off", "0"), "False"),
}


def default_text(column: Column, schema: Schema, annotation: Annotation) -> str | None:
    """Return the default of a column as Python text.

    Returns:
        A literal, an attribute of `Table` such as `Table.NOW`, a call such as `Table.now(0)`, or
        `Table.DATABASE` if only the database knows the value. None if the column has no default.
    """
    if not schema.is_optional_on_insert(column):
        return None
    if not column.has_default or column.default is None:
        return _UNKNOWN
    base = schema.base_type(column.type)
    if column.default.is_function:
        return _call(column.default.text, base)
    return _constant(column.default, base, schema, annotation) or _UNKNOWN


def _call(function: str, base: TypeRef) -> str:
    if not base.is_builtin or base.dimensions:
        return _UNKNOWN
    if base.name == "uuid":
        return _UUID_FUNCTIONS.get(function.rpartition(".")[2], _UNKNOWN)
    if base.name == "timestamptz" and function in _CURRENT_TIME:
        return f"Table.now{base.modifiers}" if base.modifiers else "Table.NOW"
    return _UNKNOWN


def _constant(
    default: Default, base: TypeRef, schema: Schema, annotation: Annotation
) -> str | None:
    text = default.text
    if base.dimensions:
        return "[]" if text == "{}" and annotation.is_array else None
    if base.is_builtin:
        return _builtin_constant(text, base)
    type_ = schema.types.get(base.qualified)
    if isinstance(type_, EnumType) and annotation.enum and text in type_.labels:
        members = dict(zip(type_.labels, member_names(type_.labels), strict=True))
        return f"{annotation.enum}.{members[text]}"
    return None


def _builtin_constant(text: str, base: TypeRef) -> str | None:
    match base.name:
        case "int2" | "int4" | "int8":
            return str(int(text)) if re.fullmatch(r"-?[0-9]+", text) else None
        case "float4" | "float8" | "numeric":
            return _number(text, base)
        case "bool":
            return _BOOLEANS.get(text.lower())
        case "text" | "varchar":
            return quoted(text)
        case "json" | "jsonb":
            return text if text in {"{}", "[]"} else None
        case _:
            return None


def _number(text: str, base: TypeRef) -> str | None:
    """Return a number as the column keeps it; None if it cannot."""
    try:
        number = Decimal(text)
        if not math.isfinite(number):
            return None
        match base.name:
            case "numeric":
                return f'Decimal("{_rounded(number, base.modifiers):f}")'
            case "float4":
                return repr(_single_precision(float(number)))
            case _:
                return repr(float(number))
    except (InvalidOperation, OverflowError):
        return None


def _rounded(number: Decimal, modifiers: str) -> Decimal:
    """Return a number with the scale of `numeric(10,2)`; ties are rounded away from zero."""
    if not modifiers:
        return number
    _, _, scale = modifiers.strip("()").partition(",")
    return number.quantize(Decimal(1).scaleb(-int(scale or 0)), ROUND_HALF_UP)


def _single_precision(number: float) -> float:
    """Return the shortest number that a `real` does not tell from `number`, as PostgreSQL does.

    Raises:
        OverflowError: It is too large.
    """
    stored = struct.pack("f", number)
    shortest = (float(f"{number:.{digits}g}") for digits in range(6, 10))
    return next(each for each in shortest if struct.pack("f", each) == stored)
