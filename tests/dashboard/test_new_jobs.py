"""The form for a new job: controls by column type, and readable errors."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from jobgen_runtime.dashboard.changes import form_errors
from jobgen_runtime.dashboard.components.defaults import describe_default

from tests.dashboard.sites import DashboardSite, Database

TABLE = "scrape_jobs"
BAND = "01890000-0000-7000-8000-000000000000"


@pytest.fixture(autouse=True)
def _table(shop: Database) -> None:
    shop.run("CREATE TABLE bands (id UUID PRIMARY KEY, name TEXT)")
    shop.run("INSERT INTO bands VALUES (%s, 'Phish')", BAND)
    shop.run("CREATE TYPE mood AS ENUM ('calm', 'busy')")
    shop.run("CREATE DOMAIN percent AS INT CHECK (VALUE BETWEEN 0 AND 100)")
    shop.job_table(
        TABLE,
        "band_id UUID NOT NULL REFERENCES bands (id)",
        "mood mood",
        "priority SMALLINT DEFAULT 3 NOT NULL",
        "done percent",
        "urgent BOOLEAN",
        "payload JSONB",
        "starts TIMESTAMP WITH TIME ZONE",
        "day DATE",
        "tags TEXT[]",
        "code VARCHAR(3) UNIQUE",
        "number BIGINT GENERATED ALWAYS AS IDENTITY",
        "double INT GENERATED ALWAYS AS (2 * priority) STORED",
    )


def test_form_has_a_control_for_each_writable_column(site: DashboardSite) -> None:
    page = site.get(f"/jobs/CreateJob?tableName={TABLE}").text
    for control in (
        '<select id="field-1" name="band_id"',
        f'<option value="{BAND}">Phish</option>',
        '<select id="field-2" name="mood"',
        '<option value="busy">busy</option>',
        'type="number" name="priority"',
        'name="urgent"',
        '<option value="false">No</option>',
        'name="payload" rows="1" class="code tall"',
        'type="datetime-local" name="starts"',
        'type="date" name="day"',
        'name="tags"',
        'type="datetime-local" name="run_at" value="" step="1" data-utc="" autocomplete="off"',
        'name="priority" value="" min="-32768" max="32767" step="1" placeholder="3"',
    ):
        assert control in page, control
    for name in ("number", "double", "status", "locked_by", "attempts_count"):
        assert f'name="{name}"' not in page
    assert page.count(' required=""') == 1
    assert "a row of bands" in page


def test_filled_form_creates_a_job(site: DashboardSite, shop: Database) -> None:
    form = {
        "tableName": TABLE,
        "band_id": BAND,
        "mood": "busy",
        "done": "100",
        "urgent": "true",
        "payload": '{"a": [1]}',
        "starts": "2026-11-24T10:00:00",
        "day": "2026-11-24",
        "tags": '{a,"b c"}',
        "code": "äöü",
        "run_at": "2030-01-01T00:00:00",
        "priority": "",
    }
    answer = site.post("/jobs/CreateJob", form)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/jobs/ListJob?tableName={TABLE}&notice=created"
    assert "The job was created" in site.get(answer.headers["location"]).text
    (row,) = shop.rows(TABLE)
    assert str(row["band_id"]) == BAND
    assert row["mood"] == "busy"
    assert row["done"] == 100
    assert row["urgent"] is True
    assert row["payload"] == {"a": [1]}
    assert row["starts"] == datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert row["tags"] == ["a", "b c"]
    assert row["code"] == "äöü"
    assert row["priority"] == 3
    assert row["run_at"] == datetime(2030, 1, 1, tzinfo=UTC)
    assert row["status"] == "job_status_not_started"


def test_empty_form_creates_a_job_if_no_column_is_required(
    site: DashboardSite, shop: Database
) -> None:
    shop.job_table("clean_jobs")
    assert site.post("/jobs/CreateJob?tableName=clean_jobs").status_code == 303
    assert len(shop.rows("clean_jobs")) == 1


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"band_id": ""}, "A value is required."),
        ({"band_id": "Phish"}, "invalid input syntax for type uuid"),
        ({"band_id": BAND[:-1] + "1"}, "foreign key"),
        ({"mood": "angry"}, "invalid input value for enum mood"),
        ({"priority": "99999"}, "out of range"),
        ({"priority": "x"}, "invalid input syntax for type smallint"),
        ({"done": "101"}, "percent_check"),
        ({"payload": "{"}, "invalid input syntax for type json"),
        ({"tags": "{"}, "malformed array literal"),
        ({"code": "long"}, "too long"),
        ({"code": "abc"}, "unique constraint"),
        ({"starts": "yesterday at noonish"}, "invalid input syntax for type timestamp"),
        ({"run_at": "soon"}, "invalid input syntax for type timestamp"),
    ],
)
def test_rejected_values_show_the_form_again_with_the_error(
    site: DashboardSite, shop: Database, form: dict[str, str], words: str
) -> None:
    shop.insert(TABLE, band_id=BAND, code="abc")
    typed = {"tableName": TABLE, "band_id": BAND, "payload": '{"kept": true}', **form}
    page = site.post("/jobs/CreateJob", typed)
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert words in page.text
    assert "INSERT INTO" not in page.text
    if "payload" not in form:
        assert "{&#34;kept&#34;: true}" in page.text
    assert len(shop.rows(TABLE)) == 1


@pytest.mark.parametrize(
    ("form", "columns", "words"),
    [
        ({"band_id": BAND[:-1] + "1"}, ["Band"], "is not present in table"),
        ({"code": "abc"}, ["Code"], "already exists"),
        ({"mood": "angry", "done": "101"}, ["Mood", "Done"], "percent_check"),
        ({"priority": "9"}, ["Priority", "Urgent"], "CHECK (priority &lt; 9 OR urgent)"),
        ({"day": "2026-11-24", "tags": "{}"}, ["Day", "Tags"], "Key (day, tags)"),
        ({"run_at": "soon"}, ["Run at"], "invalid input syntax"),
        ({"band_id": "", "payload": "{"}, ["Band", "Payload"], "A value is required."),
    ],
)
def test_errors_are_shown_at_the_fields_that_they_are_about(
    site: DashboardSite, shop: Database, form: dict[str, str], columns: list[str], words: str
) -> None:
    shop.run("ALTER TABLE scrape_jobs ADD CONSTRAINT urgent CHECK (priority < 9 OR urgent)")
    shop.run("CREATE UNIQUE INDEX ON scrape_jobs (day, tags)")
    shop.insert(TABLE, band_id=BAND, code="abc", day="2026-11-24", tags=[], urgent=True)
    typed = {"tableName": TABLE, "band_id": BAND, "urgent": "false", **form}
    page, *_ = site.post("/jobs/CreateJob", typed).text.split("</main>")
    assert re.findall(r'<a href="#field-\d+">([^<]+)</a>', page) == columns
    assert page.count('aria-invalid="true"') == page.count('class="wrong"') == len(columns)
    assert page.count("autofocus") == 1
    assert words in page


def test_older_server_refuses_values_without_saying_where(
    site: DashboardSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form_errors, "FIRST_VERSION", 1_000_000)
    page = site.post("/jobs/CreateJob", {"tableName": TABLE, "band_id": BAND, "tags": "{"})
    assert page.status_code == 422
    assert "malformed array literal" in page.text
    assert "aria-invalid" not in page.text


def test_defaults_are_shown(site: DashboardSite, shop: Database) -> None:
    shop.run(
        "ALTER TABLE scrape_jobs ALTER mood SET DEFAULT 'busy', ALTER urgent SET DEFAULT false,"
        " ALTER starts SET DEFAULT now(), ALTER code SET DEFAULT 'it''s', ALTER done SET DEFAULT 7,"
        " ALTER day SET DEFAULT CURRENT_DATE + 1, ADD api_token TEXT DEFAULT 'hunter2'"
    )
    page = site.get(f"/jobs/CreateJob?tableName={TABLE}").text
    for text in (
        '<option value="busy" selected>',
        '<option value="false" selected>',
        "the current time if empty",
        'placeholder="it&#39;s"',
        'placeholder="7"',
        "date, (CURRENT_DATE + 1) if empty",
    ):
        assert text in page, text
    assert "hunter2" not in page


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("NULL::text", None),
        ("''::text", "an empty text"),
        ("'{}'::jsonb", "{}"),
        ("'-1'::integer", "-1"),
        ("(-1.5)", "-1.5"),
        ("true", "true"),
        ("'x'::numeric(10,2)", "x"),
        ("nextval('a_seq'::regclass)", "the next number"),
        ("('a'::text || 'b'::text)", "('a'::text || 'b'::text)"),
        ("'a'::text || 'b'::text", "'a'::text || 'b'::text"),
        ("uuidv7()", "a new UUID"),
        ("f('" + "x" * 100 + "')", "f('" + "x" * 77 + "…"),
    ],
)
def test_default_is_described_by_its_expression(expression: str, words: str | None) -> None:
    found = describe_default(expression)
    assert (found.words if found else None) == words


def test_form_cannot_set_the_columns_of_the_runtime(site: DashboardSite, shop: Database) -> None:
    form = {
        "tableName": TABLE,
        "band_id": BAND,
        "status": "job_status_succeeded",
        "attempts_count": "7",
        "locked_by": BAND,
        "id": BAND,
        "number": "5",
        "no_such_column": "x",
    }
    assert site.post("/jobs/CreateJob", form).status_code == 303
    (row,) = shop.rows(TABLE)
    assert row["status"] == "job_status_not_started"
    assert row["attempts_count"] == 0
    assert row["locked_by"] is None
    assert str(row["id"]) != BAND


def test_error_of_a_trigger_is_shown(site: DashboardSite, shop: Database) -> None:
    shop.run(
        "CREATE FUNCTION refuse() RETURNS TRIGGER LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'not on Sundays'; END $$"
    )
    shop.run(f"CREATE TRIGGER refuse BEFORE INSERT ON {TABLE} EXECUTE FUNCTION refuse()")
    page = site.post("/jobs/CreateJob", {"tableName": TABLE, "band_id": BAND})
    assert page.status_code == 422
    assert "not on Sundays" in page.text


def test_row_suppressed_by_a_trigger_is_reported(site: DashboardSite, shop: Database) -> None:
    shop.run(
        "CREATE FUNCTION swallow() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$"
    )
    shop.run(
        f"CREATE TRIGGER swallow BEFORE INSERT ON {TABLE} FOR EACH ROW EXECUTE FUNCTION swallow()"
    )
    page = site.post("/jobs/CreateJob", {"tableName": TABLE, "band_id": BAND})
    assert page.status_code == 422
    assert "A trigger of the table" in page.text


def test_form_filled_from_a_job_makes_a_new_job_with_its_values(
    site: DashboardSite, shop: Database
) -> None:
    shop.run("ALTER TABLE scrape_jobs ADD note TEXT, ADD ends TIMESTAMPTZ, ADD big TEXT")
    values: dict[str, Any] = {
        "band_id": BAND,
        "mood": "busy",
        "priority": 9,
        "urgent": False,
        "payload": '{"a": 1}',
        "starts": "2026-11-24T10:00:00.250Z",
        "ends": "infinity",
        "day": "2026-11-24",
        "tags": ["a", "b c"],
        "note": "one\ntwo",
    }
    job = shop.insert(TABLE, status="succeeded", big="x" * 200_000, **values)
    read = "SELECT to_jsonb(job) - 'updated_at' AS job FROM scrape_jobs job ORDER BY id"
    [before] = shop.run(read)
    page = site.get(f"/jobs/CreateJob?tableName={TABLE}&copyOf={job}").text
    assert "which stays as it is" in page
    assert "Big could not be copied." in page
    for control in (
        f'<option value="{BAND}" selected>Phish</option>',
        '<option value="busy" selected>',
        'name="priority" value="9"',
        '<option value="false" selected>',
        'type="datetime-local" name="starts" value="2026-11-24T10:00:00.25"',
        'type="text" name="ends" value="infinity"',
        'name="day" value="2026-11-24"',
        "{a,&#34;b c&#34;}",
        'name="run_at" value=""',
    ):
        assert control in page, control
    form = {
        "tableName": TABLE,
        **{name: str(value) for name, value in values.items()},
        "tags": '{a,"b c"}',
        "note": "one\r\ntwo",
    }
    assert site.post("/jobs/CreateJob", form).status_code == 303
    kept, made = (row["job"] for row in shop.run(read))
    assert kept == before["job"]
    assert {name: made[name] for name in values} == {name: kept[name] for name in values}
    assert made["status"] == "job_status_not_started"
    missing = site.get(f"/jobs/CreateJob?tableName={TABLE}&copyOf={BAND}")
    assert missing.status_code == 404
    assert site.get(f"/jobs/CreateJob?tableName={TABLE}&copyOf=x").status_code == 400
