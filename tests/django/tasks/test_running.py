"""Tasks from `enqueue` to their results, with a real worker; one run of it for all cases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import psycopg
import pytest

from tests.django.tasks.project import TASKS, TasksProject
from tests.support.database import temporary_database

pytestmark = pytest.mark.xdist_group("django_tasks")

SETTINGS = f"""
TASKS = {{
    "default": {{{TASKS}, "QUEUES": ["default", "mail"], "OPTIONS": {{"max_attempts": 1}}}},
    "second": {{{TASKS}, "QUEUES": [], "OPTIONS": {{"max_attempts": 1}}}},
}}
"""

POLLS = """
import asyncio
import logging

from django.dispatch import receiver
from LIBRARY import task
from LIBRARY.signals import task_finished, task_started

from jobgen_runtime import Cancel


@receiver(task_started)
def started(sender, task_result, **kwargs):
    logging.info("SIGNAL started %s %s", task_result.task.name, task_result.status)


@receiver(task_finished)
def finished(sender, task_result, **kwargs):
    logging.info("SIGNAL finished %s %s", task_result.task.name, task_result.status)
    raise RuntimeError("of a receiver")


@task
def add(a, b=0):
    return {"sum": a + b, "text": "100 % ✓"}


@task(priority=7, queue_name="mail")
async def add_async(a, b):
    await asyncio.sleep(0)
    return [a + b, None, True, 1.5]


@task
def nothing():
    pass


@task(takes_context=True)
def context(context, expected):
    result = context.task_result
    return [context.attempt == expected, result.id, result.status, result.worker_ids]


@task
def fail(text):
    raise ValueError(text)


@task
async def fail_async():
    raise KeyError("no")


@task
def leave():
    raise SystemExit("bye")


@task
def cancel():
    raise Cancel("not wanted")


@task
def return_object():
    return object()


@task
def return_nul():
    return "a\\x00"


not_a_task = add.func
"""

ENQUEUE = """
from datetime import UTC, datetime

from LIBRARY.signals import task_enqueued

call_command("check", fail_level="WARNING")
call_command("migrate", verbosity=0)
signals = report["signals"] = []
task_enqueued.connect(
    lambda sender, task_result, **_: signals.append(
        [sender.__name__, task_result.task.name, task_result.status]
    ),
    weak=False,
)
results = {
    "add": tasks.add.enqueue(1, b=2),
    "add_async": tasks.add_async.enqueue(1, 2),
    "nothing": tasks.nothing.using(backend="second", queue_name="any").enqueue(),
    "context": tasks.context.enqueue(1),
    "fail": tasks.fail.enqueue("oh %s no"),
    "fail_async": tasks.fail_async.enqueue(),
    "leave": tasks.leave.enqueue(),
    "cancel": tasks.cancel.enqueue(),
    "return_object": tasks.return_object.enqueue(),
    "return_nul": tasks.return_nul.enqueue(),
    "later": tasks.nothing.using(run_after=datetime(2999, 1, 2, tzinfo=UTC)).enqueue(),
}
with connection.cursor() as cursor:
    for path in FORGED:
        cursor.execute(
            "INSERT INTO django_task_jobs (task, args) VALUES (%s, '[\\"touch forged\\"]')", [path]
        )

first, second = results["add"], results["nothing"]
report["ids"] = {name: result.id for name, result in results.items()}
report["ready"] = [
    first.status, first.is_finished, first.attempts, first.args, first.kwargs, first.started_at
]
report["equal"] = [
    tasks.add.get_result(first.id) == first,
    second.task == tasks.nothing.using(backend="second", queue_name="any"),
    tasks.nothing.get_result(results["later"].id).task == results["later"].task,
]
"""

READ = """
from django.test import override_settings
from LIBRARY import default_task_backend

results = report["results"] = {}
for name, id in IDS.items():
    read = default_task_backend.get_result(id)
    results[name] = {
        "status": read.status,
        "attempts": read.attempts,
        "workers": read.worker_ids,
        "value": read.return_value if read.status == "SUCCESSFUL" else None,
        "errors": [[error.exception_class.__name__, error.traceback] for error in read.errors],
        "times": [
            time and time.isoformat()
            for time in (
                read.enqueued_at, read.started_at, read.last_attempted_at, read.finished_at
            )
        ],
    }
only = {"default": {"BACKEND": settings.TASKS["default"]["BACKEND"], "QUEUES": ["other"]}}
with override_settings(TASKS=only):
    report["removed"] = [
        default_task_backend.get_result(IDS["add_async"]).task.queue_name,
        default_task_backend.get_result(IDS["nothing"]).task.backend,
    ]
