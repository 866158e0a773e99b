"""The example `django_polls`, as its user runs it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.support.process import Process

EXAMPLE = Path(__file__).parents[2] / "examples/django_polls"
Execute = Callable[..., str]

SET_UP = """\
call_command("migrate", verbosity=0)
call_command("makemigrations", check=True, dry_run=True)
call_command("check", fail_level="WARNING")
from django.contrib.auth.models import User
from django.utils import timezone
from polls.models import Question
User.objects.create_superuser("ada", password="secret")
question = Question.objects.create(question_text="What's up?", pub_date=timezone.now())
question.choice_set.create(choice_text="Not much")
question.choice_set.create(choice_text="The sky")
"""


@pytest.fixture
def django_environment(django_environment: dict[str, str], database: str) -> Mapping[str, str]:
    """The environment of the example: libpq's variables name the database."""
    parts = conninfo_to_dict(database)
    names = {"PGDATABASE": "dbname", "PGHOST": "host", "PGPORT": "port", "PGUSER": "user"}
    return django_environment | {
        name: str(parts[part]) for name, part in names.items() if parts.get(part)
    }


@pytest.fixture
def polls(tmp_path: Path, execute: Execute) -> Path:
    """The example with a question, its database, and a superuser."""
    project = Path(shutil.copytree(EXAMPLE, tmp_path / "polls"))
    execute(project, SET_UP)
    return project


@contextmanager
def runserver(project: Path, environment: Mapping[str, str]) -> Iterator[httpx.Client]:
    """Run the development server on a free port, and yield a client."""
    process = Process(
        [sys.executable, "-u", "manage.py", "runserver", "--noreload", "127.0.0.1:0"],
        project,
        dict(environment),
    )
    try:
        process.wait_for_line("Quit the server")
        [address] = re.findall(r"http://127.0.0.1:\d+", "".join(process.lines))
        with httpx.Client(base_url=address, follow_redirects=True) as client:
            yield client
    finally:
        process.close()


def submit(client: httpx.Client, page: httpx.Response, **values: str) -> httpx.Response:
    """Send the form of a page, with its token."""
    [token] = re.findall('csrfmiddlewaretoken" value="([^"]+)', page.text)
    return client.post(page.url, data={"csrfmiddlewaretoken": token, **values})


def test_vote_is_mailed_by_the_worker_and_seen_on_the_dashboard(
    polls: Path, django_environment: Mapping[str, str], database: str
) -> None:
    with runserver(polls, django_environment) as client:
        question = client.get("/polls/1/")
        [token] = re.findall('csrfmiddlewaretoken" value="([^"]+)', question.text)
        vote = {"csrfmiddlewaretoken": token, "choice": "2"}
        assert "The sky -- 1 vote<" in client.post("/polls/1/vote/", data=vote).text

        done = subprocess.run(
            [sys.executable, "manage.py", "run_jobs", "--drain"],
            cwd=polls,
            env=dict(django_environment),
            capture_output=True,
            text=True,
            check=True,
        )
        assert "Subject: [Polls] New vote: What's up?" in done.stdout
        assert "The sky: 1" in done.stdout
        assert "drained: 1 succeeded" in done.stderr

        overview = submit(client, client.get("/jobs/"), username="ada", password="secret")
        assert overview.url.path == "/jobs/"
        assert "Mail results" in overview.text
        assert "mail_results_jobs" in overview.text
        assert_admin_shows_the_job(client)


def test_tests_of_the_example_pass(tmp_path: Path, django_environment: Mapping[str, str]) -> None:
    project = Path(shutil.copytree(EXAMPLE, tmp_path / "polls"))
    done = subprocess.run(
        [sys.executable, "-W", "error", "manage.py", "test"],
        cwd=project,
        env=dict(django_environment),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Ran 4 tests" in done.stderr


def assert_admin_shows_the_job(client: httpx.Client) -> None:
    """Check the admin's list, its search and filter, and the job's page, which change nothing."""
    jobs = "/admin/polls/mailresultsjobmodel/"
    shown = client.get(jobs)
    assert ">Succeeded<" in shown.text
    assert "What&#x27;s up?" in shown.text
    [link] = re.findall(r'href="(/jobs/ViewJob[^"]+)"', shown.text)
    assert client.get(link.replace("&amp;", "&")).status_code == 200
    job = link.rpartition("id=")[2]
    assert "1 mail results job" in client.get(jobs, params={"q": job}).text
    assert "0 mail results jobs" in client.get(jobs, params={"q": "What's up?"}).text
    assert "0 mail results jobs" in client.get(jobs, params={"status": "failed"}).text
    page = client.get(f"{jobs}{job}/change/")
    assert "Succeeded" in page.text
    assert 'name="_save"' not in page.text
    assert client.get(f"{jobs}add/").status_code == 403
    assert client.get(f"{jobs}{job}/delete/").status_code == 403
