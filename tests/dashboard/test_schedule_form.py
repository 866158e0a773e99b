"""The form of a schedule: add one, and change one that an operator has added."""

from __future__ import annotations

import html
import re

import pytest
from jobgen_runtime.dashboard import Change, Right, Visitor

from tests.dashboard.sites import DashboardSite, Database, MakeSite
from tests.dashboard.visitors import Everyone

MAIL, HIDDEN = "email_customers_jobs", "payroll_jobs"
ADD, CHANGE = "/jobs/CreateSchedule", "/jobs/ChangeSchedule"
FORM = {
    "tableName": MAIL,
    "name": "nightly",
    "expression": "30 5 * * *",
    "timezone": "Europe/Berlin",
    "values": '{"subject": "Hello <b>"}',
    "catch_up": "all",
    "catch_up_limit": "7",
}


@pytest.fixture(autouse=True)
def _tables(shop: Database) -> None:
    shop.job_table(MAIL, "subject TEXT NOT NULL", "api_token TEXT")
    shop.job_table(HIDDEN)


def rows(shop: Database) -> list[dict[str, object]]:
    return shop.run(
        "SELECT name, expression, timezone, values, catch_up, catch_up_limit, source"
        " FROM job_schedules"
    )


def text(page: str) -> str:
    return html.unescape(" ".join(re.sub("<[^>]*>", " ", page).split()))


def test_schedule_is_added_and_changed_by_its_form(site: DashboardSite, shop: Database) -> None:
    assert ADD in site.get("/jobs/ListSchedules").text
    form = site.get(ADD, params={"tableName": MAIL}).text
    assert 'name="expression"' in form
    assert "The columns are subject, api_token." in text(form)

    answer = site.post(ADD, FORM)
    assert answer.headers["location"] == "/jobs/ListSchedules?notice=schedule_added"
    expected = {key: value for key, value in FORM.items() if key != "tableName"} | {
        "values": {"subject": "Hello <b>"},
        "catch_up_limit": 7,
        "source": "operator",
    }
    assert rows(shop) == [expected]
    listed = site.get(answer.headers["location"]).text
    assert "The schedule was added." in listed
    assert f"{CHANGE}?tableName={MAIL}&amp;name=nightly" in listed

    form = site.get(CHANGE, params={"tableName": MAIL, "name": "nightly"}).text
    assert 'value="30 5 * * *"' in form
    assert "Hello &lt;b&gt;" in form
    answer = site.post(CHANGE, FORM | {"expression": "@every 90m", "catch_up": "skip"})
    assert answer.headers["location"].endswith("notice=schedule_changed")
    assert rows(shop) == [
        expected | {"expression": "@every 1h30m", "timezone": "UTC", "catch_up": "skip"}
    ]


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("tableName", "", "Choose the kind"),
        ("name", " ", "must be a text that is not empty"),
        pytest.param("name", "x" * 201, "at most 200 printable characters", id="long-name"),
        ("expression", "", "expression"),
        ("expression", "61 * * * *", "minute"),
        ("expression", "0 0 30 2 *", "is not a cron expression"),
        ("expression", "@every 0s", "every"),
        pytest.param("expression", "9" * 60_000, "characters", id="long-expression"),
        ("timezone", "Berlin", "time zone"),
        ("timezone", "../../etc/passwd", "time zone"),
        ("values", "{", "must be a JSON object"),
        ("values", "[]", "must be a JSON object"),
        pytest.param("values", "[" * 30_000, "must be a JSON object", id="deep-values"),
        ("values", "{}", "must have subject"),
        ("values", '{"subject": "a", "status": "x"}', "not one of the columns"),
        ("catch_up", "never", "catch_up"),
        ("catch_up_limit", "0", "from 1 to 10,000"),
        pytest.param("catch_up_limit", "9" * 5000, "from 1 to 10,000", id="long-limit"),
        ("catch_up_limit", "1e3", "from 1 to 10,000"),
    ],
)
def test_invalid_value_is_named_at_its_field_and_the_others_are_kept(
    site: DashboardSite, shop: Database, field: str, value: str, problem: str
) -> None:
    answer = site.post(ADD, FORM | {field: value})
    assert answer.status_code == 422
    assert problem in text(answer.text)
    assert f'id="field-{[*FORM].index(field) + 1}-error"' in answer.text
    for name in {"name", "expression", "timezone"} - {field}:
        assert f'value="{html.escape(FORM[name])}"' in answer.text
    assert rows(shop) == []


