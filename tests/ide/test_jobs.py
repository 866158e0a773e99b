"""Jobs shows what the project, the check and the database say, and runs a job."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from jobgen_runtime.database import runtime_schema

from tests.generate.projects import apply, job
from tests.ide.forms import posted_forms, text_of
from tests.ide.site import Site, served_site

RUN = "/jobs/run"


@pytest.fixture
def rows(
    shop: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[psycopg.Connection[Any]]:
    """A connection to the migrated database of a project with the jobs Greet and Scrape."""
    apply(shop, job(shop, "Greet"))
    apply(
        shop, job(shop, "Scrape", "band:references?", "pages:int", "note:text?", "tags:text[]={}")
    )
    monkeypatch.setenv("DATABASE_URL", database)
    with psycopg.connect(database, autocommit=True) as conn:
        conn.execute(runtime_schema().encode())
        conn.execute((shop / "Application/Schema.sql").read_bytes())
        yield conn


def shown(site: Site) -> str:
    """The text of the page in one line."""
    page = site.get("/jobs")
    assert page.status_code == 200
    return " ".join(text_of(page).split())


def test_job_is_shown_with_its_state_and_what_is_wrong(
    site: Site, rows: psycopg.Connection[Any]
) -> None:
    text = shown(site)
    in_order = "registered up to date migrated Waiting 0 Running 0 Failed 0"
    assert f"Greet Web/Job/Greet.py greet_jobs Run Greet {in_order}" in text
    assert f"Scrape Web/Job/Scrape.py scrape_jobs Run … Scrape {in_order}" in text
    assert "Dashboard" not in text
    assert "s3cret" not in text

    for status in ("not_started", "retry", "running", "failed", "timed_out", "succeeded"):
        rows.execute("INSERT INTO greet_jobs (status) VALUES (%s)", (f"job_status_{status}",))
    with subprocess.Popen(["true"]) as ended:
        pass
    session: dict[str, object] = {"addresses": {"web": "http://127.0.0.1:8000"}}
    file = site.root / ".jobgen/dev.json"
    file.write_text(json.dumps({**session, "pid": ended.pid}))
    assert "Dashboard" not in shown(site)
    file.write_text(json.dumps({**session, "pid": os.getpid()}))
    schema = site.root / "Application/Schema.sql"
    schema.write_text(f"{schema.read_text()}\nALTER TABLE scrape_jobs ADD COLUMN more TEXT;\n")
    (site.root / "Web/Worker.py").write_text("workers = []\n")
    page, text = site.get("/jobs"), shown(site)
    assert 'href="http://127.0.0.1:8000/jobs/ListJob?tableName=greet_jobs"' in page.text
    assert "Greet not registered not up to date migrated Waiting 2 Running 1 Failed 2" in text
    assert "The job Greet is not registered in Web/Worker.py." in text
    assert "not registered not up to date not migrated Waiting 0" in text
    assert "The database does not have the column more of scrape_jobs." in text
    assert "Generated/Types.py does not match Application/Schema.sql." in text


def test_page_says_what_is_wrong_with_the_database_and_shows_the_rest(
    site: Site, rows: psycopg.Connection[Any], database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(database) as other:
        other.execute("LOCK TABLE greet_jobs")
        assert "The database has not answered yet." in shown(site)
        text = shown(site)
        while "has not answered yet" in text:
            text = shown(site)
        assert "The database is busy, or the table is locked. Try again." in text
        assert "registered up to date migrated: not known Scrape" in text
    rows.execute("DROP TABLE scrape_jobs")
    while "not known" in (text := shown(site)):
        pass
    assert "The database does not have the table scrape_jobs." in text
    assert 'action="/jobs/run"' in site.get("/jobs").text, "Greet can be run"
    monkeypatch.setenv("DATABASE_URL", "postgresql://bob:s3cret@127.0.0.1:1/shop")
    assert "The database does not answer" in shown(site)
    assert "s3cret" not in site.get("/jobs").text
    monkeypatch.delenv("DATABASE_URL")
    assert "The database is not known: DATABASE_URL is not set" in shown(site)
    (site.root / "Application/Schema.sql").write_text("CREATE TABLE (")
    assert "Application/Schema.sql:1:14" in shown(site)


def test_run_inserts_a_row_with_the_values_of_the_form(
    site: Site, rows: psycopg.Connection[Any]
) -> None:
    [(action, form)] = posted_forms(site.get("/jobs")).items()
    done = site.post(action, **form)
    assert done.status_code == 303
    assert "A row was inserted: Greet" in text_of(site.client.get(done.headers["location"]))
    assert rows.execute("SELECT count(*) FROM greet_jobs").fetchone() == (1,)

    names = {"app": "Web", "job": "Scrape"}
    page = site.get(RUN, **names)
    assert "INT" in text_of(page)
    assert "TEXT[], as {first,second}, {} if empty" in text_of(page)
    [(action, form)] = posted_forms(page).items()
    refused = site.post(action, **form, **{"value.note": "kept"})
    assert refused.status_code == 409
    assert "Fill in pages." in text_of(refused)
    assert 'value="kept"' in refused.text
    refused = site.post(action, **form, **{"value.pages": "many"})
    assert 'invalid input syntax for type integer: "many"' in text_of(refused)
    refused = site.post(action, **form, **{"value.pages": "1", "value.band_id": "0" * 32})
    assert "is not present in table" in text_of(refused)
    hostile = "'); DROP TABLE scrape_jobs; -- <script>"
    values = {"value.pages": "7", "value.note": hostile, "value.tags": "{a,b}"}
    assert site.post(action, **form, **values).status_code == 303
    query = "SELECT pages, note, tags, status::text FROM scrape_jobs"
    assert rows.execute(query.encode()).fetchall() == [
        (7, hostile, ["a", "b"], "job_status_not_started")
    ]


def test_run_of_a_job_that_cannot_run_says_why(site: Site, rows: psycopg.Connection[Any]) -> None:
    for names in ({"app": "Web", "job": "Gone"}, {"app": "Other", "job": "Greet"}):
        assert site.get(RUN, **names).status_code == 404
        assert site.post(RUN, **names).status_code == 404
    rows.execute("DROP TABLE greet_jobs")
    refused = site.post(RUN, app="Web", job="Greet")
    assert refused.status_code == 409
    assert "Update the database: run `jobgen migrate`." in text_of(refused)
    config = site.root / "pyproject.toml"
    before = config.read_text()
    (site.root / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n")
    config.write_text(before.replace("[tool.jobgen]", '[tool.jobgen]\nschema_source = "database"'))
    refused = site.post(RUN, app="Web", job="Greet")
    assert "Update the database: run `alembic upgrade head`." in text_of(refused)
    assert "table greet_jobs.Run alembic upgrade head." in shown(site)
    config.write_text(before)
    (site.root / "Application/Schema.sql").write_text("")
    assert "has no table in Schema.sql" in text_of(site.post(RUN, app="Web", job="Greet"))
    shown_id = site.get("/jobs", created="<b>x</b>", app="Web", job="Greet")
    assert "inserted" not in text_of(shown_id)


def test_number_of_jobs_is_counted_up_to_a_limit(
    shop: Path, rows: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobgen.ide.job_tables.MOST_COUNTED", 3)
    rows.execute("INSERT INTO greet_jobs SELECT FROM generate_series(1, 5)")
    with served_site(shop) as site:
        assert "Waiting more than 3 " in shown(site)
