"""Alembic's and Django's own tools leave the tables of jobs and of the runtime alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.support import forked
from tests.support.forked import BIN
from tests.support.tree import write_tree

pytestmark = pytest.mark.xdist_group("alembic")

INI = b"[alembic]\nscript_location = migrations\nprepend_sys_path = .\n"
TEMPLATE = b"""revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
def upgrade():
    ${upgrades if upgrades else "pass"}
def downgrade():
    ${downgrades if downgrades else "pass"}
"""
ENVIRONMENT = """
import os
import psycopg
from alembic import context
from models import metadata
from sqlalchemy import create_engine
{imported}
engine = create_engine(
    "postgresql+psycopg://", creator=lambda: psycopg.connect(os.environ["DATABASE_URL"])
)
with engine.connect() as connection:
    context.configure(
        connection, target_metadata=metadata, include_schemas=True, compare_server_default=True,
        {argument}
    )
    with context.begin_transaction():
        context.run_migrations()
"""
MODELS = """
from sqlalchemy import Column, Index, Integer, MetaData, Table, Text
metadata = MetaData()
Table("bands", metadata, Column("id", Integer, primary_key=True), Column("name", Text))
"""
JOB_MODEL = """
from sqlalchemy import DateTime, Uuid, text
from sqlalchemy.dialects.postgresql import ENUM
STATUSES = [
    f"job_status_{name}"
    for name in ("not_started", "running", "failed", "timed_out", "succeeded", "retry")
]
NOW = {"server_default": text("now()"), "nullable": False}
Table(
    "probe_jobs", metadata,
    Column("id", Uuid, primary_key=True, server_default=text("uuidv7()")),
    Column("created_at", DateTime(timezone=True), **NOW),
    Column("updated_at", DateTime(timezone=True), **NOW),
    Column("status", ENUM(*STATUSES, name="job_status"), nullable=False,
        server_default=text("'job_status_not_started'::job_status")),
    Column("last_error", Text),
    Column("attempts_count", Integer, server_default=text("0"), nullable=False),
    Column("locked_at", DateTime(timezone=True)),
    Column("locked_by", Uuid),
    Column("run_at", DateTime(timezone=True), **NOW),
    Column("what", Text, server_default="return", nullable=False),
    Column("moment", DateTime(timezone=True)),
)
"""
INCLUDED = {
    "imported": "from jobgen_runtime.alembic import include_object",
    "argument": "include_object=include_object",
}


class Alembic:
    """A project with Alembic and the model of `bands`, over a database with jobs and `bands`."""

    def __init__(self, root: Path, url: str) -> None:
        self.root = root
        self.env = {**os.environ, "DATABASE_URL": url}
        files = {"alembic.ini": INI, "migrations/script.py.mako": TEMPLATE}
        write_tree(root, {**files, "models.py": MODELS.encode()})
        (root / "migrations/versions").mkdir()
        with psycopg.connect(url) as conn:
            conn.execute("DROP TABLE bands")
            conn.execute("CREATE TABLE bands (id serial PRIMARY KEY, name text)")

    def write_environment(self, *, imported: str = "", argument: str = "") -> None:
        """Write env.py."""
        text = ENVIRONMENT.format(imported=imported, argument=argument)
        write_tree(self.root, {"migrations/env.py": text.encode()})

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Alembic."""
        command = (str(BIN / "alembic"), *arguments)
        return forked.run(command, self.root, self.env, timeout=120)


@pytest.fixture
def alembic(tmp_path: Path, app_database: str) -> Alembic:
    return Alembic(tmp_path, app_database)


def test_autogenerate_drops_the_tables_of_jobs_without_include_object(alembic: Alembic) -> None:
    alembic.write_environment()
    checked = alembic.run("check")
    assert checked.returncode != 0
    assert "probe_jobs" in checked.stdout + checked.stderr
    assert "job_workers" in checked.stdout + checked.stderr


def test_alembic_sees_no_difference_with_include_object(alembic: Alembic) -> None:
    alembic.write_environment(**INCLUDED)
    checked = alembic.run("check")
    assert "No new upgrade operations detected" in checked.stdout, checked.stderr
    made = alembic.run("revision", "--autogenerate", "-m", "nothing")
    assert made.returncode == 0, made.stderr
    (revision,) = (alembic.root / "migrations/versions").glob("*.py")
    assert "op." not in revision.read_text()


def test_alembic_still_compares_objects_of_the_user(alembic: Alembic) -> None:
    alembic.write_environment(**INCLUDED)
    with psycopg.connect(alembic.env["DATABASE_URL"]) as conn:
        conn.execute("CREATE INDEX bands_name ON bands (name)")
        conn.execute("CREATE TABLE printer_jobs (id int, status text)")
    checked = alembic.run("check")
    assert checked.returncode != 0
    assert "bands_name" in checked.stderr + checked.stdout
    assert "printer_jobs" in checked.stderr + checked.stdout


def test_model_of_a_job_is_compared_without_the_indexes_that_jobgen_created(
    alembic: Alembic,
) -> None:
    alembic.write_environment(**INCLUDED)
    models = MODELS + JOB_MODEL
    write_tree(alembic.root, {"models.py": models.encode()})
    checked = alembic.run("check")
    assert "No new upgrade operations detected" in checked.stdout, checked.stderr
    added = models.replace('Column("moment"', 'Column("more", Text), Column("moment"')
    write_tree(alembic.root, {"models.py": added.encode()})
    checked = alembic.run("check")
    assert "more" in checked.stderr + checked.stdout


def test_include_object_imports_neither_alembic_nor_sqlalchemy() -> None:
    code = (
        "import sys, jobgen_runtime.alembic; print({'alembic', 'sqlalchemy'} & sys.modules.keys())"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout == "set()\n"


SETTINGS = """
INSTALLED_APPS = ["bands"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {{"default": {{
    "ENGINE": "django.db.backends.postgresql", "NAME": "{name}", "USER": "{user}", "HOST": "{host}",
    "PORT": "{port}",
}}}}
"""
DJANGO_MODELS = b"""
from django.db import models
class Band(models.Model):
    name = models.TextField()
class ProbeJob(models.Model):
    id = models.UUIDField(primary_key=True)
    class Meta:
        managed = False
        db_table = "probe_jobs"
"""


def test_django_sees_no_difference(tmp_path: Path, app_database: str) -> None:
    parts = psycopg.conninfo.conninfo_to_dict(app_database)
    settings = SETTINGS.format(
        name=parts["dbname"], user=parts["user"], host=parts["host"], port=parts.get("port", "")
    )
    files = {"settings.py": settings.encode(), "bands/models.py": DJANGO_MODELS}
    files |= {"bands/__init__.py": b"", "bands/migrations/__init__.py": b""}
    write_tree(tmp_path, files)

    def django(*arguments: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "django", *arguments],
            cwd=tmp_path,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "settings", "PYTHONPATH": str(tmp_path)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    django("makemigrations")
    django("migrate")
    assert "No changes detected" in django("makemigrations", "--check")
    with psycopg.connect(app_database) as conn:
        assert conn.execute("SELECT 1 FROM probe_jobs, job_workers LIMIT 0").fetchall() == []