"""

FORGED = {
    "os.system": "os has something else there, not a function with @task",
    "antigravity.fly": "antigravity is neither in an application of INSTALLED_APPS nor in",
    "polls.tasks.not_a_task": "polls.tasks has something else there, not a function with @task",
    "polls.tasks.gone": "polls.tasks has no such name, not a function with @task",
    "polls.gone.task": "its module cannot be imported: ModuleNotFoundError: No module named",
    "polls.tasks.__import__('os')": "is not the dotted path of a task",
}
"""Rows that another program may have written, and their errors."""


class Run:
    """What was enqueued, what the worker logged, and what was read afterwards."""

    def __init__(self, project: TasksProject) -> None:
        self.project = project
        self.enqueued = project.execute(f"FORGED = {list(FORGED)}\n{ENQUEUE}")
        self.log = project.drain()
        read = project.execute(f"IDS = {self.enqueued['ids']}\n{READ}")
        self.results: dict[str, dict[str, Any]] = read["results"]
        self.removed = read["removed"]


@pytest.fixture(scope="module")
def run(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    with temporary_database(server_url) as url:
        yield Run(TasksProject(tmp_path_factory.mktemp("site"), url, POLLS, SETTINGS))


def test_enqueued_tasks_are_ready_and_read_back_equal(run: Run) -> None:
    assert run.enqueued["ready"] == ["READY", False, 0, [1], {"b": 2}, None]
    assert run.enqueued["equal"] == [True, True, True]
    assert ["TasksBackend", "add", "READY"] in run.enqueued["signals"]


def test_functions_run_and_their_return_values_are_read(run: Run) -> None:
    values = {name: each["value"] for name, each in run.results.items() if each["value"]}
    assert values.pop("context") == [
        True,
        run.enqueued["ids"]["context"],
        "RUNNING",
        run.results["context"]["workers"],
    ]
    assert values == {"add": {"sum": 3, "text": "100 % ✓"}, "add_async": [3, None, True, 1.5]}
    assert run.results["nothing"]["status"] == "SUCCESSFUL"
    assert run.results["nothing"]["errors"] == []


def test_results_have_their_attempts_and_times_in_order(run: Run) -> None:
    result = run.results["add"]
    enqueued, started, attempted, finished = map(datetime.fromisoformat, result["times"])
    assert enqueued <= started == attempted <= finished
    assert result["attempts"] == len(result["workers"]) == 1
    later = run.results["later"]
    assert (later["status"], later["times"][1:]) == ("READY", [None, None, None])


def test_results_are_read_after_their_queue_and_backend_have_gone_from_settings(run: Run) -> None:
    assert run.removed == ["mail", "second"]


@pytest.mark.parametrize(
    ("name", "error", "text"),
    [
        ("fail", "ValueError", "ValueError: oh %s no\n"),
        ("fail_async", "KeyError", "KeyError: 'no'\n"),
        ("leave", "SystemExit", "SystemExit: bye\n"),
        ("cancel", "Cancel", "Cancel: not wanted\n"),
        ("return_object", "TypeError", "Unsupported type: <class 'object'>\n"),
        ("return_nul", "ValueError", "PostgreSQL has no NUL characters.\n"),
    ],
)
def test_what_a_function_raises_is_its_result(run: Run, name: str, error: str, text: str) -> None:
    result = run.results[name]
    assert (result["status"], result["attempts"]) == ("FAILED", 1)
    [[kind, traceback]] = result["errors"]
    assert kind == error
    assert traceback.startswith("Traceback")
    assert traceback.endswith(text)


def test_rows_that_name_no_task_fail_and_run_nothing(run: Run) -> None:
    with psycopg.connect(run.project.url) as conn:
        query = b"SELECT task, last_error, status::TEXT FROM django_task_jobs WHERE task = ANY (%s)"
        rows = conn.execute(query, [list(FORGED)]).fetchall()
    assert len(rows) == len(FORGED)
    for path, error, status in rows:
        assert FORGED[path] in error
        assert status == "job_status_failed"
    assert not (run.project.folder / "forged").exists()


def test_signals_are_sent_and_a_failing_receiver_changes_no_result(run: Run) -> None:
    assert "SIGNAL started add RUNNING" in run.log
    assert "SIGNAL finished add SUCCESSFUL" in run.log
    assert "SIGNAL finished fail FAILED" in run.log
    assert "RuntimeError: of a receiver" in run.log
