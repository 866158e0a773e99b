"""Enqueueing in transactions, and what is refused; one script in a project for all cases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.django.tasks.project import TASKS, TasksProject
from tests.support.database import temporary_database

pytestmark = pytest.mark.xdist_group("django_tasks")

SETTINGS = f"""
TASKS = {{
    "default": {{{TASKS}, "OPTIONS": {{"modules": ["helpers.further"]}}}},
    "broken": {{"BACKEND": "no.such.backend"}},
}}
DATABASES["lite"] = {{"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
"""

POLLS = """
from LIBRARY import task


@task
def add(a, b=0):
    return a + b
"""

SCRIPT = """
import asyncio
from datetime import datetime, timedelta

from django.test import override_settings
from LIBRARY import task, task_backends

OURS = "jobgen_runtime.django.TasksBackend"


def attempt(name, call):
    try:
        report[name] = str(call())
    except Exception as error:
        report[name] = f"{type(error).__name__}: {error}"


def exists(result):
    try:
        tasks.add.get_result(result.id)
    except Exception as error:
        return type(error).__name__
    return "there"


attempt("no table", lambda: tasks.add.enqueue(1))
attempt("no table to read", lambda: tasks.add.get_result("01a22d26-1964-79bf-9e97-2dd5f58aaaea"))
call_command("migrate", verbosity=0)

try:
    with transaction.atomic():
        lost = tasks.add.enqueue(1)
        report["inside"] = exists(lost)
        raise KeyError
except KeyError:
    report["rolled back"] = exists(lost)
with transaction.atomic():
    kept = tasks.add.enqueue(1)
report["committed"] = exists(kept)
report["async"] = exists(asyncio.run(tasks.add.aenqueue(1)))


def enqueue_after_error():
    with transaction.atomic():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")
        except Exception:
            connection.set_rollback(True)
        tasks.add.enqueue(1)


attempt("failed transaction", enqueue_after_error)

nested = []
for _ in range(5000):
    nested = [nested]
attempt("object", lambda: tasks.add.enqueue(datetime.now()))
attempt("not a number", lambda: tasks.add.enqueue(float("nan")))
attempt("nul", lambda: tasks.add.enqueue({"a\\0": 1}))
attempt("surrogate", lambda: tasks.add.enqueue("\\ud800"))
attempt("large", lambda: tasks.add.enqueue("x" * 20_000_000))
attempt("nested", lambda: tasks.add.enqueue(nested))
attempt("as stored", lambda: tasks.add.enqueue({1: (2, b"3")}, b="\\\\u0000").args)
attempt("queue", lambda: tasks.add.using(queue_name="unknown"))


@task
def in_script():
    pass


def from_module(name):
    in_script.func.__module__ = name
    return in_script.enqueue().status


attempt("script", lambda: from_module("__main__"))
attempt("other module", lambda: from_module("json.tool"))
attempt("named module", lambda: from_module("helpers.further.tasks"))
attempt("module of the project", lambda: from_module("mysite.views"))


def enqueue_to_sqlite():
    with override_settings(JOBGEN={"DATABASE": "lite"}):
        tasks.add.enqueue(1)


def check(*options, **changed):
    aliases = {
        f"b{number}": {"BACKEND": OURS, "OPTIONS": each}
        for number, each in enumerate(options)
    }
    with override_settings(TASKS=aliases, **changed):
        return [f"{each.id}: {each.msg} {each.hint}" for each in task_backends["b0"].check()]


attempt("sqlite", enqueue_to_sqlite)
attempt("good options", lambda: check({"timeout": timedelta(seconds=1), "max_attempts": 3}))
attempt("no application", lambda: check({}, INSTALLED_APPS=["polls"]))
attempt("unknown option", lambda: check({"max_atempts": 3}))
attempt("invalid option", lambda: check({"timeout": 60}))
attempt("modules", lambda: check({"modules": "polls.tasks"}))
attempt("other options", lambda: check({"timeout": timedelta(seconds=1)}, {}))
"""

EXPECTED = {
    "no table": "SchemaError: The database 'default' has no table django_task_jobs.",
    "no table to read": "Run: manage.py migrate jobgen",
    "inside": "there",
    "rolled back": "TaskResultDoesNotExist",
    "committed": "there",
    "async": "there",
    "failed transaction": "The connection's transaction has failed",
    "object": "TypeError: Unsupported type: <class 'datetime.datetime'>",
    "not a number": "ValueError: The arguments cannot be stored as JSON: Out of range float values",
    "nul": "ValueError: The arguments cannot be stored as JSON: PostgreSQL has no NUL characters.",
    "surrogate": "ValueError: The arguments cannot be stored as JSON: 'utf-8' codec can't encode",
    "large": "ValueError: The arguments: 20,000,004 bytes as JSON, of 16,777,216 at most.",
    "nested": "ValueError: The arguments cannot be stored as JSON: nested too deeply.",
    "as stored": "[{'1': [2, '3']}]",
    "queue": "Queue 'unknown' is not valid for backend.",
    "script": "its module is the script that was started, which workers cannot import.",
    "other module": '"modules": ["json.tool"]',
    "named module": "READY",
    "module of the project": "READY",
    "sqlite": "SQLite",
    "good options": "[]",
    "no application": "jobgen.E101: TASKS['b0'] needs the application 'jobgen_runtime.django'.",
    "unknown option": "jobgen.E102: TASKS['b0']: OPTIONS has no 'max_atempts'.",
    "invalid option": "E102: DjangoTask.timeout must be None or a timedelta above zero, not 60.",
    "modules": "jobgen.E102: TASKS['b0']: 'modules' of OPTIONS must be a list of modules",
    "other options": "jobgen.E102: TASKS: 'b0' and 'b1' have different OPTIONS",
}


@pytest.fixture(scope="module")
def report(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with temporary_database(server_url) as url:
        project = TasksProject(tmp_path_factory.mktemp("site"), url, POLLS, SETTINGS)
        yield project.execute(SCRIPT)


@pytest.mark.parametrize("case", EXPECTED)
def test_enqueue_commits_with_the_data_or_says_what_is_wrong(
    report: dict[str, Any], case: str
) -> None:
    assert EXPECTED[case] in report[case]
