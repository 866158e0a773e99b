"""Plans the migration of a database to Schema.sql and to the runtime's own schema."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from psycopg import sql

from jobgen.errors import JobgenError
from jobgen.migrate.comparison import Comparison, changed_tables, compare, subtract
from jobgen.migrate.runtime_schema import needs_runtime_schema, runtime_schema, with_builtin_uuidv7
from jobgen.migrate.schema_file import SchemaFile, extensions_of, run_all, run_schema_file
from jobgen.migrate.scratch import scratch_database_for
from jobgen.migrate.snapshot import Connection, DatabaseSnapshot, take_snapshot
from jobgen.migrate.sql import read
from jobgen.migrate.target import connected
from jobgen.schema.load import load_schema


@dataclass(frozen=True, slots=True)
class Migration:
    """The changes to one database.

    Attributes:
        schema: The database schema that the jobs are in.
        runtime: The text of RuntimeSchema.sql; None where the database has its objects.
        comparison: The differences from Schema.sql.
    """

    schema: str
    runtime: str | None
    comparison: Comparison

    @property
    def is_empty(self) -> bool:
        """Whether the database needs no addition."""
        return self.runtime is None and not self.comparison.additions


def plan_migration(
    conn: Connection,
    url: str,
    schema_file: SchemaFile,
    *,
    others_own_tables: bool,
    note: Callable[[str], None],
) -> Migration:
    """Compare a database with a scratch database in which Schema.sql was run.

    Args:
        conn: A connection to the database, in autocommit mode.
        url: The address of the same database.
        schema_file: Schema.sql.
        others_own_tables: Whether Schema.sql has the job tables only
            (`schema_source = "database"`). It is then run in a copy of the existing tables, and
            those are not compared.
        note: Receives a line where the scratch database is on a temporary server.

    Raises:
        JobgenError: Schema.sql has an error, or no scratch database can be created.
    """
    conn.execute("SET statement_timeout = 0")
    schema, path = _search_path(conn)
    current = with_builtin_uuidv7(take_snapshot(conn, schema), _quote_name(conn, schema))
    with scratch_database_for(conn, url, note) as scratch_url:
        with connected(scratch_url) as scratch:
            _prepare_scratch(scratch, schema, path)
            _copy_extensions(scratch, current, except_for=extensions_of(schema_file))
            if others_own_tables:
                _copy_tables(scratch, schema, _tables_of_others(current, schema_file, schema))
            base = take_snapshot(scratch, schema)
            with scratch.transaction():
                scratch.execute(runtime_schema().encode())
            both = take_snapshot(scratch, schema)
            run_schema_file(scratch, schema_file)
        # A new connection, because Schema.sql may have changed any setting of the first.
        with connected(scratch_url) as scratch:
            wanted = take_snapshot(scratch, schema)
    needs_runtime = needs_runtime_schema(conn, current, subtract(both, base))
    wanted, current = subtract(wanted, both), subtract(current, both)
    filled = _filled_tables(conn, schema, changed_tables(current, wanted))
    comparison = compare(current, wanted, filled)
    if others_own_tables:
        comparison = replace(comparison, reports=comparison.missing)
    return Migration(schema, runtime_schema() if needs_runtime else None, comparison)


def _search_path(conn: Connection) -> tuple[str, str]:
    """Return the schema that new objects are created in, and the whole search path."""
    row = conn.execute(read("search_path").encode()).fetchone()
    schema, path = row or (None, "")
    if schema is None:
        raise JobgenError(
            f"The search_path of the database ({path}) names no schema that exists.",
            hint="Create the schema, or set another search_path.",
        )
    return str(schema), str(path)


def _quote_name(conn: Connection, name: str) -> str:
    row = conn.execute(read("quote_name").encode(), (name,)).fetchone()
    return str(row[0]) if row else name


def _prepare_scratch(scratch: Connection, schema: str, path: str) -> None:
    """Give the scratch database the schema and search path of the real one."""
    scratch.execute("SET synchronous_commit = off")
    scratch.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
    scratch.execute("SELECT set_config('search_path', %s, false)", (path,))


def _copy_extensions(
    scratch: Connection, current: DatabaseSnapshot, *, except_for: AbstractSet[str]
) -> None:
    """Create the extensions that the database has and that Schema.sql does not create itself."""
    for definition in current.definitions.values():
        name = definition.name.strip('"')
        if definition.kind == "EXTENSION" and name not in {"plpgsql", *except_for}:
            where = definition.definition.partition(" SCHEMA ")[2]
            if where:
                run_all(scratch, (f"CREATE SCHEMA IF NOT EXISTS {where}",))
            run_all(scratch, (definition.definition,))


def _tables_of_others(
    current: DatabaseSnapshot, schema_file: SchemaFile, schema: str
) -> DatabaseSnapshot:
    """Return the tables that Schema.sql does not create, with their keys and types."""
    declared = load_schema(schema_file.text, schema_file.path, schema_file.root)
    own = {
        name.name if name.schema in {schema, "public"} else f"{name.schema}.{name.name}"
        for name in (*declared.tables, *declared.types)
    }
    theirs = {name: table for name, table in current.tables.items() if _unquoted(name) not in own}
    return replace(
        current,
        tables=theirs,
        columns={key: column for key, column in current.columns.items() if key[0] in theirs},
        constraints={
            key: constraint
            for key, constraint in current.constraints.items()
            if key[0] in theirs and constraint.type in {"p", "u"}
        },
        enums={name: enum for name, enum in current.enums.items() if _unquoted(name) not in own},
        indexes={},
        definitions={
            key: definition
            for key, definition in current.definitions.items()
            if definition.kind in {"SCHEMA", "TYPE", "FUNCTION"} and _unquoted(key[2]) not in own
        },
    )


def _unquoted(name: str) -> str:
    return name.replace('"', "")


def _copy_tables(scratch: Connection, schema: str, tables: DatabaseSnapshot) -> None:
    empty = take_snapshot(scratch, schema)
    scratch.execute("SET check_function_bodies = off")
    for addition in compare(empty, tables, frozenset()).additions:
        run_all(scratch, addition.sql)


def _filled_tables(conn: Connection, schema: str, tables: Iterable[str]) -> frozenset[str]:
    """Return the tables that have rows."""
    with conn.transaction():
        conn.execute(sql.SQL("SET LOCAL search_path = {}").format(sql.Identifier(schema)))
        conn.execute("SET LOCAL lock_timeout = '10s'")
        return frozenset(
            name
            for name in tables
            if conn.execute(f"SELECT FROM {name} LIMIT 1".encode()).fetchone() is not None
        )