def test_changes_of_schedules_are_logged_and_audited_by_the_name_of_the_schedule(
    make_site: MakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    audited: list[tuple[str, str | None]] = []

    async def audit(change: Change) -> None:
        audited.append((change.done, change.schedule))

    site = make_site(audit=audit)
    site.post(ADD, FORM)
    site.post(CHANGE, FORM | {"expression": "@every 90m"})
    for action in ("Pause", "Resume", "Remove"):
        site.post(f"/jobs/{action}Schedule", FORM)
    words = ["added", "changed", "paused", "resumed", "removed"]
    assert audited == [(f"{word} (schedule 'nightly')", "nightly") for word in words]
    by = "in the dashboard by 'anybody', client"
    for word, line in zip(words, caplog.messages, strict=True):
        assert line.startswith(f"schedule 'nightly' of {MAIL} was {word} {by}")


def test_second_schedule_of_a_name_is_refused_and_the_first_one_stays(
    site: DashboardSite, shop: Database
) -> None:
    site.post(ADD, FORM)
    answer = site.post(ADD, FORM | {"expression": "@daily"})
    assert answer.status_code == 409
    assert "has a schedule 'nightly' already" in text(answer.text)
    [row] = rows(shop)
    assert row["expression"] == "30 5 * * *"


def test_values_that_pages_do_not_show_are_kept(site: DashboardSite, shop: Database) -> None:
    site.post(ADD, FORM | {"values": '{"subject": "Hello", "api_token": "s3cret"}'})
    form = site.get(CHANGE, params={"tableName": MAIL, "name": "nightly"}).text
    assert "s3cret" not in form
    assert "Not shown, and kept as they are: api_token." in text(form)
    site.post(CHANGE, FORM | {"values": '{"subject": "Bye"}'})
    assert rows(shop)[0]["values"] == {"subject": "Bye", "api_token": "s3cret"}
    site.post(CHANGE, FORM | {"values": '{"subject": "Bye", "api_token": null}'})
    assert rows(shop)[0]["values"] == {"subject": "Bye", "api_token": None}


def test_schedule_of_the_code_or_a_missing_one_is_not_changed(
    site: DashboardSite, shop: Database
) -> None:
    shop.run(
        "INSERT INTO job_schedules (job_table, name, expression, source)"
        " VALUES (%s::regclass, 'nightly', '@daily', 'code')",
        MAIL,
    )
    assert CHANGE not in site.get("/jobs/ListSchedules").text
    for answer in (
        site.get(CHANGE, params={"tableName": MAIL, "name": "nightly"}),
        site.post(CHANGE, FORM),
    ):
        assert answer.status_code == 409
        assert "comes from the code" in text(answer.text)
    assert site.post(CHANGE, FORM | {"name": "other"}).status_code == 404
    assert site.get(CHANGE, params={"tableName": MAIL}).status_code == 400
    assert rows(shop)[0]["expression"] == "@daily"


def test_visitor_adds_schedules_of_kinds_whose_jobs_the_visitor_may_create(
    make_site: MakeSite, shop: Database
) -> None:
    site = make_site(
        auth=Everyone(Visitor("Ada", kinds={MAIL: {Right.SEE, Right.CREATE}, HIDDEN: {Right.SEE}}))
    )
    form = site.get(ADD).text
    assert f'value="{MAIL}"' in form
    assert f'value="{HIDDEN}"' not in form
    assert site.post(ADD, FORM | {"tableName": HIDDEN}).status_code == 403
    site = make_site(auth=Everyone(Visitor("Bob", may={Right.SEE})))
    assert ADD not in site.get("/jobs/ListSchedules").text
    assert site.get(ADD).status_code == 403
    assert site.post(ADD, FORM).status_code == 403
    assert rows(shop) == []
