"""Tasks in the tests of a project: run in the transaction of Django's TestCase."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.django.projects import IMPORTS
from tests.django.tasks.project import TASKS, TasksProject
from tests.support import forked
from tests.support.database import temporary_database

pytestmark = pytest.mark.xdist_group("django_tasks")

POLLS = """
from LIBRARY import task


@task
def add(a, b):
    return a + b


@task
async def fail(text):
    raise ValueError(text)
"""

TESTS = """
from django.db import connection
from django.test import TestCase
from jobgen_runtime.django import DjangoTask
from jobgen_runtime.testing import drain_sync

from polls import tasks


class TaskTest(TestCase):
    def test_task_runs_in_the_transaction_of_the_test(self):
        result = tasks.add.enqueue(1, 2)
        drain_sync(connection)
        result.refresh()
        self.assertEqual(result.return_value, 3)

    def test_error_of_a_task_is_raised_and_kept(self):
        result = tasks.fail.enqueue("of a task")
        with self.assertRaisesMessage(ValueError, "of a task"):
            drain_sync(connection, kinds=[DjangoTask])
        result.refresh()
        self.assertEqual(result.errors[0].exception_class, ValueError)

    def test_tests_do_not_see_the_tasks_of_others(self):
        self.assertEqual(len(drain_sync(connection)), 0)
"""


def test_tasks_run_in_the_transaction_of_a_test_case(server_url: str, tmp_path: Path) -> None:
    with temporary_database(server_url) as url:
        project = TasksProject(tmp_path, url, POLLS, f'TASKS = {{"default": {{{TASKS}}}}}')
        (tmp_path / "polls/tests.py").write_text(TESTS)
        command = [sys.executable, str(tmp_path / "manage.py"), "test", "--noinput"]
        done = forked.run(command, tmp_path, project.environment, timeout=120, imports=IMPORTS)
    assert "Ran 3 tests" in done.stderr
    assert done.returncode == 0, done.stdout + done.stderr
