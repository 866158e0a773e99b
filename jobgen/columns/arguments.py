"""Typed columns from the command line: `band:references priority:int note:text?`."""

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
# Every table has these in PostgreSQL itself.
_SYSTEM_COLUMNS = frozenset({"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"})
_REFERENCES = ("references", "reference", "belongs_to")
_TARGET = re.compile(r"(?P<table>[^?:]*)(?P<nullable>\?)?(?P<options>(?::[A-Za-z]+)*)")
_OPTIONS = ("unique", "index")
_EXAMPLE = "A column is name:type, for example priority:int, note:text? or band:references."


@dataclass(frozen=True, slots=True)
class NewColumn:
    """A column of a job's table that is to be made.

    `sql` is its whole line in CREATE TABLE; `index_reason` says, as a sentence, why it has an
    index of its own, and is None where it has none.
    """

    name: str
    sql: str
    index_reason: str | None = None


def parse_columns(arguments: Sequence[str], schema: Schema) -> tuple[NewColumn, ...]:
    """The columns that a command line gives, in its order. Raises UsageError."""
    columns = tuple(parse_column(argument, schema) for argument in arguments)
    seen: set[str] = set()
    for column in columns:
        if column.name in seen:
            raise UsageError(
                f"The column {column.name} is given twice.", hint="Take one of the two out."
            )
        seen.add(column.name)
    return columns


def parse_column(argument: str, schema: Schema) -> NewColumn:
    """The column that `name:type[?][:unique|:index][=default]` means.

    The type is a word of SQL or of Python (`int`, `numeric(10,2)`, `str`, `text[]`), an enum or
    a domain of `schema`, or `references`: the existing table `names`, else `name`, else the one
    that `name:references=table` says. Raises UsageError with what to write instead.
    """
    match = _ARGUMENT.fullmatch(argument.strip())
    if match is None or not match["type"].strip():
        raise UsageError(f"{argument!r} is not a column.", hint=_EXAMPLE)
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
    return NewColumn(name, sql, index_reason=f"For queries by {name}." if indexed else None)


def _reference_column(match: re.Match[str], argument: str, schema: Schema) -> NewColumn:
    """`band:references`; after `=table` the `?` and the options may stand too."""
    target = _TARGET.fullmatch(match["value"] or "")
    if match["modifiers"] or match["array"] or target is None:
        raise UsageError(f"{argument!r}: a reference is to one row of one table.", hint=_EXAMPLE)
    options = _options(match["options"] + target["options"], argument)
    nullable = bool(match["nullable"] or target["nullable"])
    unique = "unique" in options
    base = _checked_name(match["name"], argument)
    found = reference(base, target["table"] or None, schema)
    name = _checked_name(f"{base.removesuffix('_id')}_id", argument)
    sql = _definition(name, found.type_sql, nullable=nullable, unique=unique)
    # A job that may do without the row outlives it; one that needs it has nothing left to do.
    action = "SET NULL" if nullable else "CASCADE"
    sql += f" REFERENCES {found.table_sql} ({found.key_sql}) ON DELETE {action}"
    reason = f"Deleting a row of {found.table_sql} finds its jobs here."
    return NewColumn(name, sql, index_reason=None if unique else reason)


def _options(text: str, argument: str) -> list[str]:
    options = [option.lower() for option in text.split(":") if option]
    for option in options:
        if option not in _OPTIONS:
            raise UsageError(
                f"{argument!r}: there is no option {option!r} for a column.",
                hint=f"There are {' and '.join(_OPTIONS)}; {_EXAMPLE[0].lower()}{_EXAMPLE[1:]}",
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
    """The column's name, if it can be one."""
    if not _NAME.fullmatch(name):
        better = snake_case(name)
        hint = f"Call it {better}." if better and _NAME.fullmatch(better) else _EXAMPLE
        raise UsageError(
            f"{argument!r}: {name!r} cannot be a column's name: it may have small letters"
            " (a to z), digits and underscores, and starts with a letter.",
            hint=hint,
        )
    if len(name) > MAX_IDENTIFIER_BYTES:
        raise UsageError(
            f"The column's name {name[:40]}… has {len(name)} bytes,"
            f" and PostgreSQL allows {MAX_IDENTIFIER_BYTES}.",
            hint="Choose a shorter name.",
        )
    if name in JOB_COLUMNS:
        raise UsageError(
            f"{argument!r}: every job has the column {name} already.", hint="Choose another name."
        )
    if name in _SYSTEM_COLUMNS:
        raise UsageError(
            f"{argument!r}: {name} is a column that PostgreSQL itself has in every table.",
            hint="Choose another name.",
        )
    return name


def _type_of(match: re.Match[str], argument: str, schema: Schema) -> TypeRef:
    """The type that the argument names, with its modifiers and brackets."""
    word = " ".join((match["type"] + (match["zone"] or "")).lower().split())
    modifiers = (match["modifiers"] or "").replace(" ", "")
    type_ = _named_type(word, match["type"].strip(), argument, schema)
    if modifiers:
        if not type_.is_builtin or not takes_modifiers(type_.name):
            raise UsageError(f"{argument!r}: the type {word} takes nothing in brackets.")
        if not _MODIFIERS.fullmatch(modifiers):
            raise UsageError(
                f"{argument!r}: {modifiers} is not a length or a precision.",
                hint="For example varchar(100) or numeric(10,2).",
            )
        type_ = replace(type_, modifiers=modifiers)
    return replace(type_, dimensions=match["array"].count("["))


def _named_type(word: str, spelled: str, argument: str, schema: Schema) -> TypeRef:
    if name := TYPE_OF_WORD.get(word):
        return TypeRef(BUILTIN_SCHEMA, name)
    for candidate in (spelled, word):
        if found := schema.find_type(candidate):
            return TypeRef(found.schema, found.name)
    # An extension's type is known by a column that has it.
    for table in schema.tables.values():
        for column in table.columns:
            if column.type.name == word and not column.type.is_builtin:
                return TypeRef(column.type.schema, word)
    own = [name.name for name in schema.types]
    close = get_close_matches(word, [*TYPE_OF_WORD, "references", *own], n=1, cutoff=0.6)
    raise UsageError(
        f"{argument!r}: there is no type {spelled!r}.",
        hint=f"Did you mean {close[0]}?"
        if close
        else "It is a type of PostgreSQL (text, int, timestamptz, …), a word of Python's for one"
        " (str, datetime, bytes, …), or an enum or domain of Schema.sql; any other column can be"
        " added to Schema.sql by hand.",
    )
