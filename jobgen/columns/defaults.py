"""The default of a column on the command line, as SQL: `pages:int=5`."""

from __future__ import annotations

import re
from dataclasses import replace

from jobgen.columns.containers import (
    CheckText,
    check_array,
    check_composite,
    check_multirange,
    check_range,
)
from jobgen.columns.literal import InvalidLiteral
from jobgen.columns.literals import CHECKS, EXTENSION_CHECKS, is_true
from jobgen.errors import UsageError
from jobgen.schema.model import (
    BUILTIN_SCHEMA,
    Column,
    CompositeType,
    EnumType,
    RangeType,
    Schema,
    TypeRef,
)

_NUMBERS = frozenset({"int2", "int4", "int8", "oid", "numeric", "float4", "float8", "money"})
_MOMENTS = frozenset({"timestamp", "timestamptz"})
_TIMES = frozenset({"time", "timetz"})
_JSON = frozenset({"json", "jsonb"})
_RANGES = {
    "int4range": "int4",
    "int8range": "int8",
    "numrange": "numeric",
    "tsrange": "timestamp",
    "tstzrange": "timestamptz",
    "daterange": "date",
}
_MULTIRANGES = {name.replace("range", "multirange"): name for name in _RANGES}
# What is evaluated at each INSERT, with the types that it fits. As a string, `now` or `tomorrow`
# would be the time at which the table was created.
_FUNCTIONS = {
    "now()": ("NOW()", _MOMENTS | _TIMES | {"date"}),
    "now": ("NOW()", _MOMENTS | _TIMES),
    "current_timestamp": ("CURRENT_TIMESTAMP", _MOMENTS | _TIMES | {"date"}),
    "localtimestamp": ("LOCALTIMESTAMP", _MOMENTS | {"time", "date"}),
    "clock_timestamp()": ("clock_timestamp()", _MOMENTS | _TIMES | {"date"}),
    "current_time": ("CURRENT_TIME", _TIMES),
    "localtime": ("LOCALTIME", _TIMES),
    "today": ("CURRENT_DATE", _MOMENTS | {"date"}),
    "current_date": ("CURRENT_DATE", _MOMENTS | {"date"}),
    "tomorrow": ("CURRENT_DATE + 1", _MOMENTS | {"date"}),
    "current_date + 1": ("CURRENT_DATE + 1", _MOMENTS | {"date"}),
    "yesterday": ("CURRENT_DATE - 1", _MOMENTS | {"date"}),
    "current_date - 1": ("CURRENT_DATE - 1", _MOMENTS | {"date"}),
    "uuidv7()": ("uuidv7()", {"uuid"}),
    "gen_random_uuid()": ("gen_random_uuid()", {"uuid"}),
}
_CONSTANTS = {"infinity", "-infinity", "epoch"}
_STRING = re.compile(r"'((?:[^']|'')*)'", re.DOTALL)
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r"}


def default_sql(value: str, type_: TypeRef, argument: str, schema: Schema) -> str:
    """Return the expression after DEFAULT: a number, a boolean, a known function, or a string.

    Args:
        value: The default as it was typed, in single quotes or without.
        type_: The column's type.
        argument: The whole argument, for error messages.
        schema: The schema of the column's type.

    Raises:
        UsageError: The value is not one of the type, or Python cannot know whether it is.
    """
    quoted = _STRING.fullmatch(value)
    text = quoted[1].replace("''", "'") if quoted else value
    word = " ".join(value.lower().split())
    base = schema.base_type(type_)
    scalar = base.name if base.is_builtin and not base.dimensions else ""
    if not quoted:
        if word == "null" and scalar not in _JSON:
            raise UsageError(
                f"{argument!r}: NULL is the default of every column that allows it.",
                hint="Write ? after the type, and no default. The word is written ='null'.",
            )
        if scalar in _FUNCTIONS.get(word, ("", ()))[1]:
            return _FUNCTIONS[word][0]
        if word == "now" and scalar == "date":
            return "CURRENT_DATE"
    if scalar in _MOMENTS | {"date"} and (constant := text.strip().lower()) in _CONSTANTS:
        return f"'{constant}'"
    try:
        check_literal(text, type_, schema)
    except InvalidLiteral as error:
        raise UsageError(
            f"{argument!r}: {error.text!r} is not {error.expected}.",
            hint=_hint(error, argument, value, scalar),
        ) from None
    if scalar == "bool":
        return "TRUE" if is_true(text) else "FALSE"
    if scalar in _NUMBERS and text.strip().lstrip("+-")[0] in "0123456789.":
        return text.strip()
    return _string(text)


