"""Loads a schema from Schema.sql: from its text, or by a server where the text is not enough."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from jobgen_runtime.project import decode_text

from jobgen.errors import JobgenError
from jobgen.project import project_errors
from jobgen.schema.errors import SchemaError
from jobgen.schema.model import Schema
from jobgen.schema.parse.reader import read_script_schema
from jobgen.schema.script.read import read_script
from jobgen.schema.script.script import Script

ReadSchema = Callable[[str, PurePosixPath], Schema]
"""A function that reads the text of Schema.sql; the path is for its SchemaErrors."""


def decode_schema(content: bytes | None, path: PurePosixPath) -> str:
    """Return the text of Schema.sql without a byte order mark, "" for None.

    Raises:
        JobgenError: The bytes are not UTF-8.
    """
    with project_errors():
        return decode_text(content or b"", path)


def load_schema(text: str, path: PurePosixPath, root: Path) -> Schema:
    """Return the schema that the text of Schema.sql declares.

    pgparse reads the text. Where the text is not enough (DO blocks, called functions,
    CREATE TABLE AS, a newer syntax), the file is run on a scratch server and the catalogs are read.
    It is never run on another server, because some statements act on all that a server has.

    Args:
        text: The text of Schema.sql.
        path: The path of Schema.sql below `root`.
        root: The project's folder, for included files and the project's PostgreSQL.

    Returns:
        The schema. It has notes if no server could say what some statements do.

    Raises:
        SchemaError: The text is not valid, or only a server can read it and none can be started.
    """
    script = read_script(text, path, root)
    try:
        reading = read_script_schema(script)
    except SchemaError as error:
        return _read_by_server(script, root, error)
    if not reading.doubts:
        return reading.schema
    try:
        return _run_on_scratch_server(script, root)
    except JobgenError as error:
        return replace(reading.schema, notes=(_note(reading.doubts, error),))


def read_schema_text(text: str, path: PurePosixPath, root: Path) -> Schema:
    """Return the schema that pgparse reads in the text of Schema.sql; never start a server.

    Args:
        text: The text of Schema.sql.
        path: The path of Schema.sql below `root`.
        root: The project's folder, for included files.

    Returns:
        The schema. It has a note if only a server could say what some statements do.

    Raises:
        SchemaError: The text is not valid, or only a server can read it.
    """
    try:
        reading = read_script_schema(read_script(text, path, root))
    except SchemaError as error:
        error.hint = error.hint or "A server might read it: run `jobgen check`."
        raise
    if not reading.doubts:
        return reading.schema
    note = f"{_doubtful(reading.doubts)}. A server was not asked what they are."
    return replace(reading.schema, notes=(note,))


def _note(doubts: Sequence[SchemaError], error: JobgenError) -> str:
    """Return what the user should know about statements that no server could run."""
    reason = error.message.partition("\n")[0]
    return (
        f"{_doubtful(doubts)}. No PostgreSQL could say what they are,"
        f" so records may be missing or wrong: {reason}"
    )


def _doubtful(doubts: Sequence[SchemaError]) -> str:
    first, *others = doubts
    more = f", and {len(others)} other statements may, too" if others else ""
    return f"{first.path}:{first.line}: {first.reason}{more}"


def _read_by_server(script: Script, root: Path, error: SchemaError) -> Schema:
    """Return the schema of a script that pgparse refused with `error`."""
    try:
        return _run_on_scratch_server(script, root)
    except SchemaError as refusal:
        raise _decisive(script, error, refusal) from None
    except JobgenError as unavailable:
        error.hint = f"A server might read it, but none can be started: {unavailable.message}"
        raise error from None


def _run_on_scratch_server(script: Script, root: Path) -> Schema:
    """Run a script in a database with the runtime's schema, and read the catalogs.

    Raises:
        SchemaError: The server refuses a statement.
        JobgenError: No server can be started.
    """
    # Imported here because the driver takes longer to import than pgparse takes to read the text.
    import psycopg
    from jobgen_runtime.database import runtime_schema

    from jobgen.postgres import scratch_server
    from jobgen.schema.introspect.catalog import read_catalog
    from jobgen.schema.introspect.run_schema import run_schema

    with (
        scratch_server(root) as url,
        psycopg.connect(url, autocommit=True, client_encoding="utf8") as conn,
    ):
        conn.execute(runtime_schema().encode())
        run_schema(conn, script, on_scratch=True)
        return read_catalog(conn)


def _decisive(script: Script, error: SchemaError, refusal: SchemaError) -> SchemaError:
    """Return pgparse's error or that of a server, whichever says what is wrong.

    A server without an extension stops at its CREATE EXTENSION, an older one at the first syntax
    that it does not know: the error that is further into the file is from the reader that
    understood most of it. A server points at the beginning of a column that it refuses, where
    pgparse did not know a word of its definition: in the same statement, the server knows more.
    """
    if error.path != refusal.path:
        return refusal
    is_same = ";" not in script.main.text[refusal.offset : error.offset]
    return refusal if refusal.offset >= error.offset or is_same else error
