"""The SQL of tables, columns, enum values and indexes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from jobgen.migrate.objects import Column, Constraint, Table

_INDEX_HEAD = re.compile(r"^CREATE (UNIQUE )?INDEX ")
_SCHEMA = re.compile(r'(?:"(?:[^"]|"")+"|[^".]+)\.')


def literal(text: str) -> str:
    """Return a text as a string constant of SQL."""
    return "'" + text.replace("'", "''") + "'"


def column_clause(column: Column) -> str:
    """Return a column as it is written in CREATE TABLE and after ADD COLUMN."""
    parts = [column.name, column.type]
    if column.collation:
        parts.append(f"COLLATE {column.collation}")
    if column.generated:
        kind = "STORED" if column.generated == "s" else "VIRTUAL"
        parts.append(f"GENERATED ALWAYS AS ({column.expression}) {kind}")
    elif column.identity:
        kind = "ALWAYS" if column.identity == "a" else "BY DEFAULT"
        parts.append(f"GENERATED {kind} AS IDENTITY")
    elif column.expression is not None:
        parts.append(f"DEFAULT {column.expression}")
    if column.not_null:
        parts.append("NOT NULL")
    return " ".join(parts)


def create_table(
    table: Table, columns: Iterable[Column], constraints: Iterable[Constraint]
) -> tuple[str, ...]:
    """Return the statements that create a table with these columns and constraints."""
    lines = [column_clause(column) for column in columns]
    lines += [f"CONSTRAINT {c.name} {c.definition}" for c in constraints]
    body = "(\n    " + ",\n    ".join(lines) + "\n)" if lines else "()"
    head = f"CREATE {table.persistence}TABLE {table.name}"
    if table.partition_of:
        head += f" PARTITION OF {table.partition_of}"
        body = f"{body if lines else ''} {table.bound}".strip()
    statement = f"{head} {body}"
    if table.inherits:
        statement += f" INHERITS ({table.inherits})"
    if table.partition_key:
        statement += f" PARTITION BY {table.partition_key}"
    if table.options:
        statement += f" WITH ({table.options})"
    return (statement, *row_security(table))


def row_security(table: Table, before: Table | None = None) -> tuple[str, ...]:
    """Return the statements that set a table's row security.

    `before` is the table as it is now; None stands for a table without row security.
    """
    statements = []
    if table.row_security != (before.row_security if before else False):
        verb = "ENABLE" if table.row_security else "DISABLE"
        statements.append(f"ALTER TABLE {table.name} {verb} ROW LEVEL SECURITY")
    if table.force_row_security != (before.force_row_security if before else False):
        verb = "FORCE" if table.force_row_security else "NO FORCE"
        statements.append(f"ALTER TABLE {table.name} {verb} ROW LEVEL SECURITY")
    return tuple(statements)


def alter_column(before: Column, after: Column) -> tuple[str, ...]:
    """Return the statements that would turn column `before` into column `after`."""
    head = f"ALTER TABLE {after.table_name} ALTER COLUMN {after.name}"
    if (before.generated, after.generated) != ("", "") and (
        before.generated != after.generated or before.expression != after.expression
    ):
        return (
            f"ALTER TABLE {after.table_name} DROP COLUMN {after.name}",
            f"ALTER TABLE {after.table_name} ADD COLUMN {column_clause(after)}",
        )
    statements = []
    if (before.type, before.collation) != (after.type, after.collation):
        collation = f" COLLATE {after.collation}" if after.collation else ""
        statements.append(f"{head} TYPE {after.type}{collation} USING {after.name}::{after.type}")
    if before.identity != after.identity:
        if before.identity:
            statements.append(f"{head} DROP IDENTITY")
        if after.identity:
            kind = "ALWAYS" if after.identity == "a" else "BY DEFAULT"
            statements.append(f"{head} ADD GENERATED {kind} AS IDENTITY")
    if before.expression != after.expression:
        change = "DROP DEFAULT" if after.expression is None else f"SET DEFAULT {after.expression}"
        statements.append(f"{head} {change}")
    if before.not_null != after.not_null:
        statements.append(f"{head} {'SET' if after.not_null else 'DROP'} NOT NULL")
    return tuple(statements)


def label_statements(name: str, current: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """Return the statements that add the labels an enum does not have, each in its position."""
    statements = []
    present = list(current)
    for position, label in enumerate(wanted):
        if label in present:
            continue
        if position:
            side = f" AFTER {literal(wanted[position - 1])}"
        else:
            later = next((other for other in wanted if other in present), None)
            side = f" BEFORE {literal(later)}" if later is not None else ""
        statements.append(f"ALTER TYPE {name} ADD VALUE IF NOT EXISTS {literal(label)}{side}")
        present.append(label)
    return tuple(statements)


def constraint_index(constraint: Constraint) -> str:
    """Return the name of a constraint's index: the constraint's, in the schema of its table."""
    schema = _SCHEMA.match(constraint.table_name)
    return f"{schema[0] if schema else ''}{constraint.name}"


def concurrently(definition: str) -> str:
    """Return the statement that builds an index without blocking writers of its table."""
    return _INDEX_HEAD.sub(
        lambda head: f"CREATE {head[1] or ''}INDEX CONCURRENTLY ", definition, count=1
    )
