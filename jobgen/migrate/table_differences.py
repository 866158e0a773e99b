"""How tables and their columns differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import TypeVar

from jobgen.migrate.catalog import Catalog, Column, Constraint, Table
from jobgen.migrate.ddl import alter_column, column_clause, create_table, row_security
from jobgen.migrate.difference import Difference, Rank, Report

Found = Iterator[Difference | Report]
Part = TypeVar("Part")


def table_differences(has: Catalog, wanted: Catalog, filled: AbstractSet[str]) -> Found:
    """Tables and columns; `filled` names the tables that have rows."""
    columns = _by_table(wanted.columns)
    constraints = _by_table(wanted.constraints)
    for name, table in wanted.tables.items():
        if name not in has.tables:
            yield _new_table(table, columns[name], constraints[name])
        else:
            yield from _changed_table(has.tables[name], table)
    for key, column in wanted.columns.items():
        if key[0] in has.tables:
            if key not in has.columns:
                yield _new_column(column, is_filled=key[0] in filled)
            else:
                yield from _changed_column(has.columns[key], column)
    for name in has.tables.keys() - wanted.tables.keys():
        yield Report(f"table {name}", "not in Schema.sql", (f"DROP TABLE {name}",), missing=False)
    for table_name, name in has.columns.keys() - wanted.columns.keys():
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


def _changed_table(has: Table, wanted: Table) -> Found:
    statements = list(row_security(wanted, has))
    if has.persistence != wanted.persistence:
        kind = "UNLOGGED" if wanted.persistence else "LOGGED"
        statements.append(f"ALTER TABLE {wanted.name} SET {kind}")
    if has.options != wanted.options:
        if has.options:
            names = ", ".join(option.partition("=")[0] for option in has.options.split(", "))
            statements.append(f"ALTER TABLE {wanted.name} RESET ({names})")
        if wanted.options:
            statements.append(f"ALTER TABLE {wanted.name} SET ({wanted.options})")
    if statements:
        yield Report(f"table {wanted.name}", "differs", tuple(statements), missing=True)
    shape = (wanted.partition_key, wanted.partition_of, wanted.bound, wanted.inherits)
    if (has.partition_key, has.partition_of, has.bound, has.inherits) != shape:
        yield Report(
            f"table {wanted.name}",
            "is partitioned or inherits otherwise, which takes a new table",
            (),
            missing=True,
        )


def _new_column(column: Column, *, is_filled: bool) -> Difference | Report:
    what = f"column {column.table_name}.{column.name}"
    head = f"ALTER TABLE {column.table_name}"
    if is_filled and column.not_null and not column.fills_itself:
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


def _changed_column(has: Column, wanted: Column) -> Found:
    statements = alter_column(has, wanted)
    if statements:
        yield Report(
            f"column {wanted.table_name}.{wanted.name}", "differs", statements, missing=True
        )
