"""Compares two dumps: what can be added to a database, and what a person has to decide."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from jobgen.migrate.archive import MATVIEW_ROWS, Key
from jobgen.migrate.difference import Addition, Comparison, Phase, Report
from jobgen.migrate.enum_labels import compare_labels
from jobgen.migrate.extras import extra_reports, run_time_partitions
from jobgen.migrate.online import (
    including_partitions,
    online_form,
    validation,
    without_not_valid,
)
from jobgen.migrate.pieces import TABLE_KINDS, Dump, Piece
from jobgen.migrate.renames import possible_renames
from jobgen.migrate.table_text import without_not_null_names

_ATTRIBUTES = {
    "COMMENT": "comments",
    "ACL": "grants",
    "DEFAULT ACL": "grants",
    MATVIEW_ROWS: "rows",
}
_SCANNING = frozenset({"CONSTRAINT", "FK CONSTRAINT", "CHECK CONSTRAINT", "TABLE ATTACH", "INDEX"})
# Of a partitioned table, these read no rows, and need those of its partitions.
_AFTER_PARTITIONS = frozenset({"CONSTRAINT", "INDEX"})
_INHERITABLE = frozenset({"COLUMN", "CHECK CONSTRAINT", "DEFAULT"})
_PARTITIONED = ") PARTITION BY "
_Pair = tuple[Piece, Piece]
"""A piece of the database, and the same one of Schema.sql."""
_PARENTS = re.compile(r"\bINHERITS \(.*\)|\) OF \S+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a comparison includes, and how it compares texts.

    Attributes:
        also: Which of "comments" and "grants" of existing objects are compared. Those of new
            objects are always added with them.
        normalize: Returns a text in the form that is compared.
        settled: What needs no comparison, because the database is known to have it as wanted.
    """

    also: frozenset[str] = frozenset()
    normalize: Callable[[str], str] = str
    settled: frozenset[Key] = frozenset()

    def includes(self, piece: Piece) -> bool:
        """Return whether a piece of an existing object is compared."""
        return piece.kind not in _ATTRIBUTES or _ATTRIBUTES[piece.kind] in self.also

    def same(self, before: Piece, after: Piece) -> bool:
        """Return whether the database has a piece as Schema.sql wants it.

        A constraint that was validated is more than a NOT VALID in Schema.sql asks for.
        """
        if after.key in self.settled:
            return True
        text, wanted = self.normalize(before.text), self.normalize(after.text)
        return text in {wanted, without_not_valid(wanted)}


def compare(current: Dump, wanted: Dump, rules: Rules) -> Comparison:
    """Return the differences between a database and the one that Schema.sql describes.

    Args:
        current: The database.
        wanted: The database that Schema.sql describes.
        rules: What is compared.
    """
    both = {key for key in current.keys & wanted.keys if key[0] in TABLE_KINDS}
    same, differing, missing, extra = _match(current.pieces(both), wanted.pieces(both), rules)
    pairs = [pair for pair in (*same, *differing) if pair[1].kind in TABLE_KINDS]
    tables = {after.table: after for _, after in pairs if after.table}
    other_parents = {
        after.table
        for before, after in pairs
        if _PARENTS.findall(before.text) != _PARENTS.findall(after.text)
    }
    missing = [piece for piece in missing if not _inherited(piece, other_parents)]
    extra = [piece for piece in extra if not _inherited(piece, other_parents)]
    renames = possible_renames(extra, missing)
    renamed = {rename.old for rename in renames} | {rename.new for rename in renames}
    held_back = {piece.dump_id for piece in missing if piece.key in renamed and not piece.parent}
    missing = [
        piece for piece in missing if piece.key not in renamed and piece.parent not in held_back
    ]
    found = [
        _difference(before, after, current, rules)
        for before, after in differing
        if rules.includes(after) and not _inherited(after, other_parents)
    ]
    additions = [each for each in found if isinstance(each, Addition)]
    additions += _additions(missing, tables, current, wanted.keys, rules)
    reports = [each for each in found if isinstance(each, Report)]
    reports += [rename.report for rename in renames]
    reports += extra_reports(extra, renamed, wanted.keys, current, rules.includes)
    equal = {after.key for _, after in same} - {after.key for _, after in differing}
    return Comparison(tuple(additions), tuple(reports), frozenset(equal))


def _match(
    current: Iterable[Piece], wanted: Iterable[Piece], rules: Rules
) -> tuple[list[_Pair], list[_Pair], list[Piece], list[Piece]]:
    """Return the equal pairs, the differing ones, and the pieces that only one of both has.

    Some names are not unique, as those of operators. Then pieces with the same text are a pair.
    """
    unmatched: defaultdict[Key, list[Piece]] = defaultdict(list)
    for piece in current:
        unmatched[piece.key].append(piece)
    same: list[_Pair] = []
    rest: list[Piece] = []
    for piece in wanted:
        equal = next((each for each in unmatched[piece.key] if rules.same(each, piece)), None)
        if equal is None:
            rest.append(piece)
        else:
            unmatched[piece.key].remove(equal)
            same.append((equal, piece))
    differing: list[_Pair] = []
    missing: list[Piece] = []
    for piece in rest:
        if candidates := unmatched[piece.key]:
            differing.append((candidates.pop(0), piece))
        else:
            missing.append(piece)
    return same, differing, missing, [piece for pieces in unmatched.values() for piece in pieces]


