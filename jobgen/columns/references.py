"""The table and key that a reference on the command line is to: `band:references`."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from jobgen.columns.types import spell_type
from jobgen.errors import UsageError
from jobgen.naming import quote_identifier, singular
from jobgen.schema.model import QualifiedName, Schema, Table


@dataclass(frozen=True, slots=True)
class Reference:
    """The target of a foreign key, with names quoted for SQL where necessary."""

    table_sql: str
    key_sql: str
    type_sql: str


def reference(name: str, table_name: str | None, schema: Schema) -> Reference:
    """Return the target of `name:references[=table_name]`.

    Raises:
        UsageError: There is no such table, or its primary key is not a single column.
    """
    table = _referenced_table(name, table_name, schema)
    if len(table.primary_key) != 1:
        fault = "has no primary key" if not table.primary_key else "has a key of several columns"
        raise UsageError(
            f"{name}:references needs a table with a key of one column, but {table.name} {fault}.",
            hint="Add the columns to Schema.sql by hand.",
        )
    key = table.column(table.primary_key[0])
    if key is None:
        raise UsageError(f"The primary key of {table.name} is not one of its columns.")
    table_sql = quote_identifier(table.name)
    if schema.find_table(table.name) is not table:
        table_sql = f"{quote_identifier(table.schema)}.{table_sql}"
    return Reference(table_sql, quote_identifier(key.name), spell_type(key.type, schema))


def _referenced_table(name: str, table_name: str | None, schema: Schema) -> Table:
    stem = name.removesuffix("_id")
    wanted = [table_name] if table_name else [f"{stem}s", stem]
    for candidate in wanted:
        if found := _find(candidate, schema):
            return found
    visible = [table.name for table in schema.tables.values() if table.partition_of is None]
    if table_name is None:
        plurals = [table for table in visible if singular(table) == stem]
        if len(plurals) == 1 and (found := _find(plurals[0], schema)):
            return found
    close = get_close_matches(table_name or f"{stem}s", visible, n=1, cutoff=0.6)
    if table_name:
        hint = f"Did you mean {name}:references={close[0]}?" if close else None
        raise UsageError(f"There is no table {table_name} in Schema.sql.", hint=hint)
    raise UsageError(
        f"{name}:references needs a table {stem}s or {stem}, but Schema.sql has neither.",
        hint=f"Name the table: {name}:references={close[0] if close else 'people'}",
    )


def _find(name: str, schema: Schema) -> Table | None:
    if "." in name:
        return schema.tables.get(QualifiedName(*name.split(".", 1)))
    return schema.find_table(name)
