"""Parses columns on the command line: `band:references pages:int note:text?`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from jobgen.columns.column_name import EXAMPLE, VALID_NAME, checked_name
from jobgen.columns.column_type import resolve_type
from jobgen.columns.defaults import default_sql
from jobgen.columns.references import Tables, reference
from jobgen.columns.types import has_order, spell_type
from jobgen.errors import UsageError
from jobgen.naming import quote_identifier
from jobgen.schema.model import Column, QualifiedName, Schema, TypeRef

_ARGUMENT = re.compile(
    r"""
    (?P<name>[^:=]*)
    : (?P<type>(?:"(?:[^"]|"")*"|\([^()]*\)|[^":=?()])+)
    (?P<nullable>\?)?
    (?P<options>(?::[a-z]+)*)
    (?:=(?P<value>.*))?
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_SEVERAL = re.compile(r"\w+:[^\s:,]+(?:[\s,]+\w+:[^\s:,]+)+")
REFERENCE_WORDS = ("references", "reference", "belongs_to")
"""What stands in the place of the type for a reference."""
_NOT_A_REFERENCE = re.compile(
    rf"({'|'.join(REFERENCE_WORDS)})\s*[\[(].*", re.IGNORECASE | re.DOTALL
)
_TARGET = re.compile(
    r'(?P<table>(?:"(?:[^"]|"")*"|[^"?:])*)(?P<nullable>\?)?(?P<options>(?::[A-Za-z]+)*)'
)
_OPTIONS = ("unique", "index")
_FORM = "name:type[?][:unique][:index][=default]"


@dataclass(frozen=True, slots=True)
class NewColumn:
    """A column to add to a table.

    Attributes:
        name: The column's name, not quoted.
        sql: The column's definition in CREATE TABLE, without a comma.
        type: Its type.
        not_null: Whether it is NOT NULL.
        default: Its default in SQL; None if it has none but NULL.
        unique: Whether it is UNIQUE.
        references: The table that it refers to, or None.
        index_reason: A sentence that gives the reason for the column's index; None if it has none.
        warning: What the user should know about it, or None.
        argument: The argument as it was typed.
    """

    name: str
    sql: str
    type: TypeRef
    not_null: bool = True
    default: str | None = None
    unique: bool = False
    references: QualifiedName | None = None
    index_reason: str | None = None
    warning: str | None = None
    argument: str = ""


def parse_columns(
    arguments: Sequence[str],
    schema: Schema,
    *,
    own_table: str | None = None,
    source: str = "Schema.sql",
    is_job: bool = True,
) -> tuple[NewColumn, ...]:
    """Parse all columns of a command line.

    Args:
        arguments: The columns as they were typed.
        schema: The types and tables that there are.
        own_table: The table that gets the columns, which they may refer to.
        source: Where the tables of `schema` are, for messages.
        is_job: Whether the table that gets the columns is a job's.

    Raises:
        UsageError: A column is not valid or is given twice.
    """
    columns = tuple(
        parse_column(argument, schema, own_table=own_table, source=source, is_job=is_job)
        for argument in arguments
    )
    seen: set[str] = set()
    for column in columns:
        if column.name in seen:
            raise UsageError(
                f"The column {column.name} is given twice.", hint="Remove one of the two."
            )
        seen.add(column.name)
    return columns


def parse_column(
    argument: str,
    schema: Schema,
    *,
    own_table: str | None = None,
    source: str = "Schema.sql",
    is_job: bool = True,
) -> NewColumn:
    """Parse a column in the form `name:type[?][:unique|:index][=default]`.

    The type is a word of SQL or Python (`int`, `numeric(10,2)`, `str`, `text[]`), a type of
    `schema` (`color`, `app.color`, `vector(3)`), or `references`. A reference names the existing
    table `names` or `name`, or the table in `name:references=table`. The parameters are those of
    `parse_columns`.

    Raises:
        UsageError: The column is not valid; the hint tells what to write instead.
    """
    if not argument.isprintable() and any("\ud800" <= each <= "\udfff" for each in argument):
        raise UsageError(f"{argument!r} is not UTF-8.")
    match = _ARGUMENT.fullmatch(argument.strip())
    if match is None or not match["type"].strip():
        _refuse_several(argument)
        raise UsageError(f"{argument!r} is not a valid column.", hint=_form_hint(argument))
    if match["type"].strip().lower() in REFERENCE_WORDS:
        tables = Tables(schema, source, own_table)
        return _reference_column(match, argument, tables, is_job=is_job)
    if _NOT_A_REFERENCE.fullmatch(match["type"].strip()):
        raise UsageError(
            f"{argument!r}: a reference is not an array and has no modifiers.", hint=EXAMPLE
        )
    name = checked_name(match["name"], argument, is_job=is_job)
    options = _options(match["options"], argument)
    type_ = resolve_type(match["type"], argument, schema)
    if options and not has_order(schema.base_type(type_)):
        raise UsageError(
            f"{argument!r}: values of the type {match['type'].strip()} have no order, so the column"
            f" can have neither UNIQUE nor an index of this kind.",
            hint="Use jsonb." if type_.name == "json" else f"Leave :{options[0]} out.",
        )
    value, nullable = match["value"], match["nullable"] is not None
    try:
        default = None if value is None else default_sql(value, type_, argument, schema)
    except UsageError:
        _refuse_several(argument)
        raise
    sql_type = spell_type(type_, schema)
    rejects_null = schema.is_not_null(Column("", type_))
    # DEFAULT NULL would replace the default of a domain that rejects NULL.
    has_null = nullable and not rejects_null and default is None
    indexed = "index" in options and "unique" not in options
    warning = f"The type {sql_type} does not allow NULL, so {name} does not, either."
    return NewColumn(
        name,
        _definition(
            name,
            sql_type,
            default="NULL" if has_null else default,
            not_null=not nullable,
            unique="unique" in options,
        ),
        type_,
        not_null=not nullable,
        default=default,
        unique="unique" in options,
        index_reason=f"Used by queries on {name}." if indexed else None,
        warning=warning if nullable and rejects_null else None,
        argument=argument,
    )


