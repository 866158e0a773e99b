"""The runtime's own database objects, as a migration treats them."""

from __future__ import annotations

from collections.abc import Iterable

from jobgen_runtime.database import SCHEMA_VERSION, runtime_schema, schema_version_sync

from jobgen.migrate.archive import Entry
from jobgen.migrate.target import Connection
from jobgen.schema.runtime_objects import (
    JOB_STATUS,
    RUNTIME_FUNCTIONS,
    RUNTIME_INDEXES,
    RUNTIME_TABLES,
)

__all__ = ["is_runtime_entry", "needs_runtime_schema", "runtime_schema", "uuidv7_call"]

_FUNCTIONS = frozenset(f"{name}()" for name in RUNTIME_FUNCTIONS)
_UUIDV7 = "uuidv7()"
# An application may have its own function of this name. The runtime's is not needed by the check.
_NEEDED = frozenset(
    {
        ("TYPE", JOB_STATUS),
        *(("FUNCTION", name) for name in _FUNCTIONS),
        *(("TABLE", name) for name in RUNTIME_TABLES),
    }
)


def is_runtime_entry(entry: Entry, schema: str) -> bool:
    """Return whether an entry is of an object that RuntimeSchema.sql creates in `schema`."""
    if entry.schema != schema:
        return False
    if entry.kind in {"COMMENT", "ACL"}:
        _, _, name = entry.name.partition(" ")
    else:
        name = entry.name
    return (
        name in {JOB_STATUS, _UUIDV7, *_FUNCTIONS, *RUNTIME_INDEXES}
        or name.partition(" ")[0] in RUNTIME_TABLES
        # The tables have no sequences, so that such a name is that of a key's index.
        or (entry.kind == "INDEX" and name.removesuffix("_pkey") in RUNTIME_TABLES)
    )


def needs_runtime_schema(conn: Connection, entries: Iterable[Entry], schema: str) -> bool:
    """Return whether RuntimeSchema.sql has to be run on a database.

    A database that a newer runtime has set up is left as it is.

    Args:
        conn: A connection to the database.
        entries: The entries of the database.
        schema: The schema that the runtime's objects are in.
    """
    version = schema_version_sync(conn)
    if version is None or version < SCHEMA_VERSION:
        return True
    if version > SCHEMA_VERSION:
        return False
    found = {(entry.kind, entry.name) for entry in entries if entry.schema == schema}
    return not found >= _NEEDED


def uuidv7_call(schema: str) -> str:
    """Return how a dump writes a call of the runtime's uuidv7().

    The runtime creates the function on PostgreSQL 17 and older. After an upgrade of the server it
    still exists and is used, and is written with its schema because pg_catalog has a function of
    that name. Both do the same.
    """
    return f"{schema}.{_UUIDV7}"
