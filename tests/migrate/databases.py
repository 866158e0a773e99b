"""A database to migrate, and a project for the command."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import psycopg

from jobgen.migrate.execution import migration_lock, run_migration
from jobgen.migrate.migration import Migration
from jobgen.migrate.planner import Planner
from jobgen.migrate.schema_file import SchemaFile
from jobgen.migrate.target import connected
from tests.support import forked
from tests.support.forked import BIN


def schema_file(text: str) -> SchemaFile:
    """Return a Schema.sql with this text."""
    return SchemaFile(PurePosixPath("Schema.sql"), text, NOWHERE)


NOWHERE = Path("/nowhere")
"""A project's root that has no configuration."""


@dataclass
class Database:
    """A database, and the lines that its migrations printed.

    Schema.sql is run on the server of `scratch_url`, which need not be another one.
    """

    url: str
    scratch_url: str
    done: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def plan(self, schema: str, *, others_own_tables: bool = False) -> Migration:
        """Plan the migration to a schema."""
        planner = Planner(
            NOWHERE, scratch_url=self.scratch_url, others_own_tables=others_own_tables
        )
        with connected(self.url) as conn:
            return planner.plan(conn, self.url, schema_file(schema))

    def run(self, migration: Migration) -> None:
        """Run a migration."""
        with connected(self.url) as conn, migration_lock(conn, self.notes.append):
            run_migration(conn, self.url, migration, self.done.append, self.notes.append)

    def migrate(self, schema: str) -> Migration:
        """Plan and run the migration to a schema, and return it."""
        migration = self.plan(schema)
        self.run(migration)
        return migration

    def execute(self, *statements: str) -> list[tuple[object, ...]]:
        """Run statements in one transaction and return the rows of the last."""
        with psycopg.connect(self.url) as conn:
            for statement in statements:
                cursor = conn.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []


@dataclass
class Application:
    """A project's folder and its database, for `jobgen migrate`."""

    root: Path
    database: Database

    def write_schema(self, text: str) -> None:
        (self.root / "Application/Schema.sql").write_text(text)

    def jobgen(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run `jobgen migrate` in the project."""
        return forked.run(
            (str(BIN / "jobgen"), "migrate", *arguments),
            self.root,
            self._environment(environment),
            timeout=120,
        )

    def popen(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start `jobgen migrate` in the project."""
        return subprocess.Popen(
            [
                *(sys.executable, "-c", "from jobgen.cli.main import main; main()"),
                *("migrate", *arguments),
            ],
            cwd=self.root,
            env=self._environment(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _environment(self, more: Mapping[str, str]) -> dict[str, str]:
        return {**os.environ, "DATABASE_URL": self.database.url, **more}
