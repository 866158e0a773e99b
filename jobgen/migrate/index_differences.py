"""How indexes differ."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from jobgen.migrate.catalog import Catalog, Index
from jobgen.migrate.ddl import concurrently, constraint_index
from jobgen.migrate.difference import Difference, Phase, Rank, Report

Found = Iterator[Difference | Report]


def index_differences(has: Catalog, wanted: Catalog, filled: AbstractSet[str]) -> Found:
    """Indexes that no constraint owns; `filled` names the tables that have rows."""
    spare = {
        name: index
        for name, index in has.indexes.items()
        if name not in wanted.indexes and index.table_name in wanted.tables
    }
    # Indexes that a run which was cut short has built for constraints of the same names.
    for key, constraint in wanted.constraints.items():
        if key not in has.constraints:
            spare.pop(constraint_index(constraint), None)
    for name, index in wanted.indexes.items():
        old = has.indexes.get(name)
        if old is None:
            twin = next((n for n, other in spare.items() if _same_index(other, index)), None)
            if twin is not None:
                del spare[twin]
            else:
                yield _new_index(index, has, filled)
        elif old.in_progress:
            yield Report(f"index {name}", "is being built by another session", (), missing=True)
        elif old.definition != index.definition:
            yield _changed_index(old, index)
        elif not old.valid and index.table_kind != "p":
            yield Difference(
                f"index {name}, which was left half built",
                (f"DROP INDEX CONCURRENTLY IF EXISTS {name}", concurrently(index.definition)),
                Rank.INDEX,
                Phase.ONLINE,
                nodes=(index.node,),
                table=index.table_name,
            )
    for name in spare:
        sql = (f"DROP INDEX CONCURRENTLY {name}",)
        yield Report(f"index {name}", "not in Schema.sql", sql, missing=False)


def _same_index(one: Index, other: Index) -> bool:
    def nameless(index: Index) -> str:
        return index.definition.replace(f"INDEX {index.plain_name} ON", "INDEX ON", 1)

    return one.valid and nameless(one) == nameless(other)


def _new_index(index: Index, has: Catalog, filled: AbstractSet[str]) -> Difference | Report:
    what = f"index {index.name}"
    # The server says of a partitioned table's index ON ONLY, which leaves out the partitions.
    definition = index.definition.replace(" ON ONLY ", " ON ", 1)
    if index.table_kind == "p" and index.table_name in filled:
        return Report(
            what,
            f"{index.table_name} is partitioned and has rows: its writers would wait meanwhile",
            (definition,),
            missing=True,
            nodes=(index.node,),
            table=index.table_name,
        )
    is_there = index.table_kind == "m" and any(
        name == index.table_name for kind, _, name in has.definitions if kind.endswith("VIEW")
    )
    online = is_there or index.table_name in filled
    return Difference(
        what,
        (concurrently(definition) if online else definition,),
        Rank.INDEX,
        Phase.ONLINE if online else Phase.TRANSACTION,
        nodes=(index.node,),
        table=index.table_name,
    )


def _changed_index(has: Index, wanted: Index) -> Report:
    if wanted.table_kind == "p":
        sql = (f"DROP INDEX {has.name}", wanted.definition.replace(" ON ONLY ", " ON ", 1))
    else:
        sql = (f"DROP INDEX CONCURRENTLY {has.name}", concurrently(wanted.definition))
    return Report(f"index {wanted.name}", "differs", sql, missing=True)
