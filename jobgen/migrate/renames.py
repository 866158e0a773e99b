"""Recognises what may have been renamed, so that it is not added empty next to the old one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jobgen.migrate.archive import Key
from jobgen.migrate.difference import Report
from jobgen.migrate.pieces import Piece
from jobgen.migrate.table_text import TableText, read_table

_JOB_STATUS = "job_status"
_CONSTRAINT = re.compile(r"(ADD CONSTRAINT )(?:\"(?:[^\"]|\"\")+\"|\S+)")
_NAMES = {
    "INDEX": re.compile(r"(CREATE (?:UNIQUE )?INDEX )(?:\"(?:[^\"]|\"\")+\"|\S+)"),
    "CONSTRAINT": _CONSTRAINT,
    "FK CONSTRAINT": _CONSTRAINT,
    "CHECK CONSTRAINT": _CONSTRAINT,
}


@dataclass(frozen=True, slots=True)
class Rename:
    """A part of Schema.sql that the database may have under another name."""

    old: Key
    new: Key
    report: Report


def possible_renames(extra: Sequence[Piece], missing: Sequence[Piece]) -> tuple[Rename, ...]:
    """Return the columns and tables that may have been renamed.

    A column may be one of the same type and in the same position that Schema.sql no longer has; a
    table one with the same columns.

    Args:
        extra: What only the database has.
        missing: What only Schema.sql has.
    """
    return (*_columns(extra, missing), *_tables(extra, missing), *_parts(extra, missing))


def _parts(extra: Iterable[Piece], missing: Iterable[Piece]) -> Iterable[Rename]:
    """Yield the indexes and constraints that do the same under another name."""
    gone: defaultdict[tuple[str, str, str], list[Piece]] = defaultdict(list)
    for piece in extra:
        gone[piece.kind, piece.table, _unnamed(piece)].append(piece)
    for piece in missing:
        candidates = gone[piece.kind, piece.table, _unnamed(piece)]
        if piece.kind in _NAMES and piece.table and candidates:
            old = candidates.pop(0)
            reason = f"is {old.what} in the database"
            report = Report(piece.what, reason, missing=False, is_harmless=True)
            yield Rename(old.key, piece.key, report)


def _unnamed(piece: Piece) -> str:
    """Return the text of an index or constraint without its name, "" for other pieces."""
    pattern = _NAMES.get(piece.kind)
    return pattern.sub(r"\1", piece.text, count=1) if pattern else ""


def _columns(extra: Iterable[Piece], missing: Iterable[Piece]) -> Iterable[Rename]:
    gone = {
        (piece.table, piece.position, piece.type_text): piece
        for piece in extra
        if piece.kind == "COLUMN"
    }
    for piece in missing:
        old = gone.get((piece.table, piece.position, piece.type_text))
        if piece.kind == "COLUMN" and old is not None:
            before, after = old.what.rpartition(".")[2], piece.what.rpartition(".")[2]
            sql = f"ALTER TABLE {piece.table} RENAME COLUMN {before} TO {after};"
            yield Rename(old.key, piece.key, _report(piece, old, sql))


def _tables(extra: Iterable[Piece], missing: Iterable[Piece]) -> Iterable[Rename]:
    gone = [(piece, table) for piece in extra if (table := _renamable(piece)) is not None]
    for piece in missing:
        table = _renamable(piece)
        if table is None:
            continue
        found = next((each for each in gone if _same_columns(each[1], table)), None)
        if found is None:
            continue
        gone.remove(found)
        old, before = found
        if old.key[1] == piece.key[1]:
            sql = f"ALTER TABLE {before.name} RENAME TO {table.own_name};"
        else:
            sql = f"ALTER TABLE {before.name} SET SCHEMA {table.schema};"
        yield Rename(old.key, piece.key, _report(piece, old, sql))


def _renamable(piece: Piece) -> TableText | None:
    """Return the text of a table; None for other pieces, and for job tables, which look alike."""
    if piece.kind != "TABLE":
        return None
    table = read_table(piece.text)
    if table is None or not table.columns:
        return None
    if any(column.type_text.endswith(_JOB_STATUS) for column in table.columns):
        return None
    return table


def _same_columns(one: TableText, other: TableText) -> bool:
    def columns(table: TableText) -> list[tuple[str, str]]:
        return [(column.name, column.type_text) for column in table.columns]

    alike = columns(one) == columns(other)
    # Whatever else has the same name or schema is more likely than a coincidence.
    return alike and (len(one.columns) > 1 or one.own_name == other.own_name)


def _report(piece: Piece, old: Piece, sql: str) -> Report:
    kind = old.what.partition(" ")[0]
    return Report(
        what=piece.what,
        reason=f"may be the {kind} {old.what.partition(' ')[2]}, which is not in Schema.sql, under"
        " a new name. Rename it, or add the new one",
        sql=(sql, *(f"-- or: {text}" for text in piece.sql[:1])),
    )
