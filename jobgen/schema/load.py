"""Loads a schema from Schema.sql: by pgparse, or by a server where pgparse cannot read it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from jobgen_runtime.project import decode_text

from jobgen.errors import JobgenError
from jobgen.project import project_errors
from jobgen.schema.errors import SchemaError
from jobgen.schema.model import Schema
from jobgen.schema.parse.reader import read_schema

if TYPE_CHECKING:
    import psycopg

ReadSchema = Callable[[str, PurePosixPath], Schema]
"""A function that reads the text of Schema.sql; the path is for its SchemaErrors."""

_EMBEDDED_SERVER_VERSION = 18_00_00
"""The embedded server's version as a server reports it. A refusal by a server that is at least as
new is final."""


def decode_schema(content: bytes | None, path: PurePosixPath) -> str:
    """Return the text of Schema.sql without a byte order mark, "" for None.

    Raises:
        JobgenError: The bytes are not UTF-8.
    """
    with project_errors():
        return decode_text(content or b"", path)


def load_schema(
    text: str,
    path: PurePosixPath,
    *,
    server_urls: Iterable[str] = (),
    root: Path | None = None,
) -> Schema:
    """Return the schema that the text of Schema.sql declares.

    pgparse reads the text. If it cannot, the text is run in a scratch database on a server, and
    the catalogs are read, so that a valid Schema.sql is never called invalid.

    Args:
        text: The text of Schema.sql.
        path: The path of Schema.sql, for error messages.
        server_urls: The servers to try in order (DATABASE_URL, the project's own). A scratch
            server is tried last.
        root: The project whose PostgreSQL the scratch server runs; None for the embedded one.

    Raises:
        SchemaError: Neither pgparse nor a server accepts the text. Of their errors, this is the
            one furthest into the text.
    """
    try:
        return read_schema(text, path)
    except SchemaError as error:
        if "\0" in text:
            raise
        return _load_on_server(text, path, tuple(server_urls), root, error)


def _load_on_server(
    text: str,
    path: PurePosixPath,
    server_urls: tuple[str, ...],
    root: Path | None,
    error: SchemaError,
) -> Schema:
    # Imported here because the driver takes longer to import than pgparse takes to read the text.
    import psycopg

    from jobgen.schema.introspect.catalog import read_catalog
    from jobgen.schema.introspect.run_schema import run_schema
    from jobgen.schema.script.read import read_script

    refusals: list[SchemaError] = []
    for server_url in (*server_urls, None):
        version = 0
        try:
            with _scratch(server_url, root) as conn:
                version = conn.info.server_version
                run_schema(conn, read_script(text, path), on_scratch=server_url is None)
                return read_catalog(conn)
        except SchemaError as refusal:
            refusals.append(refusal)
            if version >= _EMBEDDED_SERVER_VERSION:
                break
        except (psycopg.Error, JobgenError):
            # Not reachable, or the role may not create databases: try the next server.
            continue
    raise _decisive(text, error, refusals) from None


@contextmanager
def _scratch(server_url: str | None, root: Path | None) -> Iterator[psycopg.Connection[Any]]:
    """Connect to a scratch database that has the runtime's schema.

    `server_url` None starts a scratch server with the project's PostgreSQL.
    """
    import psycopg
    from jobgen_runtime.database import runtime_schema

    from jobgen.postgres import scratch_server, temporary_server
    from jobgen.schema.introspect.scratch_database import scratch_database

    if server_url is None:
        server = temporary_server() if root is None else scratch_server(root)
        with server as url, _scratch(url, root) as conn:
            yield conn
        return
    with (
        scratch_database(server_url) as url,
        psycopg.connect(url, autocommit=True, client_encoding="utf8") as conn,
    ):
        conn.execute(runtime_schema().encode())
        yield conn


def _decisive(text: str, error: SchemaError, refusals: list[SchemaError]) -> SchemaError:
    """Return pgparse's error or that of a server, whichever says what is wrong.

    A server points at the beginning of a column that it refuses, where pgparse did not know a word
    of its definition: in the same statement, the server knows more.
    """
    furthest = _furthest([error, *refusals])
    if furthest is not error:
        return furthest
    end = error.offset
    same = [each for each in refusals if ";" not in text[each.offset : end]]
    return _furthest(same) if same else error


def _furthest(errors: list[SchemaError]) -> SchemaError:
    """Return the error that is furthest into the text, from the reader that understood most of it.

    A server without an extension stops at its CREATE EXTENSION, an older one at the first syntax
    that it does not know.
    """
    return max(errors, key=lambda error: (error.line, error.column))
