"""The default of a column as Python text, for records that are built without a database."""

from __future__ import annotations

import math
import re
from decimal import Decimal, InvalidOperation

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
        A literal, an attribute of `Table` such as `Table.NOW`, or `Table.DATABASE` if only the
        database knows the value. None if the column has no default.
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
        return "Table.NOW"
    return _UNKNOWN


def _constant(
    default: Default, base: TypeRef, schema: Schema, annotation: Annotation
) -> str | None:
    text = default.text
    if base.dimensions:
        return "[]" if text == "{}" and annotation.is_array else None
    if base.is_builtin:
        return _builtin_constant(text, base.name)
    type_ = schema.types.get(base.qualified)
    if isinstance(type_, EnumType) and annotation.enum and text in type_.labels:
        members = dict(zip(type_.labels, member_names(type_.labels), strict=True))
        return f"{annotation.enum}.{members[text]}"
    return None


def _builtin_constant(text: str, type_name: str) -> str | None:
    match type_name:
        case "int2" | "int4" | "int8":
            return str(int(text)) if re.fullmatch(r"-?[0-9]+", text) else None
        case "float4" | "float8" | "numeric":
            return _number(text, is_exact=type_name == "numeric")
        case "bool":
            return _BOOLEANS.get(text.lower())
        case "text" | "varchar":
            return quoted(text)
        case "json" | "jsonb":
            return text if text in {"{}", "[]"} else None
        case _:
            return None


def _number(text: str, *, is_exact: bool) -> str | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if not math.isfinite(number):
        return None
    return f'Decimal("{number:f}")' if is_exact else repr(float(number))
