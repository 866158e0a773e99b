"""The dumps that are compared: of a copy of the database, and of Schema.sql."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from psycopg import sql

from jobgen.errors import JobgenError
from jobgen.migrate.archive import Entry
from jobgen.migrate.matviews import with_matview_rows
from jobgen.migrate.older_servers import with_flags_of_not_null
from jobgen.migrate.pg_dump import dump_schema
from jobgen.migrate.pieces import Dump
from jobgen.migrate.restore import PUBLIC, Refusal, restore
from jobgen.migrate.runtime_schema import is_runtime_entry, runtime_schema
from jobgen.migrate.schema_file import SchemaFile, run_schema_file
from jobgen.migrate.scratch import ScratchDatabases
from jobgen.migrate.target import Connection
from jobgen.migrate.target_settings import TargetSettings
from jobgen.postgres import Binaries

_NAMED_NOT_NULL = 18_00_00
"""The version of the first server that has NOT NULL constraints with names."""
_OPTIONAL = frozenset({"EXTENSION", "COMMENT"})
# A library of C functions, a language, or ICU.
_ABSENT = re.compile(r"could not (?:access|load) |is not supported|language .* does not exist")
T = TypeVar("T")


class Latest(Generic[T]):
    """A cache of one result, and of the source that it was made from."""

    def __init__(self) -> None:
        """Start empty."""
        self._last: tuple[object, T] | None = None

    def get(self, source: object, make: Callable[[], T]) -> T:
        """Return the result for a source; make it unless the last call had an equal source."""
        if self._last is None or self._last[0] != source:
            self._last = source, make()
        return self._last[1]


@dataclass(frozen=True, slots=True)
class LatestDumps:
    """The last dumps, for a caller that compares again whenever a file is saved.

    Attributes:
        current: That of a copy of the database, with the objects that could not be copied.
        wanted: That of Schema.sql, with its notes.
        reloaded: That of Schema.sql after it was loaded and dumped again.
    """

    current: Latest[tuple[Dump, tuple[Refusal, ...]]] = field(default_factory=Latest)
    wanted: Latest[tuple[Dump, tuple[str, ...]]] = field(default_factory=Latest)
    reloaded: Latest[Dump] = field(default_factory=Latest)


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the database's schema, which additions are tried in.

    Attributes:
        conn: A connection to it.
        url: Its address.
        refused: The objects that PostgreSQL refused to create from their own dump.
    """

    conn: Connection
    url: str
    refused: tuple[Refusal, ...]


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
            JobgenError: The scratch server does not have something that the database uses.
        """
        with self.databases.new(self.settings) as (url, conn):
            refused = restore(conn, entries)
            _check(refused)
            yield Copy(conn, url, tuple(each for each in refused if _matters(each)))

    def of_database(self, entries: Iterable[Entry]) -> Dump:
        """Return what the database has besides the runtime's objects, from its entries."""
        if self.settings.server_version < _NAMED_NOT_NULL:
            entries = with_flags_of_not_null(entries)
        schema = self.settings.schema
        entries = (each for each in entries if each.key != PUBLIC)
        return Dump((each for each in entries if not is_runtime_entry(each, schema)), schema)

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
            existing = ("SCHEMA", "", self.settings.schema)
            entries = [each for each in dump.entries if each.key != existing]
            return dump if restore(conn, entries) else self._dump(url, conn)

    def set_up(self, conn: Connection) -> None:
        """Create the runtime's objects in the schema that the target has them in."""
        schema = sql.Identifier(self.settings.schema)
        conn.execute("RESET ALL")
        conn.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(schema))
        conn.execute("SELECT set_config('search_path', %s, false)", (self.settings.search_path,))
        with conn.transaction():
            conn.execute(runtime_schema().encode())

    def _dump(self, url: str, conn: Connection) -> Dump:
        entries = dump_schema(self.binaries, url, conn)
        return self.of_database(with_matview_rows(conn, entries))


def _matters(refusal: Refusal) -> bool:
    return refusal.entry.kind not in _OPTIONAL


def _check(refusals: tuple[Refusal, ...]) -> None:
    """Raise an error if a refused object is needed by more than an extension.

    Raises:
        JobgenError: An object of the database needs an extension, a library or ICU.
    """
    missing = [each.entry.name for each in refusals if each.entry.kind == "EXTENSION"]
    refused = next(
        (each for each in refusals if _matters(each) and (missing or _ABSENT.search(each.reason))),
        None,
    )
    if refused is None:
        return
    extensions = f" These extensions are missing there: {', '.join(missing)}." if missing else ""
    raise JobgenError(
        f"The {refused.entry.kind.lower()} {refused.entry.name} of the database cannot be copied to"
        f" a scratch server: {refused.reason}.{extensions}",
        hint="Set [tool.jobgen.postgres] bin to the folder of the programs of a PostgreSQL that has"
        " what the database uses.",
    )
