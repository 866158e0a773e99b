"""The start of `run-jobs`: its first log line, and its wait for the server."""

from __future__ import annotations

import gc
import signal
import socket
from importlib.metadata import version

import psycopg
import pytest
from jobgen_runtime import install_schema_sync
from jobgen_runtime.database import describe_url
from psycopg.conninfo import make_conninfo

from tests.support.application import Application
from tests.support.own_server import FAST, own_server
from tests.support.rows import Rows
from tests.support.schema import APP_SCHEMA


def change_address(app: Application, **parts: str) -> None:
    app.env["DATABASE_URL"] = make_conninfo(app.env["DATABASE_URL"], **parts)


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_first_log_line_names_version_project_database_and_loop(
    app: Application, loop: str
) -> None:
    change_address(app, password="swordfish")
    loop_classes = "type(asyncio.get_running_loop()).__mro__"
    app.write_job(f"async def perform(self, job):\n    print({loop_classes})")
    with psycopg.connect(app.env["DATABASE_URL"]) as conn:
        name = conn.info.dbname
        conn.execute("INSERT INTO probe_jobs DEFAULT VALUES")
    output = app.start("run-jobs", "--drain", "--loop", loop).wait_for_exit()
    first = output.splitlines()[0]
    assert f"run-jobs {version('jobgen-runtime')} of {app.root}: 1 kind of job, " in first
    assert f"database {name} on " in first
    assert first.endswith(f", loop {loop}")
    assert f"<class '{loop}." in output
    assert "swordfish" not in output


@pytest.mark.parametrize("options", ["", 'isolation = "process"\n'], ids=["worker", "process"])
def test_garbage_of_jobs_is_collected_as_in_any_program(
    app: Application, rows: Rows, options: str
) -> None:
    app.write_job(
        """
        def perform(self, job):
            import gc
            print("garbage collection:", gc.isenabled(), gc.get_threshold(), flush=True)
        """,
        options=options,
    )
    rows.insert()
    # From scratch: a forked process has executed the imports of the program already.
    worker = app.start("python", "-m", "jobgen_runtime.cli.start_worker", "--drain")
    assert f"garbage collection: True {gc.get_threshold()}" in worker.wait_for_exit()


def test_uvloop_is_used_if_installed(app: Application) -> None:
    assert "loop uvloop" in app.start("run-jobs", "--drain").wait_for_exit()


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("postgresql://web:secret@db.example.org/shop", "shop on db.example.org:5432 as web"),
        ("postgresql://web@[::1]:6432/shop", "shop on [::1]:6432 as web"),
        ("host=a,b port=1,2 dbname=shop user=web", "shop on a:1, b:2 as web"),
        ("postgresql://web@/shop?host=/run/sockets", "shop on /run/sockets as web"),
    ],
)
def test_database_is_described_without_its_password(address: str, text: str) -> None:
    assert describe_url(address) == f"database {text}"


def test_worker_waits_for_a_server_that_is_down_at_the_start(app: Application) -> None:
    with own_server() as server:
        with psycopg.connect(server.url) as conn:
            install_schema_sync(conn)
            conn.execute(APP_SCHEMA.encode())
            conn.execute("INSERT INTO probe_jobs DEFAULT VALUES")
        server.stop(FAST)
        app.env["DATABASE_URL"] = server.url
        worker = app.start("run-jobs", "--drain", "-v")
        worker.wait_for_line("WARNING the database does not answer")
        worker.wait_for_line("DEBUG the database does not answer", times=2)
        server.start()
        output = worker.wait_for_exit()
    assert "the database answers again" in output
    assert "ran" in output


@pytest.mark.parametrize("processes", ["1", "2"])
def test_worker_that_waits_for_a_server_can_be_shut_down(app: Application, processes: str) -> None:
    with socket.socket() as taken:
        # A bound port that does not listen refuses connections.
        taken.bind(("127.0.0.1", 0))
        change_address(app, host="127.0.0.1", port=str(taken.getsockname()[1]))
        worker = app.start("run-jobs", "--processes", processes)
        worker.wait_for_line("does not answer")
        worker.send_signal(signal.SIGTERM)
        worker.wait_for_exit()


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"dbname": "no_such_database"}, 'database "no_such_database" does not exist'),
        ({"user": "no_such_role"}, 'role "no_such_role" does not exist'),
    ],
)
def test_worker_exits_if_the_server_rejects_its_role_or_database(
    app: Application, parts: dict[str, str], reason: str
) -> None:
    change_address(app, **parts)
    output = app.start("run-jobs").wait_for_exit(1)
    assert "The database rejects the connection" in output
    assert reason in output
    assert "Traceback" not in output


def test_worker_exits_if_the_server_rejects_its_password(app: Application) -> None:
    with own_server() as server:
        with psycopg.connect(server.url, autocommit=True) as conn:
            conn.execute("CREATE ROLE web LOGIN PASSWORD 'right'")
        server.stop(FAST)
        server.require_password("web")
        server.start()
        for parts in ("password=wrong", ""):
            app.env["DATABASE_URL"] = make_conninfo(
                f"{make_conninfo(server.url, user='web')} {parts}"
            )
            output = app.start("run-jobs").wait_for_exit(1)
            assert "The database rejects the connection" in output
            assert "password" in output


def test_worker_exits_if_the_database_address_is_invalid(app: Application) -> None:
    app.env["DATABASE_URL"] = "postgresql://[nonsense"
    output = app.start("run-jobs").wait_for_exit(1)
    assert "address is invalid" in output
    assert "Traceback" not in output
