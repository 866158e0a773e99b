"""Differences in indexes."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from jobgen.migrate.ddl import concurrently, constraint_index
from jobgen.migrate.difference import Difference, Phase, Rank, Report
from jobgen.migrate.objects import Index
from jobgen.migrate.snapshot import DatabaseSnapshot

Found = Iterator[Difference | Report]


def index_differences(
    current: DatabaseSnapshot, wanted: DatabaseSnapshot, filled: AbstractSet[str]
) -> Found:
    """Yield the differences in indexes without a constraint; `filled` names tables with rows."""
    spare = {
        name: index
        for name, index in current.indexes.items()
        if name not in wanted.indexes and index.table_name in wanted.tables
    }
    # An interrupted run may have built the index of a constraint that does not exist yet.
    for key, constraint in wanted.constraints.items():
        if key not in current.constraints:
            spare.pop(constraint_index(constraint), None)
    for name, index in wanted.indexes.items():
        old = current.indexes.get(name)
        if old is None:
            equivalent = next((n for n, other in spare.items() if _same_index(other, index)), None)
            if equivalent is not None:
                del spare[equivalent]
            else:
                yield _new_index(index, current, filled)
        elif old.in_progress:
            yield Report(f"index {name}", "is being built by another session", (), missing=True)
        elif old.definition != index.definition:
            yield _changed_index(old, index)
        elif not old.valid and index.table_kind != "p":
            yield Difference(
                f"index {name}, whose build was interrupted",
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


def _new_index(
    index: Index, current: DatabaseSnapshot, filled: AbstractSet[str]
) -> Difference | Report:
    what = f"index {index.name}"
    # The server writes ON ONLY for an index of a partitioned table, which excludes partitions.
    definition = index.definition.replace(" ON ONLY ", " ON ", 1)
    if index.table_kind == "p" and index.table_name in filled:
        return Report(
            what,
            f"{index.table_name} is partitioned and has rows: the build would block its writers",
            (definition,),
            missing=True,
            nodes=(index.node,),
            table=index.table_name,
        )
    exists = index.table_kind == "m" and any(
        name == index.table_name for kind, _, name in current.definitions if kind.endswith("VIEW")
    )
    online = exists or index.table_name in filled
    return Difference(
        what,
        (concurrently(definition) if online else definition,),
        Rank.INDEX,
        Phase.ONLINE if online else Phase.TRANSACTION,
        nodes=(index.node,),
        table=index.table_name,
    )


def _changed_index(current: Index, wanted: Index) -> Report:
    if wanted.table_kind == "p":
        sql = (f"DROP INDEX {current.name}", wanted.definition.replace(" ON ONLY ", " ON ", 1))
    else:
        sql = (f"DROP INDEX CONCURRENTLY {current.name}", concurrently(wanted.definition))
    return Report(f"index {wanted.name}", "differs", sql, missing=True)
