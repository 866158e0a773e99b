"""Reports the objects that only the database has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet

from jobgen.migrate.archive import Key
from jobgen.migrate.difference import Report
from jobgen.migrate.pieces import Dump, Piece

_SHOWN = 5


def extra_reports(
    extra: Sequence[Piece],
    renamed: AbstractSet[Key],
    wanted: AbstractSet[Key],
    current: Dump,
    is_compared: Callable[[Piece], bool],
) -> Iterator[Report]:
    """Yield the reports, in an order in which the objects can be dropped.

    Parts that are dropped with an object are not reported separately. Partitions of a table of
    Schema.sql are named together: applications create them while they run. A property that
    Schema.sql's object does not have, such as row security, is a difference of that object.

    Args:
        extra: What only the database has.
        renamed: What has a report already.
        wanted: What Schema.sql has.
        current: The database.
        is_compared: Returns whether a piece of an existing object is compared.
    """
    names = {entry.dump_id: entry.name for entry in current.entries}
    partitions = {
        child: names[parent] for child, parent in run_time_partitions(current, wanted).items()
    }
    alone = {piece.dump_id for piece in extra if piece.parent is None} | set(partitions)
    objects = {piece.dump_id for piece in extra if piece.drop and piece.parent != piece.dump_id}
    early = _parts_to_drop_early(extra, alone)
    by_table: defaultdict[str, list[str]] = defaultdict(list)
    for piece in reversed(extra):
        if piece.key in renamed or not is_compared(piece):
            continue
        if not piece.drop:
            if piece.sql and not objects.intersection(piece.dependencies):
                yield Report(piece.what, "not in Schema.sql", current=piece.text)
            continue
        if piece.dump_id in partitions:
            by_table[partitions[piece.dump_id]].insert(0, piece.key[2])
        elif piece.parent not in alone or piece.dump_id in early:
            yield Report(
                piece.what,
                "not in Schema.sql",
                missing=False,
                # Hosting providers install their own extensions.
                is_harmless=piece.kind == "EXTENSION",
                sql=(piece.drop,),
            )
    for table, partitioned in by_table.items():
        reason = f"not in Schema.sql: {_listed(partitioned)}"
        yield Report(f"partitions of {table}", reason, missing=False, is_harmless=True)


def _parts_to_drop_early(extra: Sequence[Piece], alone: AbstractSet[int]) -> frozenset[int]:
    """Return the parts of objects that need something which is dropped before those objects.

    Args:
        extra: The pieces that only the database has, in pg_dump's order.
        alone: The entries that are dropped on their own.
    """
    dropped_with = {
        piece.dump_id: piece.parent if piece.parent and piece.parent in alone else piece.dump_id
        for piece in extra
    }
    position = {piece.dump_id: number for number, piece in enumerate(extra)}

    def is_early(piece: Piece) -> bool:
        if piece.parent is None or piece.parent not in position:
            return False
        needed = (dropped_with.get(each, 0) for each in piece.dependencies if each != piece.parent)
        return any(position.get(each, 0) > position[piece.parent] for each in needed)

    return frozenset(piece.dump_id for piece in extra if is_early(piece))


def run_time_partitions(current: Dump, wanted: AbstractSet[Key]) -> dict[int, int]:
    """Return the partitions of tables of Schema.sql that it does not have, each with that table.

    Args:
        current: The database.
        wanted: What Schema.sql has.
    """
    keys = {entry.dump_id: entry.key for entry in current.entries}
    parents = current.parents

    def declared_parent(child: int) -> int | None:
        parent = parents.get(child)
        while parent is not None and keys[parent] not in wanted:
            parent = parents.get(parent)
        return parent

    return {
        child: parent
        for child in parents
        if keys[child] not in wanted and (parent := declared_parent(child)) is not None
    }


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    more = len(names) - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown
