from fastapi.testclient import TestClient
from jobgen_runtime.testing import assert_enqueued_sync, drain_sync, enqueued_sync

from app.generated.types import WelcomeHeroJob


def test_new_hero_is_welcomed(client: TestClient) -> None:
    created = client.post("/heroes/", json={"name": "Deadpond", "secret_name": "Dive Wilson"})
    assert created.status_code == 201
    hero = created.json()
    assert hero["welcomed_at"] is None
    assert_enqueued_sync(WelcomeHeroJob, hero_id=hero["id"])
    assert drain_sync().succeeded == 1
    assert client.get(f"/heroes/{hero['id']}").json()["welcomed_at"]


def test_team_with_the_same_hero_twice_is_refused_as_a_whole(client: TestClient) -> None:
    hero = {"name": "Rusty-Man", "secret_name": "Tommy Sharp"}
    assert client.post("/heroes/team", json=[hero, hero]).status_code == 409
    assert enqueued_sync(WelcomeHeroJob) == []


def test_jobs_are_shown_to_administrators_who_are_logged_in(client: TestClient) -> None:
    assert client.get("/jobs/", follow_redirects=False).headers["location"] == "/login"
    client.post("/login", data={"username": "ada", "password": "of a test"})
    assert "welcome_hero_jobs" in client.get("/jobs/").text
