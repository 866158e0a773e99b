"""examples/fastapi_heroes, from its database to the dashboard behind its login."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.support.example import Example

ADMIN = {"username": "ada", "password": "of a test"}
VISITOR = {"username": "bob", "password": "of another"}
DEADPOND = {"name": "Deadpond", "secret_name": "Dive Wilson"}
RUSTY = {"name": "Rusty-Man", "secret_name": "Tommy Sharp", "age": 48}


@pytest.fixture
def example(tmp_path: Path, database: str) -> Example:
    made = Example("fastapi_heroes", tmp_path, database)
    made.env |= {"FIRST_ADMIN": ADMIN["username"], "FIRST_ADMIN_PASSWORD": ADMIN["password"]}
    made.python("-m", "app.initial_data")
    made.run("jobgen", "migrate", "--yes")
    assert "No problems found." in made.run("jobgen", "check")
    return made


def test_heroes_are_welcomed_by_jobs_of_their_own_transactions(example: Example) -> None:
    server = example.serve("uvicorn", "app.main:app", "--port", "0", ready="Uvicorn running on")
    with server as address, httpx.Client(base_url=address) as client:
        assert client.post("/heroes/", json=DEADPOND).status_code == 401
        token = client.post("/token", data=ADMIN).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        hero = client.post("/heroes/", json=DEADPOND).json()
        assert client.post("/heroes/team", json=[RUSTY, DEADPOND]).status_code == 409
        assert example.rows("SELECT name FROM hero") == [("Deadpond",)]
        assert example.rows("SELECT hero_id FROM welcome_hero_jobs") == [(hero["id"],)]
        assert "1 succeeded" in example.run("run-jobs", "--drain")
        assert client.get(f"/heroes/{hero['id']}").json()["welcomed_at"]

        stranger = client.get("/jobs/")
        assert (stranger.status_code, stranger.headers["location"]) == (303, "/login")
        assert client.post("/users/", json=VISITOR).status_code == 201
        client.post("/login", data=VISITOR)
        assert client.get("/jobs/").status_code == 403
        assert client.post("/login", data=ADMIN | {"password": "wrong"}).status_code == 401
        assert client.post("/login", data=ADMIN).headers["location"] == "/jobs/"
        shown = client.get("/jobs/ListJob?tableName=welcome_hero_jobs&status=succeeded")
        assert "Deadpond" in shown.text
