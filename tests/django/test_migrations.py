"""The migration of the runtime's own objects, by Django's own commands."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import psycopg
from jobgen_runtime.database import SCHEMA_VERSION, install_schema_sync, schema_version_sync
from jobgen_runtime.django import migrations
from jobgen_runtime.django.operations import InstallRuntimeSchema

from tests.django.projects import SQLITE, postgresql, write_project

Execute = Callable[..., str]


def version(url: str) -> int | None:
    with psycopg.connect(url) as conn:
        return schema_version_sync(conn)


def test_migrations_install_the_schema_where_it_is_wanted_and_take_it_back(
    tmp_path: Path, execute: Execute, database: str
) -> None:
    project = write_project(
        tmp_path,
        {"default": SQLITE, "other": postgresql(database)},
        'JOBGEN = {"DATABASE": "other"}',
    )
    shown = execute(
        project,
        'call_command("check")',
        'call_command("migrate", verbosity=0)',
        'call_command("makemigrations", check=True, dry_run=True)',
        'call_command("sqlmigrate", "jobgen", "0001", database="other")',
        'call_command("migrate", "jobgen", database="other", verbosity=0)',
    )
    assert "no issues" in shown
    assert "No changes detected" in shown
    assert "CREATE TABLE IF NOT EXISTS job_workers" in shown
    assert version(database) == SCHEMA_VERSION

    execute(project, 'call_command("migrate", "jobgen", "zero", database="other", verbosity=0)')
    assert version(database) is None
    with psycopg.connect(database) as conn:
        query = "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        assert conn.execute(query.encode()).fetchall() == []


def test_migration_keeps_an_installed_schema_and_drops_none_that_job_tables_use(
    tmp_path: Path, execute: Execute, database: str
) -> None:
    project = write_project(tmp_path, {"default": postgresql(database)})
    with psycopg.connect(database) as conn:
        install_schema_sync(conn)
        conn.execute(b"UPDATE job_runtime_schema SET version = 99")
        conn.execute(b"CREATE TABLE visit_jobs (status job_status)")
    execute(project, 'call_command("migrate", "jobgen", verbosity=0)')
    assert version(database) == 99

    refused = execute(project, 'call_command("migrate", "jobgen", "zero")', code=1)
    assert "table visit_jobs depends on type job_status" in refused
    assert version(database) == 99


def test_some_migration_installs_the_present_version_of_the_schema() -> None:
    names = [module.name for module in pkgutil.iter_modules(migrations.__path__)]
    found = [
        operation.version
        for name in names
        for operation in import_module(f"{migrations.__name__}.{name}").Migration.operations
        if isinstance(operation, InstallRuntimeSchema)
    ]
    assert max(found) == SCHEMA_VERSION
