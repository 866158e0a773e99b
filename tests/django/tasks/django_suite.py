"""Run Django's own tests of task backends against `TasksBackend`, with Django 6.

    python django_suite.py [FOLDER]

Django's tests are not part of its package. They are taken from its source distribution, which pip
downloads, or from FOLDER, which has `tests/tasks`. They are written for its two backends: one keeps
tasks in memory, the other runs them at once. Here these are replaced by subclasses of
`TasksBackend` with what the tests ask of them: `results` and `clear()`, and a worker that runs
after each `enqueue`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tempfile
import unittest
from pathlib import Path

import django
from psycopg import connect
from psycopg.conninfo import conninfo_to_dict

from jobgen.postgres import temporary_server

STORE = "suite_backends.StoreBackend"
IMMEDIATE = "suite_backends.ImmediateBackend"

BACKENDS = '''
import asyncio
import logging

from django.db import connection
from jobgen_runtime.django import TasksBackend


class StoreBackend(TasksBackend):
    """In the place of DummyBackend."""

    @property
    def results(self):
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM django_task_jobs ORDER BY id")
            return Results([self.get_result(str(id)) for [id] in cursor.fetchall()])

    def clear(self):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_task_jobs")


class Results(list):
    """As the list of DummyBackend, whose items the tests change."""

    def __getitem__(self, index):
        result = super().__getitem__(index)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE django_task_jobs SET status = 'job_status_succeeded' WHERE id = %s",
                [result.id],
            )
        return result


class ImmediateBackend(TasksBackend):
    """In the place of Django's own: `enqueue` returns once a worker has run the task."""

    def enqueue(self, task, args, kwargs):
        result = super().enqueue(task, args, kwargs)
        asyncio.run(drain())
        result.refresh()
        return result


async def drain():
    from jobgen_runtime.django.tasks.worker import task_jobs
    from jobgen_runtime.supervisor import HealthSigns, WorkerProcess, WorkerSettings

    await WorkerProcess(task_jobs(), WorkerSettings(drain=True), HealthSigns(), None).run()
'''

DOES_NOT_FIT = {
    "test_throws_keyboard_interrupt": "a worker is not stopped by what a task raises: it fails",
    "test_cannot_get_result": "TasksBackend has results",
    "test_cannot_refresh_result": "TasksBackend has results",
    "test_cannot_pass_run_after": "TasksBackend has run_after",
    "test_doesnt_wait_until_transaction_commit_by_default (tasks.test_immediate_backend": (
        "a worker does not see a task before its transaction has committed"
    ),
}
"""Tests of what `TasksBackend` does otherwise on purpose."""

REPLACED = {
    r"django\.tasks\.backends\.dummy\.DummyBackend": STORE,
    r"django\.tasks\.backends\.immediate\.ImmediateBackend": IMMEDIATE,
    r"django\.tasks\.backends\.(dummy|immediate) import": "suite_backends import",
    r"\bDummyBackend\b": "StoreBackend",
    # Some of the tests expect that they need no database, others that no application is installed.
    r"\bSimpleTestCase\b": "TransactionTestCase",
    r"    available_apps = \[\]\n": "",
}
"""What is changed in the text of the tests."""

_SETTINGS = """
SECRET_KEY = "of a test"
USE_TZ = True
INSTALLED_APPS = ["jobgen_runtime.django", "tasks"]
DATABASES = {{"default": {database!r}}}
TASKS = {{"default": {{"BACKEND": "{store}", "QUEUES": []}}}}
"""


def main() -> int:
    """Run the tests that fit, and return the exit code."""
    with tempfile.TemporaryDirectory() as temporary, temporary_server() as url:
        folder = Path(temporary)
        source = Path(sys.argv[1]) if len(sys.argv) > 1 else download(folder)
        write_suite(source / "tests/tasks", folder, url)
        sys.path.insert(0, str(folder))
        os.environ["DJANGO_SETTINGS_MODULE"] = "suite_settings"
        # Async tests call synchronous methods, which a backend in memory allows.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        django.setup()
        return run(folder)


def download(folder: Path) -> Path:
    """Download the source of the Django that is installed, and return its folder."""
    version = django.get_version()
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary"]
    subprocess.run([*command, "django", f"django=={version}", "--dest", folder], check=True)
    [archive] = folder.glob("*.tar.gz")
    with tarfile.open(archive) as files:
        files.extractall(folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz")


def write_suite(tests: Path, folder: Path, url: str) -> None:
    """Write Django's tests with our backends into a folder, and the settings for a database."""
    (folder / "suite_backends.py").write_text(BACKENDS)
    parts = conninfo_to_dict(url)
    with connect(url, autocommit=True) as conn:
        conn.execute("CREATE DATABASE suite")
    names = {"USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    database = {name: str(parts.get(part) or "") for name, part in names.items()}
    database |= {"ENGINE": "django.db.backends.postgresql", "NAME": "suite"}
    settings = _SETTINGS.format(database=database, store=STORE)
    (folder / "suite_settings.py").write_text(settings)
    (folder / "tasks").mkdir()
    for file in tests.glob("*.py"):
        text = file.read_text()
        for old, new in REPLACED.items():
            text = re.sub(old, new, text)
        (folder / "tasks" / file.name).write_text(text)


def run(folder: Path) -> int:
    """Run the tests of the folder, and print what does not fit."""
    from django.test.runner import DiscoverRunner

    runner = DiscoverRunner(verbosity=1, interactive=False)
    suite = unittest.TestSuite()
    left_out = []
    for test in runner.build_suite([str(folder / "tasks")], top_level=str(folder)):
        reason = next((why for name, why in DOES_NOT_FIT.items() if name in str(test)), None)
        left_out += [f"{test}: {reason}"] if reason else []
        if reason is None:
            suite.addTest(test)
    runner.setup_databases()
    result = runner.run_suite(suite)
    print(f"{suite.countTestCases()} of Django's tests ran. Left out:", *left_out, sep="\n  ")
    return 0 if result.wasSuccessful() and len(left_out) == len(DOES_NOT_FIT) else 1


if __name__ == "__main__":
    sys.exit(main())
