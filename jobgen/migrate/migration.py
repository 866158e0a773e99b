"""Plans the migration of a database to Schema.sql and to the runtime's own schema."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql

from jobgen.errors import JobgenError
from jobgen.migrate.archive import Entry
from jobgen.migrate.comparison import Rules, compare
from jobgen.migrate.difference import Comparison, Report, Step
from jobgen.migrate.matviews import with_matview_rows
from jobgen.migrate.others_tables import without_declared
from jobgen.migrate.pg_dump import dump_schema
from jobgen.migrate.pieces import Dump
from jobgen.migrate.rehearsal import LARGE, Size, rehearse
from jobgen.migrate.restore import Refusal, restore
from jobgen.migrate.runtime_schema import (
    is_runtime_entry,
    needs_runtime_schema,
    runtime_schema,
    uuidv7_call,
)
from jobgen.migrate.schema_file import SchemaFile, run_schema_file
from jobgen.migrate.scratch import ScratchDatabases, scratch_databases
from jobgen.migrate.sql import read
from jobgen.migrate.table_text import without_not_null_names
from jobgen.migrate.target import Connection
from jobgen.migrate.target_settings import TargetSettings, read_settings
from jobgen.postgres import Binaries, project_binaries

_ROUNDS = 3
_NAMED_NOT_NULL = 18_00_00
_OPTIONAL = frozenset({"EXTENSION", "COMMENT"})


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
    """

    settings: TargetSettings
    runtime: str | None
    whole: SchemaFile | None
    steps: tuple[Step, ...]
    reports: tuple[Report, ...]
    notes: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the database needs no addition."""
        return self.runtime is None and self.whole is None and not self.steps

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
        also: Which of "comments" and "grants" of existing objects are compared.
        may_block: Whether large tables may be rewritten, or read while nobody can write to them.
        read_only: Whether the migration is only shown. Schema.sql is then tried in a scratch
            database where the migration itself would be the first to run it.
    """

    root: Path
    scratch_url: str | None = None
    others_own_tables: bool = False
    also: frozenset[str] = frozenset()
    may_block: bool = False
    read_only: bool = False

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
        entries = dump_schema(binaries, url)
        runtime = runtime_schema() if needs_runtime_schema(conn, entries, settings.schema) else None
        own = [entry for entry in entries if not is_runtime_entry(entry, settings.schema)]
        with scratch_databases(self.root, self.scratch_url) as databases:
            work = _Plan(self, binaries, databases, settings, _sizes(conn))
            if not own and not self.others_own_tables:
                whole = schema_file if schema_file.has_statements() else None
                if whole is not None and self.read_only:
                    work.run(entries, whole)
                return Migration(settings, runtime, whole, (), (), work.notes)
            comparison = work.compare(entries, schema_file, runtime)
        reports = comparison.reports
        if self.others_own_tables:
            reports = comparison.missing
        return Migration(settings, runtime, None, work.steps, reports, work.notes)


class _Plan:
    """One comparison, with what was rehearsed so far."""

    def __init__(
        self,
        planner: Planner,
        binaries: Binaries,
        databases: ScratchDatabases,
        settings: TargetSettings,
        size_of: Callable[[str], Size],
    ) -> None:
        self._planner = planner
        self._binaries = binaries
        self._databases = databases
        self._settings = settings
        self._size_of = size_of
        self.steps: tuple[Step, ...] = ()
        self.notes: tuple[str, ...] = ()

    def compare(
        self, entries: tuple[Entry, ...], schema_file: SchemaFile, runtime: str | None
    ) -> Comparison:
        """Return what is left to a person once `self.steps` have been run."""
        wanted = self.run(entries, schema_file)
        with self._databases.new(self._settings) as (url, copy):
            _check(restore(copy, entries))
            current = self._dump(url, copy)
            rules = self._rules(wanted)
            comparison = compare(current, wanted, rules)
            if comparison.additions or comparison.reports:
                # What a server prints may print otherwise when it has been read again.
                wanted = self._reloaded(wanted)
                comparison = compare(current, wanted, rules)
            if runtime is not None:
                self._set_up(copy)
            refused: tuple[Report, ...] = ()
            for _ in range(_ROUNDS):
                known = {report.what for report in refused}
                pending = [each for each in comparison.additions if each.what not in known]
                if not pending:
                    break
                rehearsal = rehearse(
                    copy, pending, self._size_of, may_block=self._planner.may_block
                )
                self.steps += rehearsal.steps
                refused += rehearsal.refused
                comparison = compare(self._dump(url, copy), wanted, rules)
        left = {addition.what for addition in comparison.additions}
        still = tuple(report for report in refused if report.what in left)
        return Comparison((), (*still, *comparison.reports))

    def run(self, entries: tuple[Entry, ...], schema_file: SchemaFile) -> Dump:
        """Return the database that Schema.sql describes."""
        with self._databases.new(self._settings) as (url, conn):
            if self._planner.others_own_tables:
                restore(conn, without_declared(entries, schema_file, self._settings.schema))
            self._set_up(conn)
            self.notes = run_schema_file(conn, schema_file, on_scratch=True)
            return self._dump(url, conn)

    def _reloaded(self, dump: Dump) -> Dump:
        with self._databases.new(self._settings) as (url, conn):
            self._set_up(conn)
            if restore(conn, dump.entries):
                return dump
            return self._dump(url, conn)

    def _set_up(self, conn: Connection) -> None:
        """Create the runtime's objects in the schema that the target has them in."""
        schema = sql.Identifier(self._settings.schema)
        conn.execute("RESET ALL")
        conn.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(schema))
        conn.execute("SELECT set_config('search_path', %s, false)", (self._settings.search_path,))
        with conn.transaction():
            conn.execute(runtime_schema().encode())

    def _dump(self, url: str, conn: Connection) -> Dump:
        entries = with_matview_rows(conn, dump_schema(self._binaries, url))
        schema = self._settings.schema
        own = [entry for entry in entries if not is_runtime_entry(entry, schema)]
        return Dump(own, schema)

    def _rules(self, wanted: Dump) -> Rules:
        call = uuidv7_call(self._settings.schema)
        is_own = any(call in entry.text for entry in wanted.entries)
        names = self._settings.server_version >= _NAMED_NOT_NULL

        def normalize(text: str) -> str:
            if not is_own:
                text = text.replace(call, "uuidv7()")
            return text if names else without_not_null_names(text)

        return Rules(self._planner.also, normalize)


def _check(refusals: tuple[Refusal, ...]) -> None:
    """Raise an error unless the copy has everything but extensions that nothing else needs.

    Raises:
        JobgenError: An object of the database cannot be copied.
    """
    for refusal in refusals:
        if refusal.entry.kind not in _OPTIONAL:
            missing = [each.entry.name for each in refusals if each.entry.kind == "EXTENSION"]
            extensions = f" The scratch server lacks: {', '.join(missing)}." if missing else ""
            raise JobgenError(
                f"The {refusal.entry.kind.lower()} {refusal.entry.name} of the database cannot be"
                f" copied to a scratch server: {refusal.reason}.{extensions}",
                hint="Set [tool.jobgen.postgres] bin to the programs of a PostgreSQL that has what"
                " the database uses.",
            )


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
