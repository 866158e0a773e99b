"""A server decides what pgparse cannot read: a valid Schema.sql is never called wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
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
"""Reads the text of Schema.sql at a path; raises SchemaError."""

_NEWEST = 18_00_00
"""The embedded server's version, as a server reports it: one that is as new knows as much."""


def decode_schema(content: bytes | None, path: PurePosixPath) -> str:
    """Return the text of Schema.sql without a byte order mark, "" for None.

    Raises:
        JobgenError: The bytes are not UTF-8.
    """
    with project_errors():
        return decode_text(content or b"", path)


def load_schema(text: str, path: PurePosixPath, *, server_urls: Iterable[str] = ()) -> Schema:
    """What `text` declares, by pgparse, or where that fails by the first server that will do.

    `server_urls` are servers at hand, in the order in which to ask (DATABASE_URL, the project's
    own); after them comes a temporary embedded one. The text is run in a scratch database that
    is dropped again. Raises SchemaError: that of the reader which got furthest in the text.
    """
    try:
        return read_schema(text, path)
    except SchemaError as error:
        if "\0" in text:
            raise
        return _ask_servers(text, path, tuple(server_urls), error)


def _ask_servers(
    text: str, path: PurePosixPath, server_urls: tuple[str, ...], error: SchemaError
) -> Schema:
    # Only here: the driver costs more than all else that a reading does.
    import psycopg

    from jobgen.schema.introspect.catalog import read_catalog
    from jobgen.schema.introspect.run_schema import run_schema

    refusals: list[SchemaError] = []
    for server_url in (*server_urls, None):
        version = 0
        try:
            with _scratch(server_url) as conn:
                version = conn.info.server_version
                run_schema(conn, text, path)
                return read_catalog(conn)
        except SchemaError as refusal:
            refusals.append(refusal)
            if version >= _NEWEST:
                break
        except (psycopg.Error, JobgenError):
            # Not reachable, or may not make databases: the next one is asked.
            continue
    raise _furthest([error, *refusals]) from None


@contextmanager
def _scratch(server_url: str | None) -> Iterator[psycopg.Connection[Any]]:
    """A connection to a scratch database with the runtime's schema; on a temporary server
    where there is none."""
    import psycopg
    from jobgen_runtime.database import runtime_schema

    from jobgen.postgres import temporary_server
    from jobgen.schema.introspect.scratch_database import scratch_database

    if server_url is None:
        with temporary_server() as url, _scratch(url) as conn:
            yield conn
        return
    with scratch_database(server_url) as url, psycopg.connect(url, autocommit=True) as conn:
        conn.execute(runtime_schema().encode())
        yield conn


def _furthest(errors: list[SchemaError]) -> SchemaError:
    """The error of whoever understood more of the text: a server without an extension stops
    at its CREATE, one that is older at the first new word."""
    return max(errors, key=lambda error: (error.line, error.column))
