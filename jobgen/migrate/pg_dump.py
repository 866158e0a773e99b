"""Reads the schema of a database with pg_dump, which knows every kind of object."""

from __future__ import annotations

import subprocess

from jobgen.errors import JobgenError
from jobgen.migrate.archive import Entry, read_archive
from jobgen.migrate.sql import read
from jobgen.migrate.target import Connection
from jobgen.postgres import Binaries, client_arguments

_OPTIONS = (
    "--schema-only",
    "--format=custom",
    "--compress=0",
    "--encoding=UTF8",
    "--no-password",
    "--no-subscriptions",
    # A scratch server loads no provider of labels, so that it would refuse them.
    "--no-security-labels",
    "--lock-wait-timeout=10s",
)


def dump_schema(binaries: Binaries, url: str, conn: Connection) -> tuple[Entry, ...]:
    """Return the objects of a database, without those of extensions.

    Args:
        binaries: The programs of PostgreSQL, which have to be at least as new as the server.
        url: The address of the database.
        conn: A connection to it.

    Raises:
        JobgenError: pg_dump cannot read the database.
    """
    database, environment = client_arguments(url)
    # To look for comments, pg_dump fetches the thousands of the system's objects: a third of its
    # time. Most databases have no others.
    has_comments = conn.execute(read("has_comments").encode()).fetchone() == (True,)
    options = _OPTIONS if has_comments else (*_OPTIONS, "--no-comments")
    done = subprocess.run(
        [binaries.program("pg_dump"), *options, database],
        capture_output=True,
        env=environment,
        check=False,
    )
    if done.returncode != 0:
        message = done.stderr.decode(errors="replace").strip()
        raise JobgenError(f"pg_dump cannot read the database:\n{message}", hint=_hint(message))
    return read_archive(done.stdout)


def _hint(message: str) -> str | None:
    if "permission denied" in message:
        return "Connect as a role that may read all tables, such as their owner."
    if "server version mismatch" in message:
        return "Set [tool.jobgen.postgres] bin to the programs of the server's version."
    if "lock timeout" in message or "canceling statement" in message:
        return "Another session holds a lock. Run the command again when that session is done."
    return None
