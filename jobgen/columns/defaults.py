"""The default of a column on the command line, as SQL: `pages:int=5`."""

from __future__ import annotations

import re

from jobgen.errors import UsageError
from jobgen.schema.model import EnumType, Schema, TypeRef

_INTEGERS = frozenset({"int2", "int4", "int8", "oid"})
_NUMBERS = frozenset({"numeric", "float4", "float8"})
_BOOLEANS = {"true": "TRUE", "yes": "TRUE", "1": "TRUE", "false": "FALSE", "no": "FALSE"}
_BOOLEANS["0"] = "FALSE"
# The functions that are common as defaults, with the types that they fit.
_FUNCTIONS = {
    "now()": ("NOW()", {"timestamp", "timestamptz", "date", "time", "timetz"}),
    "now": ("NOW()", {"timestamp", "timestamptz", "time", "timetz"}),
    "today": ("CURRENT_DATE", {"date"}),
    "current_date": ("CURRENT_DATE", {"date"}),
    "current_timestamp": ("CURRENT_TIMESTAMP", {"timestamp", "timestamptz"}),
    "uuidv7()": ("uuidv7()", {"uuid"}),
    "gen_random_uuid()": ("gen_random_uuid()", {"uuid"}),
}


def default_sql(value: str, type_: TypeRef, argument: str, schema: Schema) -> str:
    """Return the expression after DEFAULT: a number, a boolean, a known function, or a string.

    Args:
        value: The default as it was typed.
        type_: The column's type.
        argument: The whole argument, for error messages.
        schema: The schema of the column's type.

    Raises:
        UsageError: The value is clearly not one of the type: not a number, a boolean or a label.
    """
    lower = value.strip().lower()
    base = schema.base_type(type_)
    if base.is_builtin and not base.dimensions:
        if lower in _FUNCTIONS and base.name in _FUNCTIONS[lower][1]:
            return _FUNCTIONS[lower][0]
        if base.name in _INTEGERS:
            return _checked(r"-?\d+", value, argument, "a whole number")
        if base.name in _NUMBERS:
            return _checked(r"-?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", value, argument, "a number")
        if base.name == "bool":
            if lower not in _BOOLEANS:
                raise UsageError(
                    f"{argument!r}: {value!r} is not a boolean.", hint="Write true or false."
                )
            return _BOOLEANS[lower]
    enum = schema.types.get(base.qualified)
    if isinstance(enum, EnumType) and not base.dimensions and value not in enum.labels:
        raise UsageError(
            f"{argument!r}: {value!r} is not a value of the enum {type_.name}.",
            hint=f"Use one of {', '.join(enum.labels)}.",
        )
    text = value.replace("'", "''")
    return f"E'{text}'".replace("\\", "\\\\") if "\\" in value else f"'{text}'"


def _checked(pattern: str, value: str, argument: str, expected: str) -> str:
    stripped = value.strip()
    if not re.fullmatch(pattern, stripped, re.ASCII):
        raise UsageError(f"{argument!r}: {value!r} is not {expected}.")
    return stripped