def _inherited(piece: Piece, other_parents: AbstractSet[str]) -> bool:
    """Return whether a piece may come from a parent that the table has on one side only."""
    return piece.table in other_parents and piece.kind in _INHERITABLE


def _difference(before: Piece, after: Piece, current: Dump, rules: Rules) -> Addition | Report:
    """Return the addition that makes one piece another, or a report where it takes more."""
    labels = compare_labels(before.text, after.text) if after.kind == "TYPE" else None
    if labels is not None and labels.additions:
        what = f"values of {after.what}"
        return _addition(after, what=what, sql=labels.additions, phase=Phase.VALUES)
    if labels is not None and labels.extra:
        reason = f"has values that Schema.sql does not have ({', '.join(labels.extra)})"
        return Report(after.what, reason, missing=False)
    is_validated = rules.normalize(without_not_valid(before.text)) == rules.normalize(after.text)
    if is_validated and (statements := validation(after.text)):
        what = f"validation of {after.what}"
        return _addition(after, what=what, sql=statements, phase=Phase.ONLINE)
    if after.kind in _ATTRIBUTES:
        return _addition(after, what=after.what, sql=after.sql)
    if without_not_null_names(before.text) == without_not_null_names(after.text):
        reason = "has a NOT NULL constraint under another name in the database"
        return Report(after.what, reason, missing=False, is_harmless=True)
    return Report(
        what=after.what,
        reason="differs",
        current=before.text,
        wanted=after.text,
        dependents=current.dependents(before.dump_id) if _own_id(before) else (),
    )


def _addition(
    piece: Piece, *, what: str, sql: tuple[str, ...], phase: Phase = Phase.TRANSACTION
) -> Addition:
    return Addition(what, sql, phase=phase, dump_id=_own_id(piece), dependencies=piece.dependencies)


def _own_id(piece: Piece) -> int:
    """Return the entry of a piece, 0 for a column or constraint that is part of its table's."""
    return 0 if piece.parent == piece.dump_id else piece.dump_id


def _additions(
    missing: list[Piece],
    tables: Mapping[str, Piece],
    current: Dump,
    wanted: AbstractSet[Key],
    rules: Rules,
) -> Iterator[Addition]:
    recursive = _with_run_time_partitions(current, wanted)
    new = {
        piece.dump_id
        for piece in missing
        if piece.kind not in _ATTRIBUTES and piece.parent != piece.dump_id and piece.sql
    }
    for piece in missing:
        if not piece.sql:
            continue
        if not rules.includes(piece) and not new.intersection(piece.dependencies):
            continue
        table = piece.table if piece.table in tables else ""
        sql, scans = piece.sql, piece.kind in _SCANNING
        online = online_form(piece.kind, sql[0]) if table else ()
        if piece.table in recursive:
            sql, online = (including_partitions(sql[0]), *sql[1:]), ()
        elif table and _PARTITIONED in tables[table].text:
            online = sql if piece.kind in _AFTER_PARTITIONS else ()
        elif online and _has_index(piece, current.keys):
            sql, online, scans = online[1:], (), False
        yield Addition(
            what=piece.what,
            sql=sql,
            online=online,
            table=table,
            phase=Phase.ONLINE if piece.kind == MATVIEW_ROWS else Phase.TRANSACTION,
            scans=scans,
            dump_id=_own_id(piece),
            dependencies=piece.dependencies,
        )


def _with_run_time_partitions(current: Dump, wanted: AbstractSet[Key]) -> frozenset[str]:
    """Return the tables with partitions at any depth that Schema.sql does not have.

    Their indexes and keys have to be created for all partitions at once: pg_dump's way is to
    attach those of each partition, and leaves an index without effect until that is done.
    """
    found: set[int] = set()
    for parent in run_time_partitions(current, wanted).values():
        table: int | None = parent
        while table is not None and table not in found:
            found.add(table)
            table = current.parents.get(table)
    return frozenset(current.table_name(dump_id) for dump_id in found)


def _has_index(piece: Piece, current: AbstractSet[Key]) -> bool:
    """Return whether the database has an index with the name of this PRIMARY KEY or UNIQUE."""
    return piece.kind == "CONSTRAINT" and any(
        kind == "INDEX" and schema == piece.key[1] and piece.key[2].endswith(f" {name}")
        for kind, schema, name in current
    )
