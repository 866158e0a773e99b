"""Differences in tables and their columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import TypeVar

from jobgen.migrate.ddl import alter_column, column_clause, create_table, row_security
from jobgen.migrate.difference import Difference, Rank, Report
from jobgen.migrate.objects import Column, Constraint, Table
from jobgen.migrate.snapshot import DatabaseSnapshot

Found = Iterator[Difference | Report]
Part = TypeVar("Part")


def table_differences(
    current: DatabaseSnapshot, wanted: DatabaseSnapshot, filled: AbstractSet[str]
) -> Found:
    """Yield the differences in tables and columns; `filled` names the tables that have rows."""
    columns = _by_table(wanted.columns)
    constraints = _by_table(wanted.constraints)
    for name, table in wanted.tables.items():
        if name not in current.tables:
            yield _new_table(table, columns[name], constraints[name])
        else:
            yield from _changed_table(current.tables[name], table)
    for key, column in wanted.columns.items():
        if key[0] in current.tables:
            if key not in current.columns:
                yield _new_column(column, is_filled=key[0] in filled)
            else:
                yield from _changed_column(current.columns[key], column)
    for name in current.tables.keys() - wanted.tables.keys():
        yield Report(f"table {name}", "not in Schema.sql", (f"DROP TABLE {name}",), missing=False)
    for table_name, name in current.columns.keys() - wanted.columns.keys():
        if table_name in wanted.tables:
            yield Report(
                f"column {table_name}.{name}",
                "not in Schema.sql",
                (f"ALTER TABLE {table_name} DROP COLUMN {name}",),
                missing=False,
            )


def _by_table(parts: Mapping[tuple[str, str], Part]) -> defaultdict[str, list[Part]]:
    grouped: defaultdict[str, list[Part]] = defaultdict(list)
    for (table_name, _), part in parts.items():
        grouped[table_name].append(part)
    return grouped


def _new_table(
    table: Table, columns: Iterable[Column], constraints: Iterable[Constraint]
) -> Difference:
    inline = [constraint for constraint in constraints if constraint.type != "f"]
    return Difference(
        f"table {table.name}",
        create_table(table, columns, inline),
        Rank.TABLE,
        nodes=(table.node, *(constraint.node for constraint in inline)),
        table=table.name,
    )


def _changed_table(current: Table, wanted: Table) -> Found:
    statements = list(row_security(wanted, current))
    if current.persistence != wanted.persistence:
        kind = "UNLOGGED" if wanted.persistence else "LOGGED"
        statements.append(f"ALTER TABLE {wanted.name} SET {kind}")
    if current.options != wanted.options:
        if current.options:
            names = ", ".join(option.partition("=")[0] for option in current.options.split(", "))
            statements.append(f"ALTER TABLE {wanted.name} RESET ({names})")
        if wanted.options:
            statements.append(f"ALTER TABLE {wanted.name} SET ({wanted.options})")
    if statements:
        yield Report(f"table {wanted.name}", "differs", tuple(statements), missing=True)
    shape = (wanted.partition_key, wanted.partition_of, wanted.bound, wanted.inherits)
    if (current.partition_key, current.partition_of, current.bound, current.inherits) != shape:
        yield Report(
            f"table {wanted.name}",
            "is partitioned or inherits differently, which needs a new table",
            (),
            missing=True,
        )


def _new_column(column: Column, *, is_filled: bool) -> Difference | Report:
    what = f"column {column.table_name}.{column.name}"
    head = f"ALTER TABLE {column.table_name}"
    if is_filled and column.not_null and not column.has_value_for_existing_rows:
        nullable = column_clause(column).removesuffix(" NOT NULL")
        return Report(
            what,
            f"NOT NULL without a default, and {column.table_name} has rows",
            (
                f"{head} ADD COLUMN {nullable}",
                " ".join(("UPDATE", column.table_name, "SET", column.name, "= ...")),
                f"{head} ALTER COLUMN {column.name} SET NOT NULL",
            ),
            missing=True,
            nodes=(column.node,),
            table=column.table_name,
        )
    return Difference(
        what,
        (f"{head} ADD COLUMN {column_clause(column)}",),
        Rank.COLUMN,
        nodes=(column.node,),
        table=column.table_name,
    )


def _changed_column(current: Column, wanted: Column) -> Found:
    statements = alter_column(current, wanted)
    if statements:
        yield Report(
            f"column {wanted.table_name}.{wanted.name}", "differs", statements, missing=True
        )
