"""A project of Django whose tasks are enqueued, run by a worker and read, by one script each."""

from __future__ import annotations

import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.django.projects import IMPORTS, postgresql, write_project
from tests.support import forked
from tests.support.forked import BIN

LIBRARY = "django_tasks" if find_spec("django.tasks") is None else "django.tasks"
"""The Tasks of the installed Django. `LIBRARY` in a test's Python text stands for it."""

TASKS = '"BACKEND": "jobgen_runtime.django.TasksBackend"'

# Django 6 has Tasks without an application.
APPS = 'INSTALLED_APPS += ["polls"]\n'
if LIBRARY == "django_tasks":
    APPS += 'INSTALLED_APPS += ["django_tasks"]\n'

BEGIN = """\
import json
import django

django.setup()
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from polls import tasks
"""
REPORT = """
print("REPORT" + json.dumps(report, default=str))
"""


class TasksProject:
    """A project with the application `polls`, whose `tasks` are given as text."""

    def __init__(self, folder: Path, database: str, tasks: str, settings: str) -> None:
        self.folder = write_project(folder, {"default": postgresql(database)}, f"{APPS}{settings}")
        self.url = database
        (folder / "polls").mkdir()
        (folder / "polls/__init__.py").touch()
        (folder / "polls/tasks.py").write_text(tasks.replace("LIBRARY", LIBRARY))
        kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
        path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
        self.environment = {**kept, "PATH": path, "DJANGO_SETTINGS_MODULE": "mysite.settings"}

    def execute(self, script: str) -> dict[str, Any]:
        """Execute a script, which fills the dictionary `report`, and return that."""
        file = self.folder / "script.py"
        file.write_text(f"{BEGIN}report = {{}}\n{script}{REPORT}".replace("LIBRARY", LIBRARY))
        command = [sys.executable, "-W", "error", str(file)]
        done = forked.run(command, self.folder, self.environment, timeout=120, imports=IMPORTS)
        assert done.returncode == 0, done.stdout + done.stderr
        report: dict[str, Any] = json.loads(done.stdout.rpartition("REPORT")[2])
        return report

    def drain(self, *, some_fail: bool = True) -> str:
        """Run the worker until no task is due, and return its log."""
        command = [sys.executable, str(self.folder / "manage.py"), "run_jobs", "--drain"]
        done = forked.run(command, self.folder, self.environment, timeout=120, imports=IMPORTS)
        assert done.returncode == int(some_fail), done.stdout + done.stderr
        return done.stdout + done.stderr
