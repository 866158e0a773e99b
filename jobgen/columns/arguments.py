"""Parses columns on the command line: `band:references pages:int note:text?`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from jobgen_runtime.job_table.columns import JOB_COLUMNS
from jobgen_runtime.job_table.names import MAX_IDENTIFIER_BYTES

from jobgen.columns.defaults import default_sql
from jobgen.columns.references import reference
from jobgen.columns.types import TYPE_OF_WORD, spell_type, takes_modifiers
from jobgen.errors import UsageError
from jobgen.naming import quote_identifier, snake_case
from jobgen.schema.model import BUILTIN_SCHEMA, Schema, TypeRef

_ARGUMENT = re.compile(
    r"""
    (?P<name>[^:=]*)
    : (?P<type>[^:=?\[(]*)
    (?P<modifiers>\([^)]*\))?
    (?P<zone>\s+with(?:out)?\s+time\s+zone)?
    (?P<array>(?:\[\d*\])*)
    (?P<nullable>\?)?
    (?P<options>(?::[a-z]+)*)
    (?:=(?P<value>.*))?
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_MODIFIERS = re.compile(r"\(\s*-?\d+\s*(?:,\s*-?\d+\s*)?\)")
# PostgreSQL adds these to every table.
_SYSTEM_COLUMNS = frozenset({"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"})
_REFERENCES = ("references", "reference", "belongs_to")
_TARGET = re.compile(r"(?P<table>[^?:]*)(?P<nullable>\?)?(?P<options>(?::[A-Za-z]+)*)")
_OPTIONS = ("unique", "index")
_EXAMPLE = "Write name:type, for example pages:int, note:text? or band:references."


@dataclass(frozen=True, slots=True)
class NewColumn:
    """A column to add to a job's table.

    Attributes:
        name: The column's name, not quoted.
        sql: The column's definition in CREATE TABLE, without a comma.
        index_reason: A sentence that gives the reason for the column's index; None if it has none.
    """

    name: str
    sql: str
    index_reason: str | None = None


def parse_columns(arguments: Sequence[str], schema: Schema) -> tuple[NewColumn, ...]:
    """Parse all columns of a command line.

    Raises:
        UsageError: A column is not valid or is given twice.
    """
    columns = tuple(parse_column(argument, schema) for argument in arguments)
    seen: set[str] = set()
    for column in columns:
        if column.name in seen:
            raise UsageError(
                f"The column {column.name} is given twice.", hint="Remove one of the two."
            )
        seen.add(column.name)
    return columns


def parse_column(argument: str, schema: Schema) -> NewColumn:
    """Parse a column in the form `name:type[?][:unique|:index][=default]`.

    The type is a word of SQL or Python (`int`, `numeric(10,2)`, `str`, `text[]`), an enum or a
    domain of `schema`, or `references`. A reference is to the existing table `names` or `name`, or
    to the table in `name:references=table`.

    Raises:
        UsageError: The column is not valid; the hint tells what to write instead.
    """
    match = _ARGUMENT.fullmatch(argument.strip())
    if match is None or not match["type"].strip():
        raise UsageError(f"{argument!r} is not a valid column.", hint=_EXAMPLE)
    if match["type"].strip().lower() in _REFERENCES:
        return _reference_column(match, argument, schema)
    name = _checked_name(match["name"], argument)
    options = _options(match["options"], argument)
    type_ = _type_of(match, argument, schema)
    value = match["value"]
    sql = _definition(
        name,
        spell_type(type_, schema),
        nullable=match["nullable"] is not None,
        unique="unique" in options,
        default=None if value is None else default_sql(value, type_, argument, schema),
    )
    indexed = "index" in options and "unique" not in options
    return NewColumn(name, sql, index_reason=f"Used by queries on {name}." if indexed else None)


def _reference_column(match: re.Match[str], argument: str, schema: Schema) -> NewColumn:
    """Parse `band:references`, where `?` and the options may also follow `=table`."""
    target = _TARGET.fullmatch(match["value"] or "")
    if match["modifiers"] or match["array"] or target is None:
        raise UsageError(
            f"{argument!r}: a reference is not an array and has no modifiers.",
            hint=_EXAMPLE,
        )
    options = _options(match["options"] + target["options"], argument)
    nullable = bool(match["nullable"] or target["nullable"])
    unique = "unique" in options
    base = _checked_name(match["name"], argument)
    found = reference(base, target["table"] or None, schema)
    name = _checked_name(f"{base.removesuffix('_id')}_id", argument)
    sql = _definition(name, found.type_sql, nullable=nullable, unique=unique)
    # A job that requires the row is deleted with it; one with a nullable reference is kept.
    action = "SET NULL" if nullable else "CASCADE"
    sql += f" REFERENCES {found.table_sql} ({found.key_sql}) ON DELETE {action}"
    reason = f"Used by ON DELETE of {found.table_sql} to find the jobs."
    return NewColumn(name, sql, index_reason=None if unique else reason)


def _options(text: str, argument: str) -> list[str]:
    options = [option.lower() for option in text.split(":") if option]
    for option in options:
        if option not in _OPTIONS:
            raise UsageError(
                f"{argument!r}: {option!r} is not an option of a column.",
                hint=f"The options are {' and '.join(_OPTIONS)}. {_EXAMPLE}",
            )
    return options


def _definition(
    name: str, type_sql: str, *, nullable: bool, unique: bool, default: str | None = None
) -> str:
    parts = [quote_identifier(name), type_sql]
    if default is not None or nullable:
        parts.append(f"DEFAULT {default or 'NULL'}")
    if not nullable:
        parts.append("NOT NULL")
    if unique:
        parts.append("UNIQUE")
    return " ".join(parts)


def _checked_name(name: str, argument: str) -> str:
    """Return `name` if it is a valid name for a new column of a job's table."""
    if not _NAME.fullmatch(name):
        valid = snake_case(name)
        hint = f"Call it {valid}." if valid and _NAME.fullmatch(valid) else _EXAMPLE
        raise UsageError(
            f"{argument!r}: {name!r} is not a valid column name: use lower-case letters (a to z),"
            " digits and underscores, starting with a letter.",
            hint=hint,
        )
    if len(name) > MAX_IDENTIFIER_BYTES:
        raise UsageError(
            f"The column name {name[:40]}… has {len(name)} bytes,"
            f" and PostgreSQL allows {MAX_IDENTIFIER_BYTES}.",
            hint="Choose a shorter name.",
        )
    if name in JOB_COLUMNS:
        raise UsageError(
            f"{argument!r}: every job table already has a column {name}.",
            hint="Choose another name.",
        )
    if name in _SYSTEM_COLUMNS:
        raise UsageError(
            f"{argument!r}: {name} is a system column of PostgreSQL.",
            hint="Choose another name.",
        )
    return name


def _type_of(match: re.Match[str], argument: str, schema: Schema) -> TypeRef:
    """Return the type that the argument names, with its modifiers and dimensions."""
    word = " ".join((match["type"] + (match["zone"] or "")).lower().split())
    modifiers = (match["modifiers"] or "").replace(" ", "")
    type_ = _named_type(word, match["type"].strip(), argument, schema)
    if modifiers:
        if not type_.is_builtin or not takes_modifiers(type_.name):
            raise UsageError(
                f"{argument!r}: the type {word} has no modifiers.",
                hint=f"Write {word} without parentheses.",
            )
        if not _MODIFIERS.fullmatch(modifiers):
            raise UsageError(
                f"{argument!r}: {modifiers} is not a length or precision.",
                hint="Write for example varchar(100) or numeric(10,2).",
            )
        type_ = replace(type_, modifiers=modifiers)
    return replace(type_, dimensions=match["array"].count("["))


def _named_type(word: str, spelled: str, argument: str, schema: Schema) -> TypeRef:
    if name := TYPE_OF_WORD.get(word):
        return TypeRef(BUILTIN_SCHEMA, name)
    for candidate in (spelled, word):
        if found := schema.find_type(candidate):
            return TypeRef(found.schema, found.name)
    # The types of extensions are not in the schema, but a column can have one.
    for table in schema.tables.values():
        for column in table.columns:
            if column.type.name == word and not column.type.is_builtin:
                return TypeRef(column.type.schema, word)
    own = [name.name for name in schema.types]
    close = get_close_matches(word, [*TYPE_OF_WORD, "references", *own], n=1, cutoff=0.6)
    raise UsageError(
        f"{argument!r}: {spelled!r} is not a known type.",
        hint=f"Did you mean {close[0]}?"
        if close
        else "Use a type of PostgreSQL (text, int, timestamptz, …), its Python name (str, datetime,"
        " bytes, …), or an enum or domain of Schema.sql. Add a column of any other type to"
        " Schema.sql by hand.",
    )