def require_nullable(column: NewColumn) -> None:
    """Check that a column can be filled while the job runs: until then it is NULL.

    Raises:
        UsageError: It does not allow NULL; the hint tells what to write instead.
    """
    if column.warning is not None:
        raise UsageError(
            f"{column.argument!r} is no result of a job: {column.warning}",
            hint="Choose a type that allows NULL: a result is NULL until the job has filled it.",
        )
    if column.not_null:
        argument = column.argument.strip()
        match = _ARGUMENT.fullmatch(argument)
        end = match.end("type") if match else len(argument)
        raise UsageError(
            f"{column.argument!r} must allow NULL: a result is NULL until the job has filled it.",
            hint=f"Write '{argument[:end]}?{argument[end:]}'.",
        )


def _reference_column(
    match: re.Match[str], argument: str, tables: Tables, *, is_job: bool
) -> NewColumn:
    """Parse `band:references`, where `?` and the options may also follow `=table`."""
    target = _TARGET.fullmatch(match["value"] or "")
    if target is None:
        raise UsageError(
            f"{argument!r}: {match['value']!r} is not the name of a table.", hint=EXAMPLE
        )
    options = _options(match["options"] + target["options"], argument)
    nullable = bool(match["nullable"] or target["nullable"])
    unique = "unique" in options
    base = checked_name(match["name"], argument, is_job=is_job)
    found = reference(base, target["table"].strip() or None, tables, argument, nullable=nullable)
    name = checked_name(f"{base.removesuffix('_id')}_id", argument, is_job=is_job)
    default = "NULL" if nullable else None
    sql = _definition(name, found.type_sql, default=default, not_null=not nullable, unique=unique)
    # A job that requires the row is deleted with it; one with a nullable reference is kept.
    action = "SET NULL" if nullable else "CASCADE"
    sql += f" REFERENCES {found.table_sql} ({found.key_sql}) ON DELETE {action}"
    reason = f"Used by ON DELETE of {found.table_sql} to find the jobs."
    return NewColumn(
        name,
        sql,
        found.key,
        not_null=not nullable,
        unique=unique,
        references=found.table.qualified,
        index_reason=None if unique else reason,
        argument=argument,
    )


def _form_hint(argument: str) -> str:
    """Return how to write an argument that has its parts in another order, or an example."""
    if argument.count("(") != argument.count(")"):
        return f"A parenthesis is not closed, or not opened. {EXAMPLE}"
    name, colon, rest = argument.strip().partition(":")
    parts = [part for part in re.split(r"(?<!:):(?!:)", rest.partition("=")[0]) if part]
    types = [part.replace("?", "") for part in parts if part.strip("?").lower() not in _OPTIONS]
    if not (colon and VALID_NAME.fullmatch(name) and len(types) == 1 and types[0].strip()):
        return f"{EXAMPLE} The order is {_FORM}."
    options = [f":{word}" for word in _OPTIONS if word in [p.strip("?").lower() for p in parts]]
    null = "?" if any("?" in part for part in parts) else ""
    _, equals, value = rest.partition("=")
    return f"Did you mean `{name}:{types[0].strip()}{null}{''.join(options)}{equals}{value}`?"


def _refuse_several(argument: str) -> None:
    """Raise an error if an invalid argument has several columns, as in quotes or with commas."""
    if _SEVERAL.fullmatch(argument.strip()):
        columns = " ".join(re.split(r"[\s,]+", argument.strip()))
        raise UsageError(f"{argument!r} is more than one column.", hint=f"Separate them: {columns}")


def _options(text: str, argument: str) -> list[str]:
    options = [option.lower() for option in text.split(":") if option]
    for option in options:
        if option not in _OPTIONS:
            _refuse_several(argument)
            raise UsageError(
                f"{argument!r}: {option!r} is not an option of a column.",
                hint=f"The options are :unique and :index, and =VALUE for a default: {_FORM}.",
            )
    return options


def _definition(
    name: str, type_sql: str, *, default: str | None, not_null: bool, unique: bool
) -> str:
    parts = [quote_identifier(name), type_sql]
    if default is not None:
        parts.append(f"DEFAULT {default}")
    if not_null:
        parts.append("NOT NULL")
    if unique:
        parts.append("UNIQUE")
    return " ".join(parts)
