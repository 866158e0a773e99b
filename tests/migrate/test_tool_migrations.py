"""What a database does not have, as migrations of the project's tool."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

import psycopg
import pytest

from jobgen.errors import JobgenError
from jobgen.migrate.difference import Phase, Step
from jobgen.migrate.migration import Migration
from jobgen.migrate.tool_migrations import plan_tool_files
from jobgen.plan.table_change import MigrationFiles, TableChange

STEPS = (
    Step("a value", Phase.VALUES, ("ALTER TYPE public.color ADD VALUE 'red';",)),
    Step("a column", Phase.TRANSACTION, ("ALTER TABLE ONLY public.play_jobs ADD COLUMN a INT;",)),
    Step("an index", Phase.ONLINE, ("CREATE INDEX CONCURRENTLY i ON public.play_jobs (a);",)),
)


def test_each_phase_is_a_migration_after_those_that_the_database_has(database: str) -> None:
    changes: list[TableChange] = []

    def write(found: Sequence[TableChange]) -> MigrationFiles:
        changes[:] = found
        return MigrationFiles({PurePosixPath("versions/b.py"): b""}, (), ("a1",))

    migration = Migration(None, None, STEPS, ())
    with psycopg.connect(database, autocommit=True) as conn:
        with pytest.raises(JobgenError, match="last migration is not applied") as caught:
            plan_tool_files("add-a", migration, write, conn, "alembic upgrade head")
        assert caught.value.hint == "Run `alembic upgrade head` first."
        conn.execute("CREATE TABLE alembic_version (version_num TEXT)")
        conn.execute("INSERT INTO alembic_version VALUES ('a1')")
        plan = plan_tool_files("add-a", migration, write, conn, "alembic upgrade head")
        nothing = plan_tool_files("add-a", Migration(None, None, (), ()), write, conn, "")
    assert [str(change.path) for change in plan.changes] == ["versions/b.py"]
    assert nothing.changes == ()
    assert [(each.name, each.table, each.is_transaction) for each in changes] == [
        ("add_a_values", "", False),
        ("add_a", "play_jobs", True),
        ("add_a_concurrently", "play_jobs", False),
    ]
    assert changes[1].upgrade == ("ALTER TABLE ONLY public.play_jobs ADD COLUMN a INT",)
