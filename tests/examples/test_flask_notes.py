"""examples/flask_notes, from its database to the dashboard behind its login."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.support.example import Example
from tests.support.waiting import TIMEOUT

ADMIN = {"username": "ada", "password": "of a test"}
NOTE = {"title": "Shopping", "body": "bread and butter"}
OTHER = {"title": "Reading", "body": "Sapphire"}


@pytest.fixture
def example(tmp_path: Path, database: str) -> Example:
    made = Example("flask_notes", tmp_path, database)
    made.run("flask", "--app", "notes", "create-tables")
    command = ("flask", "--app", "notes", "auth", "add-user", "--admin", ADMIN["username"])
    made.run(*command, "--password", ADMIN["password"])
    made.run("jobgen", "migrate", "--yes")
    assert "No problems found." in made.run("jobgen", "check")
    return made


def test_words_of_notes_are_counted_by_jobs_of_the_same_transactions(example: Example) -> None:
    command = ("flask", "--app", "notes", "run", "--port", "0")
    server = example.serve(*command, ready="Running on")
    with server as (address, _), httpx.Client(base_url=address, timeout=TIMEOUT) as client:
        stranger = client.get("/jobs/")
        assert stranger.status_code == 302
        assert stranger.headers["location"] == "/auth/login?next=%2Fjobs%2F"
        client.post("/auth/login", data=ADMIN)
        assert client.post("/notes", data=NOTE).headers["location"] == "/"
        both = {name: [OTHER[name], NOTE[name]] for name in NOTE}
        assert client.post("/notes", data=both).status_code == 409
        assert example.rows("SELECT title FROM notes") == [("Shopping",)]
        assert len(example.rows("SELECT FROM count_words_jobs")) == 1
        assert "Shopping: not yet counted" in client.get("/").text
        assert "1 succeeded" in example.run("run-jobs", "--drain")
        assert "Shopping: 3 words" in client.get("/").text

        shown = client.get("/jobs/ListJob?tableName=count_words_jobs&status=succeeded")
        assert "Shopping" in shown.text


def test_own_tests_of_the_example_pass(tmp_path: Path, server_url: str) -> None:
    example = Example("flask_notes", tmp_path, server_url)
    assert "3 passed" in example.run("pytest", "-q", "-W", "error", "-p", "no:cacheprovider")
