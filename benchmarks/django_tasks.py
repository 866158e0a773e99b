"""Django's Tasks with jobgen's backend and with django-tasks-db: enqueueing, draining, pickup.

Run it with `make bench-tasks`; `ARGS="--tasks 2000 --rounds 3"` makes it shorter.

One project has both backends, over one database on stock settings. Each round measures one after
the other, in alternating order, and the medians are compared:

- enqueue: one thread calls `enqueue` of a task without arguments, each call a transaction.
- drain: one worker process with its default options runs what was enqueued, tasks that do nothing.
  The time is the database's, from the start of the first to the end of the last.
- drain, one at a time: the same with `max_concurrency` of 1, as django-tasks-db runs tasks.
- pickup: from `enqueue` to the start of the task, with an idle worker on its default options.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from jobgen.postgres import temporary_server

JOBGEN, ONE_AT_A_TIME, OTHER = "jobgen", "jobgen, one at a time", "django-tasks-db"
SYSTEMS = (JOBGEN, ONE_AT_A_TIME, OTHER)

_SETTINGS = """
import os

SECRET_KEY = "of a benchmark"
USE_TZ = True
ROOT_URLCONF = "mysite.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["jobgen_runtime.django", "django_tasks_db", "polls"]
DATABASES = {{"default": {database!r}}}
TASKS = {{
    "jobgen": {{
        "BACKEND": "jobgen_runtime.django.TasksBackend",
        "OPTIONS": {{"max_concurrency": int(os.environ.get("SLOTS", "16"))}},
    }},
    "other": {{"BACKEND": "django_tasks_db.DatabaseBackend"}},
    "default": {{"BACKEND": "{library}.backends.dummy.DummyBackend"}},
}}
LOGGING = {{"version": 1, "loggers": {{"{logger}": {{"level": "WARNING"}}}}}}
"""
_TASKS = """
from {library} import task


@task(backend="jobgen")
def jobgen():
    pass


@task(backend="other")
def other():
    pass
"""
_ENQUEUE = """
import json
import sys
import time

import django

django.setup()
from polls import tasks