def typed_default(sql: str) -> str:
    """Return a default as it can be typed on the command line: the inverse of `default_sql`."""
    if not (sql.startswith("E'") and sql.endswith("'")):
        return sql
    unescaped = {"n": "\n", "r": "\r"}
    return re.sub(r"\\(.)", lambda match: unescaped.get(match[1], match[1]), sql[1:])


def check_literal(text: str, type_: TypeRef, schema: Schema) -> object:
    """Check that a text is a literal of a type.

    The CHECK of a domain and literals of most extensions are not checked: only a server can.

    Returns:
        A value to compare with others of a built-in type; None if it cannot be compared.

    Raises:
        InvalidLiteral: It is not valid, or jobgen cannot tell whether it is.
    """
    try:
        return _check(text, schema.base_type(type_), schema)
    except InvalidLiteral as error:
        if error.text is None:
            error.text = text
        raise


def _check(text: str, base: TypeRef, schema: Schema) -> object:
    if base.dimensions:
        element = replace(base, dimensions=0)
        if base.is_builtin and base.name == "box":
            raise InvalidLiteral("a default that can be checked")
        check_array(
            text,
            base.dimensions,
            lambda item: check_literal(item, element, schema),
            rejects_null=schema.is_not_null(Column("", element)),
        )
        return None
    if base.is_builtin:
        return _check_builtin(text, base, schema)
    match schema.types.get(base.qualified):
        case EnumType(labels) if text not in labels:
            hint = f"Use one of {', '.join(labels)}." if labels else None
            raise InvalidLiteral(f"a value of the enum {base.name}", hint)
        case RangeType(subtype):
            check_range(
                text,
                lambda bound: check_literal(bound, subtype, schema),
                subtype.name if subtype.is_builtin else "",
            )
        case CompositeType(attributes):
            check_composite(text, [_attribute_check(each, schema) for each in attributes])
        case None if base.name in EXTENSION_CHECKS and base.qualified in schema.extension_types:
            EXTENSION_CHECKS[base.name](text, _numbers(base.modifiers))
        case _:
            pass
    return None


def _attribute_check(attribute: Column, schema: Schema) -> tuple[CheckText, bool]:
    """Return the check of an attribute of a composite type, and whether it rejects NULL."""
    rejects_null = schema.is_not_null(Column("", attribute.type))
    return lambda field: check_literal(field, attribute.type, schema), rejects_null


def _numbers(modifiers: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"-?\d+", modifiers))


def _check_builtin(text: str, type_: TypeRef, schema: Schema) -> object:
    name = _MULTIRANGES.get(type_.name, type_.name)
    if name in _RANGES:
        subtype = TypeRef(BUILTIN_SCHEMA, _RANGES[name])
        check = check_range if name == type_.name else check_multirange
        check(text, lambda bound: check_literal(bound, subtype, schema), subtype.name)
        return None
    if name not in CHECKS:
        hint = "Leave it out, and set it in Schema.sql: ALTER TABLE … ALTER COLUMN … SET DEFAULT …"
        raise InvalidLiteral(f"a default that can be checked: its type is {name}", hint)
    try:
        return CHECKS[name](text, _numbers(type_.modifiers))
    except (ValueError, ArithmeticError):
        raise InvalidLiteral(f"a value of the type {name}") from None


def _hint(error: InvalidLiteral, argument: str, value: str, scalar: str) -> str | None:
    """Return what to write instead of an invalid default."""
    if options := re.search(r":(unique|index)$", value, re.IGNORECASE):
        column = argument.strip().removesuffix(f"={value}")
        return f"Did you mean {column}{options[0].lower()}={value.removesuffix(options[0])}?"
    word = {"date": "today"}.get(scalar, "now" if scalar in _MOMENTS | _TIMES else None)
    if word and error.hint:
        return f"{error.hint} For the time of the INSERT, write {word}, without quotes."
    return error.hint


def _string(text: str) -> str:
    """Return a string as SQL writes it, on one line."""
    doubled = text.replace("'", "''")
    if not any(character in text for character in _ESCAPES):
        return f"'{doubled}'"
    return "E'" + "".join(_ESCAPES.get(character, character) for character in doubled) + "'"
