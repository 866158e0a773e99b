"""Creates the database of a server that has started, and sets its password."""

from __future__ import annotations

import contextlib

import psycopg
from jobgen_runtime.project import (
    describe_connection_failure,
    describe_invalid_address,
    is_rejection_message,
)
from psycopg import sql

from jobgen.errors import JobgenError


def ensure_database(server_url: str, name: str) -> None:
    """Create the database `name` unless it exists.

    Raises:
        JobgenError: The server cannot be connected to.
    """
    with _connected(server_url) as conn, contextlib.suppress(psycopg.errors.DuplicateDatabase):
        found = conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
        if found is None:
            conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def set_password(server_url: str, password: str) -> None:
    """Set the password that the role needs over TCP.

    Raises:
        JobgenError: The server cannot be connected to.
    """
    with _connected(server_url) as conn:
        hashed = conn.pgconn.encrypt_password(
            password.encode(), conn.info.user.encode(), b"scram-sha-256"
        ).decode()
        conn.execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                sql.Identifier(conn.info.user), sql.Literal(hashed)
            )
        )


class NoConnectionError(JobgenError):
    """A database rejects a connection, or does not answer."""


def connection_failed(error: psycopg.OperationalError) -> NoConnectionError:
    """Return the error of a database that rejects a connection, or does not answer."""
    text = str(error).strip()
    needs_password = error.pgconn is not None and error.pgconn.needs_password
    message, hint = describe_connection_failure(
        text, is_rejection=needs_password or is_rejection_message(text)
    )
    return NoConnectionError(message, hint=hint)


def invalid_address(error: psycopg.ProgrammingError) -> JobgenError:
    """Return the error of an address that libpq cannot read, without its password."""
    message, hint = describe_invalid_address(str(error))
    return JobgenError(message, hint=hint)


def _connected(url: str) -> psycopg.Connection[tuple[object, ...]]:
    try:
        return psycopg.connect(url, autocommit=True, client_encoding="utf8")
    except psycopg.OperationalError as error:
        raise JobgenError(f"The server cannot be connected to: {error}") from error
