"""A project whose tables are models of SQLAlchemy, and whose migrations Alembic keeps."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import psycopg
import pytest

from jobgen.dev.console import Console
from jobgen.dev.schema import SchemaUpdates
from jobgen.project import find_project
from tests.new.projects import Run, tree
from tests.support.tree import write_tree

pytestmark = pytest.mark.xdist_group("alembic")

MODELS = """\
from sqlalchemy import Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Band(Base):
    __tablename__ = "bands"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
"""
ENVIRONMENT = """\
import os

import psycopg
from alembic import context
from jobgen_runtime.alembic import include_object
from models import Base
from sqlalchemy import create_engine

engine = create_engine(
    "postgresql+psycopg://", creator=lambda: psycopg.connect(os.environ["DATABASE_URL"])
)
with engine.connect() as connection:
    context.configure(
        connection, target_metadata=Base.metadata, include_object=include_object,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()
"""
ASYNC_ENVIRONMENT = """\
import asyncio
import os

import asyncpg
from alembic import context
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy.ext.asyncio import create_async_engine

parts = conninfo_to_dict(os.environ["DATABASE_URL"])
address = {key: parts[key] for key in ("user", "host", "port") if key in parts}


def connect():
    return asyncpg.connect(**address, database=parts["dbname"])


def run(connection):
    context.configure(connection)
    with context.begin_transaction():
        context.run_migrations()


async def main():
    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect)
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()


