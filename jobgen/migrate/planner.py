"""Plans the migration of a database to Schema.sql and to the runtime's own schema."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from jobgen.migrate.archive import Entry
from jobgen.migrate.difference import Comparison, Report, Step
from jobgen.migrate.dump_comparer import DumpComparer
from jobgen.migrate.migration import Migration
from jobgen.migrate.others_tables import without_declared
from jobgen.migrate.owners import owner_reports
from jobgen.migrate.pg_dump import dump_schema
from jobgen.migrate.pieces import Dump
from jobgen.migrate.rehearsal import LARGE, Size, rehearse
from jobgen.migrate.restore import Refusal
from jobgen.migrate.runtime_schema import is_runtime_entry, needs_runtime_schema, runtime_schema
from jobgen.migrate.schema_file import SchemaFile
from jobgen.migrate.scratch import scratch_databases
from jobgen.migrate.scratch_dumps import Copy, LatestDumps, ScratchDumps
from jobgen.migrate.sql import read
from jobgen.migrate.target import Connection
from jobgen.migrate.target_settings import read_settings
from jobgen.postgres import project_binaries
from jobgen.postgres.postmaster import ROLE
from jobgen.schema.runtime_objects import RUNTIME_TABLES

_ROUNDS = 3

_Wanted = tuple[Dump, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Planner:
    """Compares databases with Schema.sql.

    Attributes:
        root: The project's root.
        scratch_url: The address of a scratch server that runs; None to start one when it is needed.
        others_own_tables: Whether Schema.sql has the job tables only
            (`schema_source = "database"`). It is then run in a copy of the existing tables, and
            those are not compared.
        also: Which of "owners", "grants" and "comments" of existing objects are compared.
        may_block: Whether large tables may be rewritten, or read while writes are blocked.
        read_only: Whether the migration is only shown. Schema.sql is then tried in a scratch
            database where the migration itself would be the first to run it.
        latest: The dumps of the last comparison. What has not changed is not made again.
    """

    root: Path
    scratch_url: str | None = None
    others_own_tables: bool = False
    also: frozenset[str] = frozenset()
    may_block: bool = False
    read_only: bool = False
    latest: LatestDumps = field(default_factory=LatestDumps)

    def plan(self, conn: Connection, url: str, schema_file: SchemaFile) -> Migration:
        """Return the changes to a database, which is only read.

        Args:
            conn: A connection to the database, in autocommit mode.
            url: The address of the same database.
            schema_file: Schema.sql.

        Raises:
            JobgenError: Schema.sql has an error, or the database cannot be read.
        """
        settings = read_settings(conn)
        with (
            scratch_databases(self.root, self.scratch_url) as databases,
            ThreadPoolExecutor(1) as other,
        ):
            dumps = ScratchDumps(project_binaries(self.root), databases, settings)
            # While the database is read, Schema.sql is read and run as far as is known.
            running: Future[_Wanted] | None = None
            if self.others_own_tables:
                other.submit(databases.start)
            elif _has_tables(conn):
                running = other.submit(self._wanted, dumps, schema_file)
            else:
                other.submit(schema_file.has_statements)
            entries = dump_schema(dumps.binaries, url, conn)
            is_complete = not needs_runtime_schema(conn, entries, settings.schema)
            runtime = None if is_complete else runtime_schema()
            if not self.others_own_tables and _is_empty(entries, settings.schema):
                whole = schema_file if schema_file.has_statements() else None
                notes = self._wanted(dumps, schema_file)[1] if whole and self.read_only else ()
                return Migration(runtime, whole, (), (), notes)
            if running is None:
                others = without_declared(entries, schema_file, settings.schema)
                more = tuple(others) if self.others_own_tables else ()
                running = other.submit(self._wanted, dumps, schema_file, more)
            wanted, notes = running.result()
            steps, reports = self._compare(conn, dumps, entries, wanted, runtime)
        if "owners" in self.also:
            reports += tuple(owner_reports(entries, wanted.entries, ROLE))
        if self.others_own_tables:
            reports = tuple(report for report in reports if report.missing)
        return Migration(runtime, None, steps, reports, notes, self.also)

    def _compare(
        self,
        conn: Connection,
        dumps: ScratchDumps,
        entries: tuple[Entry, ...],
        wanted: Dump,
        runtime: str | None,
    ) -> tuple[tuple[Step, ...], tuple[Report, ...]]:
        """Return the steps that make the database as it is wanted, and what they leave."""
        with ExitStack() as stack:

            @cache
            def copy() -> Copy:
                return stack.enter_context(dumps.copy(entries))

            def compare_copy() -> Comparison:
                return comparer.compare_copy(dumps.of_copy(copy()), copy().refused)

            database = dumps.of_database(entries)
            comparer = DumpComparer(dumps, database, wanted, self.also, self.latest)
            comparison = comparer.first
            refused: tuple[Refusal, ...] = ()
            if comparison.has_other_texts:
                current, refused = self.latest.current.get(
                    (dumps.binaries, dumps.settings, entries),
                    lambda: (dumps.of_copy(copy()), copy().refused),
                )
                comparison = comparer.compare_copy(current, refused)
            if comparison.additions:
                refused = copy().refused
                if runtime is not None:
                    dumps.set_up(copy().conn)
            steps, reports = self._rehearse(comparison, compare_copy, copy, _sizes(conn))
            return steps, (*comparer.refusal_reports(refused), *reports)

    def _wanted(
        self, dumps: ScratchDumps, schema_file: SchemaFile, others: tuple[Entry, ...] = ()
    ) -> _Wanted:
        source = (dumps.binaries, dumps.settings, schema_file.script, others)
        return self.latest.wanted.get(source, lambda: dumps.of_schema_file(schema_file, others))

    def _rehearse(
        self,
        comparison: Comparison,
        compare_copy: Callable[[], Comparison],
        copy: Callable[[], Copy],
        size_of: Callable[[str], Size],
    ) -> tuple[tuple[Step, ...], tuple[Report, ...]]:
        """Return the steps that succeed in the copy, and what is then left to a person."""
        steps: list[Step] = []
        refused: dict[str, Report] = {}
        for _ in range(_ROUNDS):
            tried = {step.what for step in steps} | refused.keys()
            pending = [each for each in comparison.additions if each.what not in tried]
            if not pending:
                break
            rehearsal = rehearse(copy().conn, pending, size_of, may_block=self.may_block)
            steps += rehearsal.steps
            refused |= {report.what: report for report in rehearsal.refused}
            comparison = compare_copy()
        left = (
            refused.get(addition.what) or Report(addition.what, "still differs", sql=addition.sql)
            for addition in comparison.additions
        )
        return tuple(steps), (*left, *comparison.reports)


def _has_tables(conn: Connection) -> bool:
    """Return quickly whether the database seems not to be empty."""
    row = conn.execute(read("has_tables").encode(), (list(RUNTIME_TABLES),)).fetchone()
    return row == (True,)


def _is_empty(entries: Iterable[Entry], schema: str) -> bool:
    """Return whether a database has nothing but the runtime's objects."""
    return all(is_runtime_entry(entry, schema) for entry in entries)


def _sizes(conn: Connection) -> Callable[[str], Size]:
    """Return a function that counts the rows of a table of the database once."""

    @cache
    def size_of(table: str) -> Size:
        query = read("table_size").replace("{table}", table)
        with conn.transaction():
            conn.execute("SET LOCAL lock_timeout = '10s'")
            row = conn.execute(query.encode(), (LARGE + 1,)).fetchone()
        count = int(str(row[0])) if row else 0
        return Size.EMPTY if not count else Size.SMALL if count <= LARGE else Size.LARGE

    return size_of
