from flask.testing import FlaskClient
from jobgen_runtime.testing import assert_enqueued_sync, drain_sync, enqueued_sync

from notes.generated.types import CountWordsJob


def log_in(client: FlaskClient, username: str) -> None:
    client.post("/auth/login", data={"username": username, "password": "of a test"})


def test_words_of_new_note_are_counted(client: FlaskClient) -> None:
    log_in(client, "ada")
    client.post("/notes", data={"title": "Shopping", "body": "bread and butter"})
    assert "Shopping: not yet counted" in client.get("/").text
    assert_enqueued_sync(CountWordsJob)
    assert drain_sync().succeeded == 1
    assert "Shopping: 3 words" in client.get("/").text


def test_notes_with_the_same_title_are_refused_together(client: FlaskClient) -> None:
    log_in(client, "ada")
    form = {"title": ["Reading", "Reading"], "body": ["Sapphire", "Steel"]}
    assert client.post("/notes", data=form).status_code == 409
    assert enqueued_sync(CountWordsJob) == []


def test_jobs_are_shown_to_administrators_who_are_logged_in(client: FlaskClient) -> None:
    client.post("/auth/logout")
    assert client.get("/jobs/").headers["Location"] == "/auth/login?next=%2Fjobs%2F"
    log_in(client, "bob")
    assert client.get("/jobs/").status_code == 403
    log_in(client, "ada")
    assert "count_words_jobs" in client.get("/jobs/").text
