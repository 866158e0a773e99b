"""`priority:int=5`: a default as people type it, as SQL."""

from __future__ import annotations

import re

from jobgen.errors import UsageError
from jobgen.schema.model import EnumType, Schema, TypeRef

_INTEGERS = frozenset({"int2", "int4", "int8", "oid"})
_NUMBERS = frozenset({"numeric", "float4", "float8"})
_BOOLEANS = {"true": "TRUE", "yes": "TRUE", "1": "TRUE", "false": "FALSE", "no": "FALSE"}
_BOOLEANS["0"] = "FALSE"
# The functions that a default is usually asked for, by the types that they fit.
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
    """The expression after DEFAULT: a number or a boolean as it is, a known function, else text.

    Raises UsageError for a value that the type cannot hold, as far as that is plain to see.
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
                raise UsageError(f"{argument!r}: {value!r} is neither true nor false.")
            return _BOOLEANS[lower]
    enum = schema.types.get(base.qualified)
    if isinstance(enum, EnumType) and not base.dimensions and value not in enum.labels:
        raise UsageError(
            f"{argument!r}: {value!r} is no value of {type_.name}.",
            hint=f"There are {', '.join(enum.labels)}.",
        )
    text = value.replace("'", "''")
    return f"E'{text}'".replace("\\", "\\\\") if "\\" in value else f"'{text}'"


def _checked(pattern: str, value: str, argument: str, what: str) -> str:
    stripped = value.strip()
    if not re.fullmatch(pattern, stripped, re.ASCII):
        raise UsageError(f"{argument!r}: {value!r} is not {what}.")
    return stripped
