"""A real PostgreSQL for every test, and a database of its own for each."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql
from psycopg.conninfo import make_conninfo

from jobgen.postgres import Server, temporary_server

# In CI the same examples each time: what lands is not up to chance.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """The address of a server on which the tests may make databases.

    JOBGEN_TEST_DATABASE_URL names one that is there already; else each process of
    pytest has an embedded one, which ends with it even if it is killed.
    """
    if given := os.environ.get("JOBGEN_TEST_DATABASE_URL"):
        yield given
    else:
        with temporary_server() as url:
            yield url


@pytest.fixture(scope="session", autouse=True)
def no_server_outlives_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Stop what tests have left running, and remove data that root keeps outside of projects."""
    yield
    base = tmp_path_factory.getbasetemp().resolve()
    for owner in Path("/var/lib/jobgen").glob("*/project"):
        project = Path(owner.read_text(encoding="utf-8").strip())
        if project.is_relative_to(base):
            if project.exists():
                Server(project).stop()
            shutil.rmtree(owner.parent)
    for address in base.glob("**/.jobgen/database_url"):
        Server(address.parent.parent).stop()


@contextmanager
def temporary_database(server_url: str, template: str = "template1") -> Iterator[str]:
    """A database made from `template`, dropped at the end: its conninfo."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    try:
        yield make_conninfo(server_url, dbname=name)
    finally:
        with psycopg.connect(server_url, autocommit=True) as conn:
            conn.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )


@pytest.fixture
def new_database(server_url: str) -> Iterator[Callable[[], str]]:
    """Makes empty databases, each call another one."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(temporary_database(server_url))


@pytest.fixture
def database(new_database: Callable[[], str]) -> str:
    """The conninfo of an empty database."""
    return new_database()
