"""Finds out what a database lacks of Schema.sql and of the runtime's own schema."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from psycopg import sql

from jobgen.errors import JobgenError
from jobgen.migrate.catalog import Catalog
from jobgen.migrate.comparison import Comparison, compare, concerned_tables, without
from jobgen.migrate.reading import Connection, read_catalog
from jobgen.migrate.runtime import lacks_runtime, runtime_schema, with_builtin_uuidv7
from jobgen.migrate.schema_file import SchemaFile, extensions_of, run_all, run_schema_file
from jobgen.migrate.scratch import scratch_beside
from jobgen.migrate.target import connected
from jobgen.schema.load import load_schema


@dataclass(frozen=True, slots=True)
class Migration:
    """What is to be done to one database; `schema` is the one that the jobs are in."""

    schema: str
    runtime: str | None
    """The text of RuntimeSchema.sql where the database needs it."""
    comparison: Comparison

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to add."""
        return self.runtime is None and not self.comparison.additions


def plan_migration(
    conn: Connection,
    url: str,
    schema_file: SchemaFile,
    *,
    others_own_tables: bool,
    note: Callable[[str], None],
) -> Migration:
    """Compare the database of `conn` with a scratch database made from Schema.sql.

    With `others_own_tables` (`schema_source = "database"`) Schema.sql holds the jobs'
    tables only: it is run beside the tables that are there, and those are left out of it.

    Raises:
        JobgenError: Schema.sql has an error, or no scratch database can be made.
    """
    conn.execute("SET statement_timeout = 0")
    schema, path = _search_path(conn)
    has = with_builtin_uuidv7(read_catalog(conn, schema), _quoted(conn, schema))
    with scratch_beside(conn, url, note) as scratch_url:
        with connected(scratch_url) as scratch:
            _prepare(scratch, schema, path)
            _copy_extensions(scratch, has, except_for=extensions_of(schema_file))
            if others_own_tables:
                _copy_tables(scratch, schema, _tables_of_others(has, schema_file, schema, url))
            base = read_catalog(scratch, schema)
            with scratch.transaction():
                scratch.execute(runtime_schema().encode())
            both = read_catalog(scratch, schema)
            run_schema_file(scratch, schema_file)
        # A connection of its own, because Schema.sql may have set anything on the other.
        with connected(scratch_url) as scratch:
            wanted = read_catalog(scratch, schema)
    needs_runtime = lacks_runtime(conn, has, without(both, base))
    mine, theirs = without(wanted, both), without(has, both)
    filled = _filled(conn, schema, concerned_tables(theirs, mine))
    comparison = compare(theirs, mine, filled)
    if others_own_tables:
        comparison = replace(comparison, reports=comparison.lacking)
    return Migration(schema, runtime_schema() if needs_runtime else None, comparison)


def _search_path(conn: Connection) -> tuple[str, str]:
    """The schema that new objects go to, and the whole path."""
    row = conn.execute("SELECT current_schema(), current_setting('search_path')").fetchone()
    schema, path = row or (None, "")
    if schema is None:
        raise JobgenError(
            f"the search path of the database ({path}) names no schema that is there",
            hint="Make the schema, or set another search_path.",
        )
    return str(schema), str(path)


def _quoted(conn: Connection, name: str) -> str:
    """A name as the server writes it."""
    row = conn.execute("SELECT quote_ident(%s)", (name,)).fetchone()
    return str(row[0]) if row else name


def _prepare(scratch: Connection, schema: str, path: str) -> None:
    """Give the scratch database what Schema.sql finds in the real one before it is run."""
    scratch.execute("SET synchronous_commit = off")
    scratch.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
    scratch.execute("SELECT set_config('search_path', %s, false)", (path,))


def _copy_extensions(scratch: Connection, has: Catalog, *, except_for: AbstractSet[str]) -> None:
    """Make the extensions that Schema.sql uses and leaves to the database's owner to make."""
    for definition in has.definitions.values():
        name = definition.name.strip('"')
        if definition.kind == "EXTENSION" and name not in {"plpgsql", *except_for}:
            where = definition.definition.partition(" SCHEMA ")[2]
            if where:
                run_all(scratch, (f"CREATE SCHEMA IF NOT EXISTS {where}",))
            run_all(scratch, (definition.definition,))


def _tables_of_others(has: Catalog, schema_file: SchemaFile, schema: str, url: str) -> Catalog:
    """The tables that Schema.sql does not make, with their keys and what those need."""
    declared = load_schema(schema_file.text, schema_file.path, server_urls=(url,))
    own = {
        name.name if name.schema in {schema, "public"} else f"{name.schema}.{name.name}"
        for name in (*declared.tables, *declared.types)
    }
    theirs = {name: table for name, table in has.tables.items() if _plain(name) not in own}
    return replace(
        has,
        tables=theirs,
        columns={key: column for key, column in has.columns.items() if key[0] in theirs},
        constraints={
            key: constraint
            for key, constraint in has.constraints.items()
            if key[0] in theirs and constraint.type in {"p", "u"}
        },
        enums={name: enum for name, enum in has.enums.items() if _plain(name) not in own},
        indexes={},
        definitions={
            key: definition
            for key, definition in has.definitions.items()
            if definition.kind in {"SCHEMA", "TYPE", "FUNCTION"} and _plain(key[2]) not in own
        },
    )


def _plain(name: str) -> str:
    return name.replace('"', "")


def _copy_tables(scratch: Connection, schema: str, tables: Catalog) -> None:
    empty = read_catalog(scratch, schema)
    scratch.execute("SET check_function_bodies = off")
    for addition in compare(empty, tables, frozenset()).additions:
        run_all(scratch, addition.sql)


def _filled(conn: Connection, schema: str, tables: Iterable[str]) -> frozenset[str]:
    """Which of the tables have rows."""
    with conn.transaction():
        conn.execute(sql.SQL("SET LOCAL search_path = {}").format(sql.Identifier(schema)))
        conn.execute("SET LOCAL lock_timeout = '10s'")
        return frozenset(
            name
            for name in tables
            if conn.execute(f"SELECT FROM {name} LIMIT 1".encode()).fetchone() is not None
        )
