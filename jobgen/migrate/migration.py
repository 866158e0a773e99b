"""Plans the migration of a database to Schema.sql and to the runtime's own schema."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from jobgen.migrate.archive import Entry
from jobgen.migrate.comparison import Rules, compare
from jobgen.migrate.difference import Comparison, Report, Step
from jobgen.migrate.others_tables import without_declared
from jobgen.migrate.owners import owner_reports
from jobgen.migrate.pg_dump import dump_schema
from jobgen.migrate.pieces import Dump
from jobgen.migrate.rehearsal import LARGE, Size, rehearse
from jobgen.migrate.restore import Refusal
from jobgen.migrate.runtime_schema import (
    is_runtime_entry,
    needs_runtime_schema,
    runtime_schema,
    uuidv7_call,
)
from jobgen.migrate.schema_file import SchemaFile
from jobgen.migrate.scratch import scratch_databases
from jobgen.migrate.scratch_dumps import Copy, LatestDumps, ScratchDumps
from jobgen.migrate.sql import read
from jobgen.migrate.target import Connection
from jobgen.migrate.target_settings import TargetSettings, read_settings
from jobgen.postgres import project_binaries
from jobgen.postgres.postmaster import ROLE

_ROUNDS = 3
_SWITCHED = ("owners", "grants", "comments")


@dataclass(frozen=True, slots=True)
class Migration:
    """The changes to one database.

    Attributes:
        settings: The settings of the database.
        runtime: The text of RuntimeSchema.sql; None where the database has its objects.
        whole: Schema.sql, where it is run as it is because the database is empty.
        steps: The additions, in this order.
        reports: The differences that are left to a person.
        notes: A line for each statement of Schema.sql that was not run, with its reason.
        also: Which of "owners", "grants" and "comments" of existing objects were compared.
    """

    settings: TargetSettings
    runtime: str | None
    whole: SchemaFile | None
    steps: tuple[Step, ...]
    reports: tuple[Report, ...]
    notes: tuple[str, ...] = ()
    also: frozenset[str] = frozenset()

    @property
    def not_compared(self) -> tuple[str, ...]:
        """The attributes of existing objects that were not compared."""
        return (*(each for each in _SWITCHED if each not in self.also), "rows")

    @property
    def is_empty(self) -> bool:
        """Whether the database needs no addition."""
        return self.runtime is None and self.whole is None and not self.steps

    @property
    def is_difference(self) -> bool:
        """Whether the database differs from Schema.sql in any way that matters."""
        return not self.is_empty or any(not report.is_harmless for report in self.reports)

    @property
    def is_incomplete(self) -> bool:
        """Whether a part of Schema.sql stays missing or different."""
        return any(report.missing for report in self.reports)


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
        binaries = project_binaries(self.root)
        with (
            scratch_databases(self.root, self.scratch_url) as databases,
            ThreadPoolExecutor(1) as other,
            ExitStack() as stack,
        ):
            # The scratch server starts while the database is read.
            reading = other.submit(dump_schema, binaries, url)
            databases.start()
            entries = reading.result()
            runtime = (
                runtime_schema() if needs_runtime_schema(conn, entries, settings.schema) else None
            )
            dumps = ScratchDumps(binaries, databases, settings)
            if not self.others_own_tables and _is_empty(entries, settings.schema):
                whole = schema_file if schema_file.has_statements() else None
                notes = dumps.of_schema_file(whole)[1] if whole and self.read_only else ()
                return Migration(settings, runtime, whole, (), (), notes)
            others = (
                tuple(without_declared(entries, schema_file, settings.schema))
                if self.others_own_tables
                else ()
            )
            # Both databases are made at the same time.
            running = other.submit(self._wanted, dumps, schema_file, others)

            @cache
            def copy() -> Copy:
                return stack.enter_context(dumps.copy(entries))

            current, refused = self.latest.current.get(
                (binaries, settings, entries), lambda: (dumps.of_copy(copy()), copy().refused)
            )
            wanted, notes = running.result()
            comparer = _Comparer(dumps, wanted, refused, self)
            comparison = comparer.compare(current)
            if comparison.additions and runtime is not None:
                dumps.set_up(copy().conn)
            steps, reports = self._rehearse(comparer, comparison, copy, _sizes(conn))
        reports = (*_refusal_reports(refused, binaries.version), *reports)
        if "owners" in self.also:
            reports += tuple(owner_reports(entries, wanted.entries, ROLE))
        if self.others_own_tables:
            reports = tuple(report for report in reports if report.missing)
        return Migration(settings, runtime, None, steps, reports, notes, self.also)

    def _wanted(
        self, dumps: ScratchDumps, schema_file: SchemaFile, others: tuple[Entry, ...]
    ) -> tuple[Dump, tuple[str, ...]]:
        source = (dumps.binaries, dumps.settings, schema_file.script(), others)
        return self.latest.wanted.get(source, lambda: dumps.of_schema_file(schema_file, others))

    def _rehearse(
        self,
        comparer: _Comparer,
        comparison: Comparison,
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
            comparison = comparer.compare(comparer.dumps.of_copy(copy()))
        left = (
            refused.get(addition.what) or Report(addition.what, "still differs", sql=addition.sql)
            for addition in comparison.additions
        )
        return tuple(steps), (*left, *comparison.reports)


class _Comparer:
    """Compares dumps of the copy with Schema.sql's."""

    def __init__(
        self, dumps: ScratchDumps, wanted: Dump, refused: Iterable[Refusal], planner: Planner
    ) -> None:
        self.dumps = dumps
        self._wanted = wanted
        self._not_copied = frozenset(each.entry.key for each in refused)
        self._reloaded = planner.latest.reloaded
        self._is_reloaded = False
        call = uuidv7_call(dumps.settings.schema)
        is_own = any(call in entry.text for entry in wanted.entries)

        def normalize(text: str) -> str:
            return text if is_own else text.replace(call, "uuidv7()")

        self._rules = Rules(planner.also, normalize)

    def compare(self, current: Dump) -> Comparison:
        """Compare the copy with Schema.sql."""
        comparison = self._compare(current)
        if self._is_reloaded or not any(report.current for report in comparison.reports):
            return comparison
        # The copy was loaded from a dump: its texts may differ from those of Schema.sql itself.
        wanted = self._wanted
        self._wanted = self._reloaded.get(wanted, lambda: self.dumps.reloaded(wanted))
        self._is_reloaded = True
        return self._compare(current)

    def _compare(self, current: Dump) -> Comparison:
        wanted = self._wanted.without(self._not_copied) if self._not_copied else self._wanted
        return compare(current, wanted, self._rules)


def _refusal_reports(refused: Iterable[Refusal], version: str) -> Iterator[Report]:
    """Yield a report for each object of the database that is missing in its copy."""
    for each in refused:
        what = f"{each.entry.kind.lower()} {each.entry.name}"
        reason = f"cannot be compared: PostgreSQL {version} refuses its own dump: {each.reason}"
        yield Report(what, reason, current=each.entry.text)


def _is_empty(entries: Iterable[Entry], schema: str) -> bool:
    """Return whether a database has nothing but the runtime's objects."""
    return all(is_runtime_entry(entry, schema) for entry in entries)


def _sizes(conn: Connection) -> Callable[[str], Size]:
    """Return a function that counts the rows of a table of the database once."""
    known: dict[str, Size] = {}

    def size_of(table: str) -> Size:
        if table not in known:
            query = read("table_size").replace("{table}", table)
            with conn.transaction():
                conn.execute("SET LOCAL lock_timeout = '10s'")
                row = conn.execute(query.encode(), (LARGE + 1,)).fetchone()
            count = int(str(row[0])) if row else 0
            known[table] = Size.EMPTY if not count else Size.SMALL if count <= LARGE else Size.LARGE
        return known[table]

    return size_of
