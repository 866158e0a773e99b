"""What `jobgen migrate` does with a filled database after Schema.sql was edited.

Every edit has a schema to itself, and all of them are one Schema.sql, because a command takes a
second. `-k NAME` runs the edits of that name alone. The judge is what psql makes of the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import tuple_row

from tests.migrate.command_line import Result, jobgen, make_project
from tests.migrate.dump import entries, run_psql
from tests.migrate.evolution.edits import Edit, joined, read_edits
from tests.migrate.once import Once, chosen
from tests.migrate.servers import create_database, create_roles, install_runtime, server
from tests.migrate.torture.parts import ROLES

KINDS = ("embedded", "old")
GROUP = {kind: pytest.mark.xdist_group(f"evolution-{kind}") for kind in KINDS}
Rows = dict[tuple[str, str], list[dict[str, object]]]

_CASTS = re.compile(r"::(text|character varying)(\[\])?|[()]")
_IGNORED = ("--no-owner", "--no-privileges", "--no-comments")


@dataclass
class Outcome:
    """The results of the edits on one server."""

    first: Result
    second: Result
    rows_before: Rows
    rows_after: Rows
    wanted: dict[str, str]
    after_first: dict[str, str]
    after_second: dict[str, str]


def _rows(url: str) -> Rows:
    """Return the rows of all tables as JSON, without those of their children."""
    found: Rows = {}
    with psycopg.connect(url, row_factory=tuple_row) as conn:
        tables = conn.execute(
            "SELECT nspname, relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
            " WHERE relkind = 'r' AND nspname !~ '^(pg_|information_schema$|public$)'"
        ).fetchall()
        for name in tables:
            rows = conn.execute(
                sql.SQL("SELECT to_jsonb(t) FROM ONLY {} AS t ORDER BY ctid").format(
                    sql.Identifier(*name)
                )
            )
            found[name] = [row[0] for row in rows]
    return found


def _entries(url: str) -> dict[str, str]:
    """Return what migrate compares: without owners, rights, comments, and the order of columns.

    Casts and parentheses are left out: PostgreSQL prints some expressions with others once they
    have been dumped and restored.
    """
    found: dict[str, str] = {}
    for header, text in entries(url, *_IGNORED).items():
        lines = [line.rstrip(",") for line in _CASTS.sub("", text).splitlines()]
        found[header] = "\n".join(sorted(lines) if "; Type: TABLE;" in header else lines)
    return found


def _evolve(url: str, edits: list[Edit], folder: Path) -> Outcome:
    create_roles(url, ROLES)
    project = make_project(folder, joined(edits, "after"))
    wanted = create_database(url, "wanted")
    run_psql(wanted, "-f", str(project / "Application/Schema.sql"))
    target = create_database(url, "target")
    for database in (wanted, target):
        install_runtime(database)
    run_psql(target, text=joined(edits, "before"))
    run_psql(target, text=joined(edits, "rows"))
    rows_before = _rows(target)
    first = jobgen(project, "migrate", "--yes", url=target)
    after_first = _entries(target)
    rows_after = _rows(target)
    second = jobgen(project, "migrate", "--yes", url=target)
    return Outcome(
        first=first,
        second=second,
        rows_before=rows_before,
        rows_after=rows_after,
        wanted=_entries(wanted),
        after_first=after_first,
        after_second=_entries(target),
    )


@pytest.fixture(scope="module")
def outcome_of(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Outcome]]:
    """Return a function from a kind of server to the outcome of all edits that are tested."""
    tested = chosen(request.session, "edit")
    with ExitStack() as stack:

        def evolve(kind: str) -> Outcome:
            edits = [edit for edit in read_edits() if edit in tested]
            folder = tmp_path_factory.mktemp(kind)
            return _evolve(stack.enter_context(server(kind)), edits, folder)

        yield Once(evolve)


each_edit = pytest.mark.parametrize(
    ("kind", "edit"),
    [
        pytest.param(kind, edit, id=f"{edit.name}-{kind}", marks=GROUP[kind])
        for kind in KINDS
        for edit in read_edits()
    ],
)


def _of(edit: Edit, dumped: dict[str, str]) -> dict[str, str]:
    return {
        header: text
        for header, text in dumped.items()
        if header.endswith(f"Schema: {edit.name}") or edit.is_named_in(text)
    }


def _differing(edit: Edit, one: dict[str, str], other: dict[str, str]) -> list[str]:
    """Return the headers of the edit's entries that two dumps do not share."""
    return sorted({header for header, _ in _of(edit, one).items() ^ _of(edit, other).items()})


@each_edit
def test_edit_loses_no_row_and_no_value(
    outcome_of: Callable[[str], Outcome], kind: str, edit: Edit
) -> None:
    outcome = outcome_of(kind)
    assert outcome.first.code in (0, 3), outcome.first.stderr
    before = {table: rows for table, rows in outcome.rows_before.items() if table[0] == edit.name}
    assert not edit.rows or any(before.values())
    for table, rows in before.items():
        after = outcome.rows_after[table]
        kept = [
            {name: value for name, value in row.items() if name in rows[0]}
            for row in sorted(after, key=lambda row: [str(row.get(name)) for name in rows[0]])
        ]
        assert kept == sorted(rows, key=lambda row: [str(row.get(name)) for name in rows[0]])


@each_edit
def test_edit_is_applied_or_reported(
    outcome_of: Callable[[str], Outcome], kind: str, edit: Edit
) -> None:
    outcome = outcome_of(kind)
    assert outcome.second.code in (0, 3), outcome.second.stderr
    differing = _differing(edit, outcome.after_first, outcome.wanted)
    # A NOT VALID constraint of Schema.sql may have been validated in the database.
    reported = [line for line in outcome.second.output.splitlines() if edit.is_named_in(line)]
    assert bool(differing) == (not edit.applied), (differing, reported)
    assert bool(reported) == (not edit.applied), (differing, reported)


@each_edit
def test_report_names_every_difference(
    outcome_of: Callable[[str], Outcome], kind: str, edit: Edit
) -> None:
    outcome = outcome_of(kind)
    for header in _differing(edit, outcome.after_first, outcome.wanted):
        name = re.search(r"Name: (?:.* )?([^ (]+)(?:\(.*\))?; Type", header)
        assert name is not None, header
        if "CONSTRAINT" in header and edit.name == "table_renamed":
            continue  # reported with its table
        assert name[1] in outcome.second.output, header


@each_edit
def test_second_migrate_changes_nothing(
    outcome_of: Callable[[str], Outcome], kind: str, edit: Edit
) -> None:
    outcome = outcome_of(kind)
    assert outcome.second.code == outcome.first.code
    assert _differing(edit, outcome.after_first, outcome.after_second) == []
    assert [line for line in outcome.second.stdout.splitlines() if edit.is_named_in(line)] == []
