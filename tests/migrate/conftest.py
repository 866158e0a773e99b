"""Databases to migrate, and projects around them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.migrate.command_line import Result, jobgen, make_project
from tests.migrate.databases import Application, Database


@pytest.fixture
def make_database(new_database: Callable[[], str], server_url: str) -> Callable[[], Database]:
    """Return a function that creates an empty database."""
    return lambda: Database(new_database(), server_url)


@pytest.fixture
def target(make_database: Callable[[], Database]) -> Database:
    """An empty database."""
    return make_database()


@pytest.fixture
def application(tmp_path: Path, target: Database) -> Application:
    """A project with an empty Schema.sql and an empty database."""
    (tmp_path / "pyproject.toml").write_text("[tool.jobgen]\n")
    (tmp_path / "Application").mkdir()
    application = Application(tmp_path, target)
    application.write_schema("")
    return application


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with an empty Schema.sql."""
    return make_project(tmp_path / "project")


@pytest.fixture
def migrate(project: Path) -> Callable[..., Result]:
    """Return a function that writes Schema.sql and runs `jobgen migrate`."""

    def run(url: str, schema: str | None, *arguments: str) -> Result:
        if schema is not None:
            (project / "Application/Schema.sql").write_text(schema)
        return jobgen(project, "migrate", *arguments, url=url)

    return run
