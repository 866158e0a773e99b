"""`manage.py run_jobs`: the worker in a project of Django."""

from __future__ import annotations

import re
import signal
import sys
from pathlib import Path

import pytest

from tests.django.projects import SQLITE, postgresql, write_project
from tests.support.application import Application
from tests.support.process import Process
from tests.support.rows import Rows
from tests.support.waiting import wait_for

KEPT_CONNECTIONS = {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
PRINT_BACKEND = """
def print_backend():
    from django.db import connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        print("backend", cursor.fetchone()[0], flush=True)
"""
SYNC = f"""
def perform(self, job):
    {PRINT_BACKEND.strip().replace(chr(10), chr(10) + "    ")}
    print_backend()
"""
ASYNC = f"""
async def perform(self, job):
    from asgiref.sync import sync_to_async
    {PRINT_BACKEND.strip().replace(chr(10), chr(10) + "    ")}
    await sync_to_async(print_backend)()
"""
SAY = """
def perform(self, job):
    print("version {version}", flush=True)
    while job.what == "wait" and not os.path.exists("go"):
        time.sleep(0.01)
"""


@pytest.fixture
def site(app: Application, app_database: str) -> Application:
    """The small application as a project of Django, without DATABASE_URL and without `setup`."""
    del app.env["DATABASE_URL"]
    database = {**postgresql(app_database), **KEPT_CONNECTIONS}
    write_project(app.root, {"default": database})
    return app


def run_jobs(site: Application, *options: str) -> Process:
    """Start the worker in another folder, and wait until it is ready."""
    manage = str(site.root / "manage.py")
    worker = site.start(sys.executable, manage, "run_jobs", "--poll", "3600", *options)
    worker.wait_for_start("ready")
    return worker


def backend(worker: Process) -> int:
    """Return the server's process that the job has printed."""
    return int(worker.wait_for_line("backend").split()[-1])


@pytest.mark.parametrize(
    "options", ["max_concurrency = 1", 'isolation = "process"\nmax_concurrency = 1']
)
def test_job_gets_another_connection_of_django_if_the_last_one_broke(
    site: Application, rows: Rows, options: str
) -> None:
    site.write_job(SYNC, options=options)
    worker = run_jobs(site)
    rows.wait_for_status(rows.insert(), "succeeded", attempts=1)
    broken = backend(worker)
    rows.conn.execute("SELECT pg_terminate_backend(%s)", [broken])
    rows.wait_for_status(rows.insert(), "succeeded", attempts=1)
    assert backend(worker) != broken
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_exit()


def test_asynchronous_job_closes_its_connections_of_django(site: Application, rows: Rows) -> None:
    site.write_job(ASYNC)
    worker = run_jobs(site)
    rows.wait_for_status(rows.insert(), "succeeded", attempts=1)
    used = backend(worker)
    query = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"

    def is_closed() -> bool:
        row = rows.conn.execute(query, [used]).fetchone()
        return row is not None and row[0] == 0

    wait_for(is_closed, "the connection is closed")
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_exit()


def test_processes_of_the_worker_set_django_up(site: Application, rows: Rows) -> None:
    site.write_job(SYNC)
    manage = str(site.root / "manage.py")
    jobs = rows.insert(n=2)
    worker = site.start(sys.executable, manage, "run_jobs", "--processes", "2", "--drain")
    assert "backend" in worker.wait_for_exit()
    rows.wait_for_status(jobs, "succeeded", attempts=1)


def test_worker_starts_again_when_a_file_changes_after_its_running_job(
    site: Application, rows: Rows
) -> None:
    job = site.root / "Web/Job/Probe.py"
    site.write_job(SAY.format(version="one"))
    worker = run_jobs(site, "--autoreload")
    waiting = rows.insert("wait")
    worker.wait_for_line("version one")
    job.write_text(job.read_text().replace("version one", "version two"))
    worker.wait_for_line("waiting up to")
    (site.root / "go").touch()
    worker.wait_for_line("ready")
    rows.wait_for_status(waiting, "succeeded", attempts=1)
    rows.insert()
    worker.wait_for_line("version two")

    right = job.read_text()
    job.write_text("def")
    worker.wait_for_line("SyntaxError")
    worker.wait_for_line("starts again when a file changes")
    job.write_text(right)
    worker.wait_for_line("ready")
    worker.send_signal(signal.SIGTERM)
    worker.wait_for_exit()


def test_worker_without_postgresql_or_migrations_says_what_to_do(
    site: Application, database: str
) -> None:
    run = [sys.executable, "manage.py", "run_jobs", "--drain"]
    settings = site.root / "mysite/settings.py"
    right = settings.read_text()
    settings.write_text(f"{right}\nDATABASES = {{'default': {SQLITE}}}\n")
    refused = site.start(*run).wait_for_exit(1)
    assert "DATABASES['default'] is SQLite, and jobs are in PostgreSQL." in refused
    assert "Traceback" not in refused

    settings.write_text(f"{right}\nDATABASES = {{'default': {postgresql(database)}}}\n")
    refused = site.start(*run).wait_for_exit(1)
    assert "python manage.py migrate" in refused
    assert "Traceback" not in refused


def test_command_shows_the_options_of_the_worker_and_of_django(tmp_path: Path) -> None:
    write_project(tmp_path, {"default": SQLITE})
    worker = Process([sys.executable, "manage.py", "run_jobs", "--nope"], tmp_path, {})
    shown = worker.wait_for_exit(2)
    worker.close()
    assert re.search(r"^manage.py run_jobs: There is no option --nope\.", shown, re.MULTILINE)