task, count, pause = getattr(tasks, sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
task.enqueue()
start = time.perf_counter()
for _ in range(count):
    time.sleep(pause)
    task.enqueue()
print(count / (time.perf_counter() - start))
"""
_MANAGE = """
import sys

from django.core.management import execute_from_command_line

execute_from_command_line(sys.argv)
"""
_TABLES = {
    JOBGEN: ("django_task_jobs", "created_at", "updated_at"),
    ONE_AT_A_TIME: ("django_task_jobs", "created_at", "updated_at"),
    OTHER: ("django_tasks_database_dbtaskresult", "enqueued_at", "finished_at"),
}
_PICKUPS = 10
_PAUSE_SECONDS = 0.53
_TIMEOUT_SECONDS = 60.0


class Project:
    """The project in a folder, and its database."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder, self._url = folder, url
        parts = conninfo_to_dict(url)
        names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host"}
        database = {name: str(parts.get(part) or "") for name, part in names.items()}
        database |= {"ENGINE": "django.db.backends.postgresql", "PORT": str(parts.get("port", ""))}
        library = "django.tasks" if version("django") >= "6" else "django_tasks"
        texts = {
            "mysite/settings.py": _SETTINGS.format(
                database=database, library=library, logger=library
            ),
            "mysite/urls.py": "urlpatterns = []\n",
            "polls/__init__.py": "",
            "polls/tasks.py": _TASKS.format(library=library),
            "enqueue.py": _ENQUEUE,
            "manage.py": _MANAGE,
        }
        for name, text in texts.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text)
        self.manage("migrate", "--verbosity=0")

    def enqueue(self, system: str, count: int, pause: float = 0.0) -> float:
        """Enqueue one task more than `count`, and return how many a second."""
        self._execute("TRUNCATE {table}", system)
        name = "other" if system == OTHER else "jobgen"
        return float(self._run("enqueue.py", name, str(count), str(pause)))

    def drain(self, system: str, count: int) -> float:
        """Run what was enqueued, and return how many a second."""
        self._execute("ANALYZE {table}", system)
        self.manage(*self.worker(system, drain=True), slots=self.slots(system))
        [done, seconds] = self._execute(
            "SELECT COUNT({end}), EXTRACT(EPOCH FROM MAX({end}) - MIN(started_at)) FROM {table}",
            system,
        )
        assert done == count + 1, f"{system} ran {done} tasks of {count + 1}"
        return float(str(done)) / float(str(seconds))

    def pickup(self, system: str) -> float:
        """Return the median of milliseconds from `enqueue` to the start of a task."""
        command = [sys.executable, "manage.py", *self.worker(system, drain=False)]
        worker = subprocess.Popen(
            command,
            cwd=self._folder,
            env=self._environment(self.slots(system)),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self.enqueue(system, _PICKUPS, _PAUSE_SECONDS)
            deadline = time.monotonic() + _TIMEOUT_SECONDS
            while self._execute("SELECT COUNT(*) FROM {table} WHERE started_at IS NULL", system)[0]:
                assert time.monotonic() < deadline, f"{system} has not begun all tasks"
                time.sleep(0.1)
        finally:
            worker.terminate()
            worker.wait()
        [median] = self._execute(
            "SELECT 1000 * PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY EXTRACT(EPOCH FROM waited)) "
            "FROM (SELECT started_at - {begin} AS waited FROM {table} ORDER BY {begin} OFFSET 1) "
            "AS pickup",
            system,
        )
        return float(str(median))

    @staticmethod
    def worker(system: str, *, drain: bool) -> list[str]:
        """Return the worker's command."""
        if system == OTHER:
            command = ["db_worker", "--backend=other", "--verbosity=0"]
            return [*command, "--batch", "--no-startup-delay"] if drain else command
        return ["run_jobs", "--drain"] if drain else ["run_jobs"]

    @staticmethod
    def slots(system: str) -> int:
        """Return how many tasks the worker may run at once."""
        return 1 if system == ONE_AT_A_TIME else 16

    def manage(self, *arguments: str, slots: int = 16) -> None:
        """Run a command of manage.py."""
        self._run("manage.py", *arguments, slots=slots)

    def _run(self, *arguments: str, slots: int = 16) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self._folder,
            env=self._environment(slots),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @staticmethod
    def _environment(slots: int) -> Mapping[str, str]:
        return {**os.environ, "DJANGO_SETTINGS_MODULE": "mysite.settings", "SLOTS": str(slots)}

    def _execute(self, query: str, system: str) -> Sequence[object]:
        table, begin, end = _TABLES[system]
        text = query.format(table=table, begin=begin, end=end)
        with psycopg.connect(self._url, autocommit=True) as conn:
            cursor = conn.execute(text.encode())
            return (cursor.fetchone() or []) if cursor.description else []


def main() -> None:
    """Measure, and print the medians and their ratios to django-tasks-db."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tasks", type=int, default=5000, help="tasks of a round (default: 5000)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds (default: 5)")
    parser.add_argument("--json", action="store_true", help="print all values as JSON")
    options = parser.parse_args()
    measured: dict[str, dict[str, list[float]]] = {
        name: {system: [] for system in SYSTEMS} for name in ("enqueue", "drain", "pickup")
    }
    with tempfile.TemporaryDirectory(prefix="jobgen-bench-") as folder, temporary_server() as url:
        project = Project(Path(folder), url)
        for round_number in range(options.rounds):
            order = SYSTEMS if round_number % 2 == 0 else SYSTEMS[::-1]
            for system in order:
                rate = project.enqueue(system, options.tasks)
                measured["enqueue"][system].append(rate)
                measured["drain"][system].append(project.drain(system, options.tasks))
            for system in order:
                measured["pickup"][system].append(project.pickup(system))
    if options.json:
        print(json.dumps(measured, indent=2))
    units = {"enqueue": "tasks a second", "drain": "tasks a second", "pickup": "ms"}
    for name, values in measured.items():
        other = statistics.median(values[OTHER])
        for system in SYSTEMS:
            median = statistics.median(values[system])
            print(f"{name:8} {system:24} {median:10.1f} {units[name]:16} {median / other:8.3f}")


if __name__ == "__main__":
    main()
