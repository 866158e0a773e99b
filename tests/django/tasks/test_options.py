"""OPTIONS of the backend: attempts, timeouts and processes, with one run of a worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.django.tasks.project import TASKS, TasksProject
from tests.support.database import temporary_database

pytestmark = pytest.mark.xdist_group("django_tasks")

SETTINGS = f"""
from datetime import timedelta

from jobgen_runtime import ConstantBackoff

TASKS = {{
    "default": {{
        {TASKS},
        "OPTIONS": {{
            "max_attempts": 2,
            "backoff": ConstantBackoff(timedelta(0)),
            "timeout": timedelta(seconds=3),
            "isolation": "process",
        }},
    }}
}}
"""

POLLS = """
import logging
import os
import time

from django.db import connection
from django.dispatch import receiver
from LIBRARY import task
from LIBRARY.signals import task_finished


@receiver(task_finished)
def finished(sender, task_result, **kwargs):
    logging.info("SIGNAL %s %s %d", task_result.task.name, task_result.status, task_result.attempts)


@task(takes_context=True)
def succeed_later(context):
    if context.attempt < 2:
        raise ValueError("not yet")
    return os.getpid()


@task
def fail():
    with connection.cursor() as cursor:
        cursor.execute("SELECT no_such_column")


@task
def hang():
    time.sleep(600)


@task
def die():
    os._exit(3)


@task
def cancelled():
    pass
"""

ENQUEUE = """
call_command("migrate", verbosity=0)
names = ["succeed_later", "fail", "hang", "die", "cancelled"]
results = {name: getattr(tasks, name).enqueue() for name in names}
report["ids"] = {name: result.id for name, result in results.items()}

from jobgen_runtime.django.tasks.record import DjangoTaskJob

DjangoTaskJob.get_sync(results["cancelled"].id).cancel_sync()
"""

READ = """
for name, id in IDS.items():
    read = getattr(tasks, name).get_result(id)
    errors = [[error.exception_class.__name__, error.traceback] for error in read.errors]
    report[name] = [read.status, read.attempts, errors]
"""


class Run:
    """What the worker logged, and what was read afterwards."""

    def __init__(self, project: TasksProject) -> None:
        enqueued = project.execute(ENQUEUE)
        self.log = project.drain()
        self.results = project.execute(f"IDS = {enqueued['ids']}\n{READ}")


@pytest.fixture(scope="module")
def run(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    with temporary_database(server_url) as url:
        yield Run(TasksProject(tmp_path_factory.mktemp("site"), url, POLLS, SETTINGS))


def test_task_is_retried_and_keeps_the_error_of_each_attempt(run: Run) -> None:
    status, attempts, errors = run.results["succeed_later"]
    assert (status, attempts) == ("SUCCESSFUL", 2)
    [[kind, traceback]] = errors
    assert (kind, traceback.splitlines()[-1]) == ("ValueError", "ValueError: not yet")

    status, attempts, errors = run.results["fail"]
    assert (status, attempts) == ("FAILED", 2)
    assert [kind for kind, _ in errors] == ["ProgrammingError"] * 2


def test_finished_is_signalled_once_after_the_last_attempt(run: Run) -> None:
    assert run.log.count("SIGNAL succeed_later") == 1
    assert "SIGNAL succeed_later SUCCESSFUL 2" in run.log
    assert run.log.count("SIGNAL fail ") == 1
    assert "SIGNAL fail FAILED 2" in run.log
    assert run.log.count("path=polls.tasks.hang state=FAILED") == 1


def test_timeouts_crashes_and_cancellations_are_errors_of_the_result(run: Run) -> None:
    status, attempts, errors = run.results["hang"]
    assert (status, attempts) == ("FAILED", 2)
    for kind, traceback in errors:
        assert kind == "TimeoutError"
        assert "in hang" in traceback
        assert traceback.endswith("The attempt ran longer than its timeout.\n")
    assert len(errors) == 2

    status, attempts, [[kind, traceback]] = run.results["die"]
    assert (status, attempts, kind) == ("FAILED", 2, "TaskStopped")
    assert "The child process exited with code 3" in traceback

    status, attempts, [[kind, traceback]] = run.results["cancelled"]
    assert (status, attempts, kind) == ("FAILED", 0, "TaskStopped")
    assert "The job was cancelled." in traceback
