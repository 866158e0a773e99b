"""A project of django-admin with jobs that use its models, from `jobgen init` to the dashboard."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.new.projects import Run

MODELS = """\
from django.db import models


class Band(models.Model):
    name = models.TextField()
    plays = models.IntegerField(default=0)
"""
PLAY = """\
from jobgen_runtime import Job

from bands.models import Band
from Generated.Types import {record}


class {name}(Job[{record}]):
    {option}{perform}
"""
THREAD = (
    "def perform(self, job: PlayJob) -> None:\n"
    "        Band.objects.filter(pk=job.band_id).update(plays=1)"
)
PROCESS = (
    "def perform(self, job: PlayIsolatedJob) -> None:\n"
    "        Band.objects.filter(pk=job.band_id).update(plays=2)"
)
ASYNC = (
    "async def perform(self, job: PlayAsyncJob) -> None:\n"
    "        await Band.objects.filter(pk=job.band_id).aupdate(plays=3)"
)
ENQUEUE = """\
from django.db import connection, transaction

from bands.models import Band
from Generated.Types import PlayAsyncJob, PlayIsolatedJob, PlayJob


def enqueue(commit):
    try:
        with transaction.atomic():
            for record in (PlayJob, PlayIsolatedJob, PlayAsyncJob):
                band = Band.objects.create(name=record.__name__)
                record.create_sync(connection, band_id=band.pk)
            if not commit:
                raise InterruptedError
    except InterruptedError:
        pass
"""
SCRIPT = """\
#!/usr/bin/env run-script
from bands.models import Band


async def run() -> None:
    async for band in Band.objects.order_by("plays"):
        print(band.name, band.plays)
"""
SHELL = "from bands.enqueue import enqueue; enqueue(False); enqueue(True)"


def set_database(settings: Path, url: str) -> None:
    """Give Django the database of a URL, and the application of the models."""
    parts = psycopg.conninfo.conninfo_to_dict(url)
    names = {"NAME": "dbname", "USER": "user", "HOST": "host", "PORT": "port"}
    options = {name: parts.get(part) or "" for name, part in names.items()}
    database = {"ENGINE": "django.db.backends.postgresql", **options}
    apps = ["bands", "jobgen_runtime.django"]
    added = f"\nDATABASES = {{'default': {database}}}\nINSTALLED_APPS += {apps}\n"
    settings.write_text(settings.read_text() + added + "ALLOWED_HOSTS = ['shop.test']\n")


@pytest.fixture
def project(tmp_path: Path, run: Run, database: str) -> Path:
    """A new project of django-admin, whose tables are in the database."""
    run(tmp_path, "django-admin", "startproject", "mysite", ".")
    run(tmp_path, "django-admin", "startapp", "bands")
    set_database(tmp_path / "mysite/settings.py", database)
    (tmp_path / "bands/models.py").write_text(MODELS)
    (tmp_path / "bands/enqueue.py").write_text(ENQUEUE)
    run(tmp_path, sys.executable, "manage.py", "makemigrations", "bands")
    run(tmp_path, sys.executable, "manage.py", "migrate")
    return tmp_path


def write_jobs(project: Path, run: Run, database: str) -> None:
    """Generate a job for a thread, one for a process and an async one, and migrate."""
    env = {"DATABASE_URL": database}
    jobs = (
        ("Play", "", THREAD),
        ("PlayIsolated", 'isolation = "process"\n\n    ', PROCESS),
        ("PlayAsync", "", ASYNC),
    )
    for name, option, perform in jobs:
        run(project, "jobgen", "job", name, "band:references=bands_band", env=env)
        text = PLAY.format(name=name, record=f"{name}Job", option=option, perform=perform)
        (project / f"Web/Job/{name}.py").write_text(text)
    run(project, sys.executable, "manage.py", "migrate", env=env)


def paste_hint(output: str, file: Path) -> None:
    """Add the code that `jobgen init` printed for a file to its end."""
    assert file.name in output, output
    step = re.split(rf"to the end of \S*{file.name}[.:]\n", output)[-1]
    code, *_ = re.split(r"\n  (?=[A-Z])", step)  # where the next step begins
    assert "jobgen_runtime.django" in code
    file.write_text(file.read_text() + code)


def test_jobs_scripts_and_dashboard_use_the_models_of_a_django_project(
    project: Path, run: Run, environment: dict[str, str], database: str, tmp_path: Path
) -> None:
    env = {"DATABASE_URL": database}
    output = run(project, "jobgen", "init").stdout
    paste_hint(output, project / "mysite/urls.py")
    config = project / "pyproject.toml"
    config.write_text(config.read_text() + 'schema_source = "database"\n')
    write_jobs(project, run, database)
    run(project, sys.executable, "manage.py", "shell", "-c", SHELL, env=env)

    run(project, "run-jobs", "--check")
    run(project, "run-jobs", "--drain")

    run(project, "jobgen", "script", "ShowBands", env=env)
    (project / "Application/Script/ShowBands.py").write_text(SCRIPT)
    shown = run(project.parent, str(project / "Application/Script/ShowBands.py"), env=env)
    assert shown.stdout == "PlayJob 1\nPlayIsolatedJob 2\nPlayAsyncJob 3\n"
    assert "Play: 0 waiting" in run(project, "manage-jobs", "status", env=env).stdout

    changes = run(project, sys.executable, "manage.py", "makemigrations", "--check", env=env)
    assert "No changes detected" in changes.stdout
    checked = run(project, "jobgen", "migrate", "--check")  # in the database of the settings
    assert "(DATABASES)" in checked.stderr
    run(project, "ruff", "check", "--select", "E4,E7,E9,F,I", "--no-cache", "WorkerMain.py")
    assert_served(project, environment, tmp_path / "web.sock")

    run(project, "jobgen", "column", "Play", "note:text?")
    run(project, "jobgen", "destroy", "job", "PlayIsolated", "--force", env=env)
    names = sorted(path.name for path in (project / "bands/migrations").glob("0*.py"))
    assert names[1:] == [
        "0002_create_play_jobs.py",
        "0003_create_play_isolated_jobs.py",
        "0004_create_play_async_jobs.py",
        "0005_add_note_to_play_jobs.py",
        "0006_drop_play_isolated_jobs.py",
    ]
    for target in ((), ("bands", "0001"), ("jobgen", "zero")):
        run(project, sys.executable, "manage.py", "migrate", *target, env=env)
    with psycopg.connect(database) as conn:
        query = "SELECT typname FROM pg_type WHERE typname ~ 'job' AND typnamespace <> 11"
        assert conn.execute(query.encode()).fetchall() == []


def assert_served(project: Path, env: dict[str, str], socket: Path) -> None:
    """Check that Django leads to the login for the dashboard, and has its own pages as before."""
    server = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "mysite.asgi:application", "--uds", str(socket)],
        cwd=project,
        env=env,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stderr is not None
        log = []
        for line in server.stderr:
            log.append(line)
            if "Uvicorn running" in line:
                break
        assert "Uvicorn running" in log[-1], "".join(log)
        transport = httpx.HTTPTransport(uds=str(socket))
        with httpx.Client(
            transport=transport, base_url="http://shop.test", follow_redirects=True
        ) as client:
            refused = client.get("/jobs")
            login = client.get("/admin")
    finally:
        server.terminate()
        server.communicate(timeout=60)
    assert str(refused.url) == "http://shop.test/admin/login/?next=/jobs/"
    assert "Django administration" in login.text
