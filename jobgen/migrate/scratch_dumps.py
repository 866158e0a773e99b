"""The dumps that are compared: of a copy of the database, and of Schema.sql."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from psycopg import sql

from jobgen.errors import JobgenError
from jobgen.migrate.archive import Entry
from jobgen.migrate.matviews import with_matview_rows
from jobgen.migrate.pg_dump import dump_schema
from jobgen.migrate.pieces import Dump
from jobgen.migrate.restore import Refusal, restore
from jobgen.migrate.runtime_schema import is_runtime_entry, runtime_schema
from jobgen.migrate.schema_file import SchemaFile, run_schema_file
from jobgen.migrate.scratch import ScratchDatabases
from jobgen.migrate.target import Connection
from jobgen.migrate.target_settings import TargetSettings
from jobgen.postgres import Binaries

_OPTIONAL = frozenset({"EXTENSION", "COMMENT"})


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the database's schema, which additions are tried in."""

    conn: Connection
    url: str


@dataclass(frozen=True, slots=True)
class ScratchDumps:
    """Makes dumps by one version of pg_dump, under the settings of the target.

    Attributes:
        binaries: The programs of PostgreSQL.
        databases: Where the databases are created.
        settings: The settings of the target.
    """

    binaries: Binaries
    databases: ScratchDatabases
    settings: TargetSettings

    @contextmanager
    def copy(self, entries: Iterable[Entry]) -> Iterator[Copy]:
        """Yield a copy of a database, from the entries of its dump.

        Raises:
            JobgenError: The scratch server refuses an object of the database.
        """
        with self.databases.new(self.settings) as (url, conn):
            _check(restore(conn, entries))
            yield Copy(conn, url)

    def of_copy(self, copy: Copy) -> Dump:
        """Return what the copy has besides the runtime's objects."""
        return self._dump(copy.url, copy.conn)

    def of_schema_file(
        self, schema_file: SchemaFile, others: Iterable[Entry] = ()
    ) -> tuple[Dump, tuple[str, ...]]:
        """Return what Schema.sql describes, and a line for each statement that was not run.

        Args:
            schema_file: Schema.sql.
            others: What there is before Schema.sql is run.

        Raises:
            SchemaError: Schema.sql has an error.
        """
        with self.databases.new(self.settings) as (url, conn):
            restore(conn, others)
            self.set_up(conn)
            notes = run_schema_file(conn, schema_file, on_scratch=True)
            return self._dump(url, conn), notes

    def reloaded(self, dump: Dump) -> Dump:
        """Return a dump after it was loaded and dumped again.

        PostgreSQL prints some expressions otherwise after it has read what it printed.
        """
        with self.databases.new(self.settings) as (url, conn):
            self.set_up(conn)
            return dump if restore(conn, dump.entries) else self._dump(url, conn)

    def set_up(self, conn: Connection) -> None:
        """Create the runtime's objects in the schema that the target has them in."""
        schema = sql.Identifier(self.settings.schema)
        conn.execute("RESET ALL")
        conn.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(schema))
        conn.execute("SELECT set_config('search_path', %s, false)", (self.settings.search_path,))
        with conn.transaction():
            conn.execute(runtime_schema().encode())

    def _dump(self, url: str, conn: Connection) -> Dump:
        entries = with_matview_rows(conn, dump_schema(self.binaries, url))
        schema = self.settings.schema
        return Dump((each for each in entries if not is_runtime_entry(each, schema)), schema)


def _check(refusals: tuple[Refusal, ...]) -> None:
    """Raise an error unless the copy has everything but extensions that nothing else needs.

    Raises:
        JobgenError: An object of the database cannot be copied.
    """
    refused = next((each for each in refusals if each.entry.kind not in _OPTIONAL), None)
    if refused is None:
        return
    missing = [each.entry.name for each in refusals if each.entry.kind == "EXTENSION"]
    extensions = f" These extensions are missing there: {', '.join(missing)}." if missing else ""
    raise JobgenError(
        f"The {refused.entry.kind.lower()} {refused.entry.name} of the database cannot be copied to"
        f" a scratch server: {refused.reason}.{extensions}",
        hint="Set [tool.jobgen.postgres] bin to the programs of a PostgreSQL that has what the"
        " database uses.",
    )
