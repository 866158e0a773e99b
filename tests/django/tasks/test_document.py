"""The section "Django's Tasks" of docs/django.md, executed in a project."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.django.tasks.project import LIBRARY, TasksProject
from tests.support.database import temporary_database

pytestmark = pytest.mark.xdist_group("django_tasks")

DOCUMENT = Path(__file__).parents[3] / "docs/django.md"

MODELS = """
from django.db import models


class Question(models.Model):
    class Meta:
        app_label = "polls"


class Choice(models.Model):
    question_id = models.BigIntegerField()
    votes = models.IntegerField()

    class Meta:
        app_label = "polls"
"""
SCRIPT = """
from datetime import timedelta

from django.utils import timezone
from polls.models import Choice, Question

call_command("check", fail_level="WARNING")
call_command("migrate", run_syncdb=True, verbosity=0)
question = Question()
Choice.objects.bulk_create([Choice(question_id=1, votes=3), Choice(question_id=1, votes=4)])
{view}
report["ids"] = [result.id, later.id]
"""
READ = """
result, later = tasks.count_votes.get_result(IDS[0]), tasks.greet.get_result(IDS[1])
report["result"] = result.return_value
report["later"] = [later.status, later.task.priority, later.task.queue_name]
"""


def test_section_on_tasks_works_as_it_is_written(server_url: str, tmp_path: Path) -> None:
    section = DOCUMENT.read_text().partition("\n## Django's Tasks\n")[2].partition("\n## ")[0]
    fences = re.findall(r"```python shown\n# (\S+)\n(.*?)```", section, re.DOTALL)
    snippets = {name: text.replace("django.tasks", LIBRARY) for name, text in fences}
    tasks = f"from polls.models import Choice\n{snippets['polls/tasks.py']}"
    settings = f"from datetime import timedelta\n{snippets['settings.py']}"
    with temporary_database(server_url) as url:
        project = TasksProject(tmp_path, url, tasks, settings)
        (tmp_path / "polls/models.py").write_text(MODELS)
        enqueued = project.execute(SCRIPT.format(view=snippets["polls/views.py"]))
        project.drain(some_fail=False)
        read = project.execute(f"IDS = {enqueued['ids']}\n{READ}")
    assert read == {"result": 7, "later": ["READY", 10, "mail"]}
