"""Fixtures of the whole suite: a real PostgreSQL, databases, and a small application."""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
import signal
import sys
import uuid
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import settings
from jobgen_runtime.database import runtime_schema
from psycopg.conninfo import conninfo_to_dict

from jobgen.postgres import Server, temporary_server
from tests.support.application import WAIT_FOR_GO, Application, application
from tests.support.database import administrator, install_app_schema, temporary_database
from tests.support.environment import compile_packages, keep_temporary_files_in_memory
from tests.support.other_kind import OTHER_TABLE, TWO_KINDS
from tests.support.rows import Rows
from tests.support.statements import CountedDatabase

keep_temporary_files_in_memory()

# CI runs the same examples each time. No example has a deadline: a busy machine is not a fault.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


def pytest_configure(config: pytest.Config) -> None:
    """Compile packages and tests once, and let programs under test receive Ctrl-C.

    Garbage collection is off until all tests are collected, which takes a quarter less time.
    A shell without job control starts background commands with SIGINT ignored. If pytest is one,
    the programs that it starts would inherit that.
    """
    gc.disable()
    if not hasattr(config, "workerinput"):
        compile_packages()
    sys.dont_write_bytecode = False
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Let one process of pytest at a time import a test file, which compiles it for the others."""
    if not isinstance(collector, pytest.Module):
        return (yield)
    with collector.path.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        return (yield)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Spread the files of each folder over the run, if processes of pytest share it.

    Tests of some folders wait most of the time: one after the other, they leave processors idle.
    """
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: zlib.crc32(item.location[0].encode()))


def pytest_collection_finish() -> None:
    """Turn garbage collection on again, except for the many objects of the collection."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn skips into failures if JOBGEN_TEST_FAIL_ON_SKIP is set, as in CI."""
    report = yield
    is_skip = report.skipped and not hasattr(report, "wasxfail")
    if is_skip and os.environ.get("JOBGEN_TEST_FAIL_ON_SKIP"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{reason}\nJOBGEN_TEST_FAIL_ON_SKIP is set: no test may be skipped."
    return report


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """The address of a server on which tests may create databases.

    JOBGEN_TEST_DATABASE_URL names an existing one. Else each process of pytest starts an embedded
    one, which ends with the process even if that is killed.
    """
    with ExitStack() as stack:
        url = os.environ.get("JOBGEN_TEST_DATABASE_URL")
        url = url or stack.enter_context(temporary_server())
        stack.enter_context(administrator(url))
        # The first connection to a database writes a cache of the catalogs, which copies have too.
        psycopg.connect(url, dbname="template1").close()
        yield url


@pytest.fixture(scope="session", autouse=True)
def no_server_outlives_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Stop servers that tests left running, and delete data that root keeps outside of projects."""
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


@pytest.fixture(scope="session")
def mypy_cache(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The cache of mypy for tests in the group "mypy": the types of libraries, read once."""
    return str(tmp_path_factory.mktemp("mypy_cache"))


@pytest.fixture
def new_database(server_url: str) -> Iterator[Callable[[], str]]:
    """A function that creates an empty database at each call and returns its conninfo."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(temporary_database(server_url))


@pytest.fixture
def database(new_database: Callable[[], str]) -> str:
    """The conninfo of an empty database."""
    return new_database()


@pytest.fixture(scope="session")
def app_template(server_url: str) -> Iterator[str]:
    """The name of a database with the runtime's schema and the application's tables."""
    with temporary_database(server_url) as url:
        install_app_schema(url)
        yield str(conninfo_to_dict(url)["dbname"])


@pytest.fixture
def app_database(server_url: str, app_template: str) -> Iterator[str]:
    """The conninfo of a database with the runtime's schema and the application's tables."""
    with temporary_database(server_url, app_template) as url:
        yield url


@pytest.fixture
def app(tmp_path: Path, app_database: str) -> Iterator[Application]:
    """The small application over `app_database`."""
    (tmp_path / "shop").mkdir()
    with application(tmp_path / "shop", app_database) as made:
        yield made


@pytest.fixture
def rows(app_database: str) -> Iterator[Rows]:
    """The table `probe_jobs` of `app_database`."""
    table = Rows(app_database)
    yield table
    table.close()


@pytest.fixture
def make_role(app_database: str) -> Iterator[Callable[[], str]]:
    """A function that creates a role without rights, which may log in, and returns its name."""
    roles: list[str] = []

    def make() -> str:
        roles.append(f"role_{uuid.uuid4().hex}")
        with psycopg.connect(app_database, autocommit=True) as owner:
            owner.execute(f"CREATE ROLE {roles[-1]} LOGIN".encode())
        return roles[-1]

    yield make
    with psycopg.connect(app_database, autocommit=True) as owner:
        for role in roles:
            owner.execute(f"DROP OWNED BY {role}".encode())
            owner.execute(f"DROP ROLE {role}".encode())


@pytest.fixture
def two_kinds(app: Application, rows: Rows) -> Application:
    """An application with two kinds of job: Probe, whose jobs wait for `go`, and Other."""
    app.write_job(WAIT_FOR_GO)
    rows.conn.execute(OTHER_TABLE.encode())
    app.write("WorkerMain.py", TWO_KINDS)
    return app


@pytest.fixture(scope="module")
def runtime_database(server_url: str) -> Iterator[str]:
    """The conninfo of a database with the runtime's schema, shared by the tests of one file."""
    with temporary_database(server_url) as url:
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute(runtime_schema().encode())
        yield url


@pytest.fixture
def conn(runtime_database: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection to `runtime_database`, rolled back after the test."""
    with psycopg.connect(runtime_database) as connection:
        yield connection
        connection.rollback()


@pytest.fixture(scope="session")
def counting_server() -> Iterator[str]:
    """The address of a server with pg_stat_statements, on stock settings otherwise."""
    with temporary_server(("shared_preload_libraries=pg_stat_statements",)) as url:
        yield url


@pytest.fixture
def counted(counting_server: str) -> Iterator[CountedDatabase]:
    """A database like `app_database` whose statements are counted."""
    with (
        psycopg.connect(counting_server, autocommit=True) as admin,
        temporary_database(counting_server) as url,
    ):
        install_app_schema(url)
        yield CountedDatabase(url, admin)


@pytest.fixture
def counted_app(tmp_path: Path, counted: CountedDatabase) -> Iterator[Application]:
    """The small application over `counted`."""
    with application(tmp_path, counted.url) as made:
        yield made


@pytest.fixture
def counted_rows(counted: CountedDatabase) -> Iterator[Rows]:
    """The table `probe_jobs` of `counted`."""
    table = Rows(counted.url)
    yield table
    table.close()
