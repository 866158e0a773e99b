"""The fixtures of pytest, which finds this module by its entry point.

pytest imports it in every run where jobgen-runtime is installed, so it imports the rest only where
a test uses a fixture.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from jobgen_runtime.testing.clocks import Clock
    from jobgen_runtime.testing.databases import TestDatabases


def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Put the project's modules on the Python path, as `run-jobs` does."""
    from jobgen_runtime.contract.errors import JobgenRuntimeError
    from jobgen_runtime.project import read_config

    try:
        root = _find_project(early_config)
        source = root and str((root / read_config(root).source).resolve())
    except JobgenRuntimeError as error:
        raise pytest.UsageError(str(error)) from None
    if source and source not in sys.path:
        sys.path.insert(0, source)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Import the module that `setup` in [tool.jobgen] names, before tests are collected."""
    from jobgen_runtime.contract.errors import JobgenRuntimeError
    from jobgen_runtime.project import activate_project, read_config

    try:
        root = _find_project(session.config)
        if root is not None and read_config(root).setup:
            activate_project(root)
    except JobgenRuntimeError as error:
        raise pytest.UsageError(str(error)) from None


def _find_project(config: pytest.Config) -> Path | None:
    """Return the root of the project under test: that of the current folder, else of pytest's.

    pytest's own root is a folder above where only that one's pyproject.toml has options of pytest.
    """
    from jobgen_runtime.project import find_root

    return find_root(config.invocation_params.dir) or find_root(config.rootpath)


def pytest_runtest_teardown() -> None:
    """Let the clock show the present again after each test."""
    if (module := sys.modules.get("jobgen_runtime.testing.clocks")) is not None:
        module.clock.reset()


@pytest.fixture(scope="session")
def jobgen_server() -> Iterator[str]:
    """Yield the address of the server on which tests create databases; override it for another."""
    from jobgen_runtime.testing.server import find_server

    with find_server() as url:
        yield url


@pytest.fixture(scope="session")
def jobgen_create_tables() -> Callable[[str], object]:
    """Return the function that creates the tables in the empty database at an address.

    It runs once for each process of pytest. Override it to run your own migrations.
    """
    from jobgen_runtime.testing.schema import create_tables

    return create_tables


@pytest.fixture(scope="session")
def jobgen_databases(
    jobgen_server: str, jobgen_create_tables: Callable[[str], object]
) -> Iterator[TestDatabases]:
    """Yield the databases of this run of tests, all of them copies of one template."""
    from jobgen_runtime.testing.databases import TestDatabases

    with TestDatabases.on_server(jobgen_server, jobgen_create_tables) as databases:
        yield databases


@pytest.fixture(scope="session")
def jobgen_shared_database(jobgen_databases: TestDatabases) -> Iterator[str]:
    """Yield the address of a database that tests of a process share, because each rolls back."""
    with jobgen_databases.fresh() as url:
        yield url


@pytest.fixture
def jobgen_database(jobgen_databases: TestDatabases) -> Iterator[str]:
    """Let DATABASE_URL and all records use a fresh database during the test; yield its address."""
    from jobgen_runtime.testing.isolation import fresh_database

    with fresh_database(jobgen_databases) as url:
        yield url


@pytest.fixture
def jobgen_transaction(jobgen_shared_database: str) -> Iterator[str]:
    """Let all records use one transaction, which is rolled back; yield the database's address."""
    from jobgen_runtime.testing.isolation import rolled_back

    with rolled_back(jobgen_shared_database) as url:
        yield url


@pytest.fixture
def jobgen_clock() -> Clock:
    """Return the clock by which jobs and schedules of the test are due."""
    from jobgen_runtime.testing.clocks import clock

    return clock
