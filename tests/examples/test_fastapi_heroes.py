"""examples/fastapi_heroes, from its database to the dashboard behind its login."""

from __future__ import annotations

import signal
from pathlib import Path

import httpx

from tests.support.example import Example
from tests.support.waiting import TIMEOUT, wait_for

ADMIN = {"username": "ada", "password": "of a test"}
VISITOR = {"username": "bob", "password": "of another"}
DEADPOND = {"name": "Deadpond", "secret_name": "Dive Wilson"}
RUSTY = {"name": "Rusty-Man", "secret_name": "Tommy Sharp", "age": 48}


WELCOMED = "SELECT FROM hero WHERE welcomed_at IS NOT NULL"
COMMAND = ("jobgen", "dev", "--no-ide")  # on the next port that is free


def test_heroes_are_welcomed_by_jobs_of_the_same_transactions(
    tmp_path: Path, database: str
) -> None:
    example = Example("fastapi_heroes", tmp_path, database)
    example.env |= {"FIRST_ADMIN": ADMIN["username"], "FIRST_ADMIN_PASSWORD": ADMIN["password"]}
    served = example.serve(*COMMAND, ready="web application: http")
    with served as (address, dev), httpx.Client(base_url=address, timeout=TIMEOUT) as client:
        # The application creates its table when it starts; the table of jobs refers to it.
        dev.wait_for_line('relation "hero" does not exist')
        dev.wait_for_line("The database is up to date again.")
        wait_for(lambda: client.get("/heroes/").status_code == 200, "the application answers")
        assert client.post("/heroes/", json=DEADPOND).status_code == 401
        token = client.post("/token", data=ADMIN).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        hero = client.post("/heroes/", json=DEADPOND).json()
        assert client.post("/heroes/team", json=[RUSTY, DEADPOND]).status_code == 409
        assert example.rows("SELECT name FROM hero") == [("Deadpond",)]
        assert example.rows("SELECT hero_id FROM welcome_hero_jobs") == [(hero["id"],)]
        wait_for(lambda: example.rows(WELCOMED) != [], "the hero is welcomed")
        assert client.get(f"/heroes/{hero['id']}").json()["welcomed_at"]

        stranger = client.get("/jobs/")
        assert (stranger.status_code, stranger.headers["location"]) == (303, "/login")
        assert client.post("/users/", json=VISITOR).status_code == 201
        client.post("/login", data=VISITOR)
        assert client.get("/jobs/").status_code == 403
        assert client.post("/login", data=ADMIN | {"password": "wrong"}).status_code == 401
        assert client.post("/login", data=ADMIN).headers["location"] == "/jobs/"
        shown = client.get(f"/jobs/ListJob?tableName=welcome_hero_jobs&hero_id={hero['id']}")
        assert "Deadpond" in shown.text
        assert "No problems found." in example.run("jobgen", "check")
        dev.send_signal(signal.SIGINT)
        dev.wait_for_exit(0)


def test_own_tests_of_the_example_pass(tmp_path: Path, server_url: str) -> None:
    example = Example("fastapi_heroes", tmp_path, server_url)
    assert "3 passed" in example.run("pytest", "-q", "-W", "error", "-p", "no:cacheprovider")