asyncio.run(main())
"""
TEMPLATE = '''\
"""${message}"""
from alembic import op
import sqlalchemy as sa
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade():
    ${upgrades if upgrades else "pass"}


def downgrade():
    ${downgrades if downgrades else "pass"}
'''
CONFIG = "[alembic]\nscript_location = %(here)s/migrations\nprepend_sys_path = .\n"
SETTINGS = '[project]\nname = "shop"\n\n[tool.jobgen]\nschema_source = "database"\n'
STATUS = "SELECT note, data, urgent, status::text FROM play_band_jobs"


@pytest.fixture
def env(database: str) -> dict[str, str]:
    return {"DATABASE_URL": database}


@pytest.fixture
def project(tmp_path: Path, run: Run, env: dict[str, str]) -> Path:
    """A project with a model, whose table is in the database."""
    files = {"pyproject.toml": SETTINGS, "models.py": MODELS, "Application/Schema.sql": ""}
    files |= {"alembic.ini": CONFIG, "migrations/script.py.mako": TEMPLATE}
    write_tree(tmp_path / "shop", {**files, "migrations/env.py": ENVIRONMENT})
    (tmp_path / "shop/migrations/versions").mkdir()
    run(tmp_path / "shop", "alembic", "revision", "--autogenerate", "-m", "bands", env=env)
    run(tmp_path / "shop", "alembic", "upgrade", "head", env=env)
    return tmp_path / "shop"


def changes(shown: str) -> list[str]:
    """Return the revisions that a plan in JSON creates, without their identifiers."""
    paths = [action["path"] for action in json.loads(shown)["actions"]]
    return [path.partition("_")[2] for path in paths if path.startswith("migrations/versions/")]


def add_index_by_a_revision(project: Path, run: Run, env: dict[str, str]) -> None:
    """Write what an edit of Schema.sql adds as a revision, and restore Schema.sql."""
    schema = project / "Application/Schema.sql"
    schema.write_text(schema.read_text() + "CREATE INDEX play_note ON play_band_jobs (note);\n")
    pending = run(project, "jobgen", "migrate", "--yes", env=env, code=3)
    assert "index play_note" in pending.stdout
    assert "run `alembic upgrade head`" in pending.stderr
    written = run(project, "jobgen", "migrate", "--write", "index-notes", env=env)
    assert "_index_notes_concurrently.py" in written.stdout
    run(project, "alembic", "upgrade", "head", env=env)
    run(project, "jobgen", "migrate", "--check", env=env)
    refused = run(project, "alembic", "downgrade", "-1", env=env, code=1)
    assert "NotImplementedError" in refused.stderr
    (revision,) = (project / "migrations/versions").glob("*_index_notes_concurrently.py")
    text = revision.read_text()
    assert "autocommit_block()" in text
    head, _, _ = text.partition("    raise NotImplementedError")
    revision.write_text(f'{head}    op.execute("DROP INDEX IF EXISTS play_note")\n')
    schema.write_text(schema.read_text().partition("CREATE INDEX play_note")[0])


def test_table_of_a_job_is_created_changed_and_dropped_by_revisions(
    project: Path, run: Run, env: dict[str, str]
) -> None:
    columns = ("band:references", "note:text?", 'data:jsonb={"a":true}')
    before = tree(project)
    shown = run(project, "jobgen", "job", "PlayBand", *columns, "--json", env=env).stdout
    assert changes(shown) == ["jobgen_runtime_schema.py", "create_play_band_jobs.py"]
    run(project, "jobgen", "job", "PlayBand", *columns, env=env)
    run(project, "jobgen", "undo", env=env)
    assert tree(project).keys() - before.keys() == set()

    done = run(project, "jobgen", "job", "PlayBand", *columns, env=env)
    assert "Update the database: alembic upgrade head" in done.stdout
    run(project, "alembic", "upgrade", "head", env=env)
    run(project, "run-jobs", "--check", env=env)
    kept = run(project, "jobgen", "undo", env=env, code=1)
    assert "create_play_band_jobs.py cannot be deleted: the database has it." in kept.stderr
    assert "hint: Reverse it there first: `alembic downgrade " in kept.stderr
    added = run(
        project, "jobgen", "column", "PlayBand", "urgent:bool=no", "--json", "--yes", env=env
    )
    assert changes(added.stdout) == ["add_urgent_to_play_band_jobs.py"]
    run(project, "alembic", "upgrade", "head", env=env)
    run(project, "alembic", "check", env=env)
    with psycopg.connect(env["DATABASE_URL"]) as conn:
        conn.execute("INSERT INTO bands (name) VALUES ('Opeth')")
        conn.execute("INSERT INTO play_band_jobs (band_id) SELECT id FROM bands")
    run(project, "run-jobs", "--drain", env=env)
    with psycopg.connect(env["DATABASE_URL"]) as conn:
        row = conn.execute(STATUS).fetchone()
    assert row == (None, {"a": True}, False, "job_status_succeeded")

    add_index_by_a_revision(project, run, env)
    run(project, "jobgen", "destroy", "job", "PlayBand", "--yes", env=env)
    run(project, "alembic", "upgrade", "head", env=env)
    run(project, "alembic", "downgrade", "-1", env=env)
    run(project, "run-jobs", "--check", env=env, code=None)
    run(project, "alembic", "downgrade", "base", env=env)
    with psycopg.connect(env["DATABASE_URL"]) as conn:
        left = conn.execute("SELECT typname FROM pg_type WHERE typname LIKE '%job%'").fetchall()
    assert left == []


def test_session_leaves_the_table_to_alembic_and_a_second_job_follows_its_revision(
    project: Path, run: Run, env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(project, "jobgen", "job", "Tune", env=env)
    monkeypatch.setenv("DATABASE_URL", env["DATABASE_URL"])
    log = StringIO()
    updates = SchemaUpdates(find_project(project), env["DATABASE_URL"], Console(log, colours=False))
    updates.update()
    updates.close()
    assert "does not have the runtime's schema, table tune_jobs" in log.getvalue()
    assert "Run: alembic upgrade head" in log.getvalue()
    (project / "migrations/env.py").write_text(ASYNC_ENVIRONMENT)
    run(project, "alembic", "upgrade", "head", env=env)

    shown = run(project, "jobgen", "job", "Rehearse", "--json", env=env)
    assert changes(shown.stdout) == ["create_rehearse_jobs.py"]
    missing = run(project, "jobgen", "job", "Sing", "song:references", env=env, code=2)
    assert "alembic upgrade head" in missing.stderr
