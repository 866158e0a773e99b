"""The table and key that a reference on the command line names: `band:references`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from jobgen_runtime.job_table.columns import JOB_COLUMNS

from jobgen.columns.names import candidates, closest, typed_table
from jobgen.columns.types import spell_type
from jobgen.errors import UsageError
from jobgen.naming import quote_identifier, singular
from jobgen.schema.model import BUILTIN_SCHEMA, Column, DomainType, Schema, Table, TypeRef


class UnknownTableError(UsageError):
    """A reference names a table that does not exist."""


@dataclass(frozen=True, slots=True)
class Reference:
    """The target of a foreign key.

    Attributes:
        table: The referenced table.
        key: The type of its key.
        table_sql: Its name in SQL.
        key_sql: The name of its key in SQL.
        type_sql: The type of its key in SQL.
        is_own: Whether it is the table that refers to it.
    """

    table: Table
    key: TypeRef
    table_sql: str
    key_sql: str
    type_sql: str
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables that a column can refer to.

    Attributes:
        schema: The schema with the existing tables.
        source: Where they are, for messages: `Application/Schema.sql`, or the database as well.
        own: The name of the table that gets the column; None if there is none.
    """

    schema: Schema
    source: str = "Schema.sql"
    own: str | None = None

    @property
    def own_table(self) -> Table | None:
        """The table that gets the column, as far as others can refer to it."""
        if self.own is None:
            return None
        key = Column("id", TypeRef(BUILTIN_SCHEMA, JOB_COLUMNS["id"].type), not_null=True)
        return Table(self.schema.default_schema, self.own, (key,), primary_key=("id",))


def reference(
    name: str, table_name: str | None, tables: Tables, argument: str, *, nullable: bool
) -> Reference:
    """Return the target of `name:references[=table_name]`.

    Args:
        name: The name before the colon.
        table_name: The name of the table as it was typed; None to find one by `name`.
        tables: The tables that there are.
        argument: The whole argument, for error messages.
        nullable: Whether the column allows NULL.

    Raises:
        UsageError: There is no such table, or its primary key is not a single column.
    """
    schema = tables.schema
    table = _referenced_table(name, table_name, tables, argument)
    is_own = table.name == tables.own and table.schema == schema.default_schema
    shown = table.name if is_own else typed_table(table, schema)
    if len(table.primary_key) != 1:
        fault = "has no primary key" if not table.primary_key else "has a key of several columns"
        raise UsageError(
            f"{argument!r} needs a table with a key of one column, but {shown} {fault}.",
            hint=f"Add the columns to {tables.source} by hand.",
        )
    key = table.column(table.primary_key[0])
    if key is None:
        raise UsageError(f"{argument!r}: the primary key of {shown} is not one of its columns.")
    if is_own and not nullable:
        raise UsageError(
            f"{argument!r}: every job would need an earlier one, so there could be no first one.",
            hint=f"Allow NULL with ?: {name}:references={shown}?",
        )
    type_ = _nullable(key.type, schema) if nullable else key.type
    table_sql = quote_identifier(table.name)
    if not is_own and schema.find_table(table.name) != table:
        table_sql = f"{quote_identifier(table.schema)}.{table_sql}"
    key_sql = quote_identifier(key.name)
    return Reference(table, type_, table_sql, key_sql, spell_type(type_, schema), is_own)


def _nullable(type_: TypeRef, schema: Schema) -> TypeRef:
    """Return the type of a nullable column that refers to a key: not a domain that rejects NULL."""
    while isinstance(domain := schema.types.get(type_.qualified), DomainType):
        if not schema.is_not_null(Column("", replace(type_, dimensions=0))):
            break
        type_ = domain.base
    return type_


def _referenced_table(name: str, table_name: str | None, tables: Tables, argument: str) -> Table:
    schema = tables.schema
    stem = name.removesuffix("_id")
    for candidate in [table_name] if table_name else [f"{stem}s", stem]:
        if found := _find(candidate, tables):
            return found
    known = [table for table in schema.tables.values() if table.partition_of is None]
    if table_name is None:
        plurals = [table for table in known if singular(table.name) == stem]
        visible = [table for table in plurals if schema.find_table(table.name) == table]
        if len(visible) == 1:
            return visible[0]
        elsewhere = [table for table in known if table.name in (f"{stem}s", stem)]
        if found_ := visible or elsewhere or plurals:
            arguments = [f"{name}:references={typed_table(each, schema)}" for each in found_]
            raise UsageError(
                f"{argument!r} does not say which table it refers to.",
                hint=f"Write {' or '.join(arguments)}.",
            )
    wanted = table_name or f"{stem}s"
    typed = {typed_table(table, schema): table.name for table in known}
    last = wanted.rpartition(".")[2].strip('"').lower()
    same = [shown for shown, table in typed.items() if table.lower() == last]
    close = same or [
        shown for shown, table in typed.items() if table == closest(last, typed.values())
    ]
    suggestions = " or ".join(f"{name}:references={each}" for each in close)
    if table_name:
        raise UnknownTableError(
            f"{argument!r}: there is no table {table_name} in {tables.source}.",
            hint=f"Did you mean {suggestions}?" if close else None,
        )
    raise UnknownTableError(
        f"{argument!r} needs a table {stem}s or {stem}, and there is none in {tables.source}.",
        hint=f"Did you mean {suggestions}?"
        if close
        else f"Create the table first, or name another one: {name}:references=TABLE.",
    )


def _find(typed: str, tables: Tables) -> Table | None:
    own = tables.own_table
    for name in candidates(typed, tables.schema):
        if table := tables.schema.tables.get(name):
            return table
        if own and name == own.qualified:
            return own
    return None
