"""Update the typed records and the database to match Schema.sql."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from pathlib import Path, PurePosixPath

import psycopg

from jobgen.apply import apply_plan
from jobgen.dev.console import Console
from jobgen.errors import JobgenError
from jobgen.generate.run import plan_and_apply
from jobgen.generate.table import find_generator
from jobgen.migrate.execution import migration_lock, run_migration
from jobgen.migrate.migration import Migration
from jobgen.migrate.planner import Planner
from jobgen.migrate.schema_file import read_schema_file
from jobgen.migrate.scratch_dumps import LatestDumps
from jobgen.migrate.script import report_text
from jobgen.migrate.target import connected
from jobgen.plan.model import Plan
from jobgen.postgres import scratch_server
from jobgen.postgres.databases import NoConnectionError, connection_failed
from jobgen.project import Project
from jobgen.schema.errors import SchemaError


class SchemaUpdates:
    """Updates for one development session, with one scratch server for all of them."""

    def __init__(self, project: Project, url: str, console: Console) -> None:
        """Update the records of `project`, and the database at `url`."""
        self.project = project
        self.url = url
        self._console = console
        self._stack = ExitStack()
        self._scratch_url: str | None = None
        self._latest = LatestDumps()
        self._reason: str | None = None

    def close(self) -> None:
        """Stop the scratch server."""
        self._stack.close()
        self._scratch_url = None

    @property
    def is_held_up(self) -> bool:
        """Whether the last update did not reach the database, so that it is due again."""
        return self._reason is not None

    def update(self) -> None:
        """Add to the database what is missing, then update the records.

        Errors are printed, and the session goes on. A Schema.sql with an error changes
        nothing, and a database that does not answer does not hold up the records. If a table of the
        application's models is missing, the update is due again.
        """
        if self._is_empty():
            self._console.say(f"{self.project.schema_path} is empty: it is not followed.")
            return
        reason, self._reason = self._reason, None
        for step in (self._migrate, self._update_types):
            try:
                step()
            except SchemaError as error:
                if self._awaits_models(error):
                    self._hold_up(_until_it_exists(error), reason)
                else:
                    self._console.say_error(error)
                return
            except NoConnectionError as error:
                self._hold_up(error, reason)
            except JobgenError as error:
                self._console.say_error(error)
            except psycopg.OperationalError as error:
                self._hold_up(connection_failed(error), reason)
            except psycopg.Error as error:
                self._console.say(f"error: {str(error).strip()}")
        if reason is not None and self._reason is None:
            self._console.say("The database is up to date again.")

    def _is_empty(self) -> bool:
        """Return whether the file is empty, as while an editor saves it: that drops no table."""
        try:
            return not (self.project.root / self.project.schema_path).read_bytes().strip()
        except OSError:
            return False

    def _awaits_models(self, error: SchemaError) -> bool:
        """Return whether a table is missing that the application's models may still create."""
        is_missing = isinstance(error.cause, psycopg.errors.UndefinedTable)
        return is_missing and self.project.schema_source == "database"

    def _hold_up(self, error: JobgenError, told: str | None) -> None:
        self._reason = error.message
        if error.message != told:
            self._console.say_error(error)

    @property
    def types_path(self) -> PurePosixPath:
        """The path of the records' module."""
        return self.project.types_path

    def _update_types(self) -> None:
        generator = find_generator("types")
        assert generator is not None  # noqa: S101 -- it is in the table
        result = plan_and_apply(
            self.project.root,
            partial(generator.make_plan, self.project, {}),
            resolve=_unresolved,
            confirm=_always,
            apply=_apply_without_receipt,
            dry_run=False,
        )
        for issue in result.plan.issues:
            raise JobgenError(issue.message, hint=issue.hint)
        if result.applied:
            self._console.say(f"update  {self.project.types_path}")

    def _migrate(self) -> None:
        project, say = self.project, self._console.say
        upgrade = project.upgrade_command
        schema_file = read_schema_file(project.root, project.schema_path)
        planner = Planner(
            project.root,
            scratch_url=self._scratch_url,
            others_own_tables=project.schema_source == "database",
            read_only=upgrade is not None,
            latest=self._latest,
        )
        with connected(self.url) as conn, migration_lock(conn, say):
            migration = planner.plan(conn, self.url, schema_file)
            for note in migration.notes:
                say(note)
            if upgrade is None:
                run_migration(conn, self.url, migration, lambda what: say(f"migrate {what}"), say)
            elif not migration.is_empty:
                say(_missing(migration, upgrade))
        if migration.reports:
            say(report_text(migration.reports, with_drops=False).rstrip("\n"))

    def start_scratch_server(self) -> None:
        """Start the server that later updates try Schema.sql on, which takes a second.

        Raises:
            JobgenError: It cannot be started.
        """
        if self._scratch_url is None:
            self._scratch_url = self._stack.enter_context(scratch_server(self.project.root))


def _missing(migration: Migration, upgrade: str) -> str:
    """Say what the database does not have yet, and how it gets it."""
    parts = ["the runtime's schema"] if migration.runtime else []
    parts += [step.what for step in migration.steps]
    return f"The database does not have {', '.join(parts)}. Run: {upgrade}"


def _until_it_exists(error: SchemaError) -> JobgenError:
    return JobgenError(
        error.message,
        hint="It is tried again until your migrations, or the start of your application, have"
        " created the tables of your models.",
    )


def _apply_without_receipt(root: Path, plan: Plan) -> None:
    """Apply the plan of the records, which is no command of the user's to undo."""
    apply_plan(root, plan, keeps_receipt=False)


def _unresolved(plan: Plan) -> Plan:
    return plan


def _always(_plan: Plan) -> bool:
    return True
