"""The main flows through the dashboard in a real browser, with and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from jobgen_runtime.dashboard import BasicAuthStatic, JobsDashboard
from playwright.sync_api import Browser, Locator, Page, expect
from starlette.applications import Starlette
from starlette.routing import Mount

from tests.dashboard.attics import DisplayedInitialScrape
from tests.dashboard.sites import Database
from tests.support.accessibility import load_axe, violations
from tests.support.browser import launched
from tests.support.serving import serve
from tests.support.waiting import TIMEOUT

pytestmark = pytest.mark.xdist_group("browser")

TABLE = "email_customers_jobs"
PATHS = [
    "/",
    f"/ListJob?tableName={TABLE}",
    f"/ListJob?tableName={TABLE}&status=timed_out&where_mood=busy",
    "/ListJob?tableName=empty_jobs&q=x",
    f"/CreateJob?tableName={TABLE}",
    "/ListJob?tableName=initial_scrape_jobs",
    "/CreateJob?tableName=initial_scrape_jobs",
    "/ListErrors",
    f"/ListErrors?tableName={TABLE}&range=hour&sort=count",
    "/ListWorkers",
    "/ListSchedules",
    "/CreateSchedule",
    "/ViewCharts",
    f"/ViewCharts?tableName={TABLE}&range=week",
    "/nothing",
]
WIDTHS = (320, 390, 768, 1280)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as chromium:
        yield chromium


@pytest.fixture(autouse=True)
def pages_closed(browser: Browser) -> Iterator[None]:
    """Close the pages of each test: those that are left open go on asking for news."""
    yield
    for context in browser.contexts:
        context.close()


@pytest.fixture
def filled(shop: Database) -> Database:
    """Return a shop with jobs in every status and a job with custom views."""
    shop.run("CREATE TYPE mood AS ENUM ('calm', 'busy')")
    shop.run("CREATE TABLE bands (id UUID DEFAULT uuidv7() PRIMARY KEY, name TEXT NOT NULL)")
    band = shop.insert("bands", name="Phish")
    shop.job_table(
        TABLE,
        "subject TEXT NOT NULL",
        "mood mood",
        "copies INT DEFAULT 1 NOT NULL",
        "band_id UUID REFERENCES bands (id)",
    )
    for status in ("not_started", "running", "retry", "timed_out", "succeeded", "failed"):
        shop.insert(
            TABLE,
            status=status,
            subject=f"Mail that is {status}",
            band_id=band,
            last_error="Traceback:\nOSError: <b>no</b> route to host"
            if status != "running"
            else None,
        )
    shop.job_table("initial_scrape_jobs", "band_id UUID NOT NULL REFERENCES bands (id)")
    shop.insert("initial_scrape_jobs", band_id=band, status="failed")
    shop.job_table("empty_jobs")
    for hours, table in ((1, "payroll_jobs"), (-1, TABLE)):
        shop.run(
            "INSERT INTO job_workers (id, expires_at, host, pid, version, tables)"
            " VALUES (uuidv7(), now() + %s * interval '1 hour', 'web-1', 7, '1.0', %s)",
            hours,
            [table],
        )
    shop.run(
        "INSERT INTO job_schedules (job_table, name, expression, paused_at) VALUES"
        " (%s::regclass, 'nightly', '0 5 * * *', NULL), (%s::regclass, 'two', '@every 2h', now())",
        TABLE,
        TABLE,
    )
    return shop


@pytest.fixture
def address(filled: Database) -> Iterator[str]:
    """Serve the dashboard at /jobs on loopback."""
    dashboard = JobsDashboard(
        auth=BasicAuthStatic("jobs", "secret"),
        jobs=[DisplayedInitialScrape],
        conninfo=filled.conninfo,
    )
    with serve(Starlette(routes=[Mount("/jobs", dashboard)])) as server:
        yield f"{server}/jobs"


def opened(browser: Browser, *, java_script: bool = True) -> Page:
    """Return a page with credentials; any error in its console fails the test."""
    context = browser.new_context(
        http_credentials={"username": "jobs", "password": "secret"},
        java_script_enabled=java_script,
    )
    page = context.new_page()
    page.set_default_timeout(1000 * TIMEOUT)
    return page


def confirmation(page: Page) -> Locator:
    """Return the message about what the user has just done, without warnings about the table."""
    return page.get_by_role("status").and_(page.locator(".done"))


def test_user_adds_a_schedule_and_changes_it(
    browser: Browser, address: str, filled: Database
) -> None:
    page = opened(browser)
    page.goto(address + "/ListSchedules")
    page.get_by_role("link", name="New schedule…").click()
    page.get_by_label("Kind").select_option("Email customers")
    page.get_by_label("Name").fill("weekly")
    page.get_by_label("When").fill("0 25 * * 1")
    page.get_by_label("Values").fill('{"subject": "Monday"}')
    page.get_by_role("button", name="Add schedule").click()
    expect(page.get_by_label("When")).to_be_focused()
    page.get_by_label("When").fill("0 5 * * 1")
    page.keyboard.press("Enter")
    expect(confirmation(page)).to_have_text("The schedule was added.")
    page.get_by_role("link", name="Edit weekly").click()
    page.get_by_label("Time zone").fill("Europe/Berlin")
    page.get_by_role("button", name="Save").click()
    expect(confirmation(page)).to_have_text("The schedule was changed.")
    expect(page.get_by_role("row", name="weekly")).to_contain_text("0 5 * * 1 Europe/Berlin")
    [row] = filled.run("SELECT values, timezone FROM job_schedules WHERE name = 'weekly'")
    assert row == {"values": {"subject": "Monday"}, "timezone": "Europe/Berlin"}


@pytest.mark.parametrize("java_script", [True, False], ids=["js", "no js"])
def test_user_retries_and_deletes_a_failed_job(
    browser: Browser, address: str, filled: Database, java_script: bool
) -> None:
    page = opened(browser, java_script=java_script)
    page.goto(address + "/")
    expect(page).to_have_title("Jobs")
    section = page.get_by_role("region", name="Email customers", exact=True)
    section.get_by_role("link", name="Failed 1").click()
    expect(page.get_by_role("link", name="Failed 1")).to_have_attribute("aria-current", "true")
    page.get_by_role("row").nth(1).get_by_role("link").click()
    expect(page.locator("pre")).to_contain_text("OSError: <b>no</b> route to host")
    expect(page.get_by_role("row", name="Subject")).to_contain_text("Mail that is failed")

    page.get_by_role("button", name="Retry").click()
    expect(confirmation(page)).to_have_text("The job is due again now.")
    expect(page.locator("h1 + .badge")).to_have_text("Not started")
    assert "job_status_failed" not in {row["status"] for row in filled.rows(TABLE)}

    expect(page.get_by_role("button", name="Cancel this job")).to_be_hidden()
    page.get_by_role("button", name="Cancel…").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Cancel this job")).to_be_hidden()
    page.get_by_role("button", name="Cancel…").click()
    page.get_by_role("button", name="Cancel this job").click()
    expect(confirmation(page)).to_have_text("The job was cancelled.")
    expect(page.locator("h1 + .badge")).to_have_text("Failed")
    expect(page.get_by_text("Cancel…")).to_have_count(0)

    expect(page.get_by_role("button", name="Delete this job")).to_be_hidden()
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("button", name="Delete this job").click()
    expect(confirmation(page)).to_have_text("The job was deleted.")
    assert len(filled.rows(TABLE)) == 5


@pytest.mark.parametrize("java_script", [True, False], ids=["js", "no js"])
def test_user_creates_a_job_with_the_form(
    browser: Browser, address: str, filled: Database, java_script: bool
) -> None:
    page = opened(browser, java_script=java_script)
    page.goto(f"{address}/ListJob?tableName={TABLE}")
    page.get_by_role("link", name="New job").click()
    page.get_by_role("button", name="Create job").click()
    expect(page.get_by_label("Subject")).to_be_focused()
    page.get_by_label("Subject").fill("Hello & <welcome>")
    page.get_by_label("Mood").select_option("busy")
    page.get_by_label("Copies").fill("3")
    page.get_by_role("button", name="Create job").click()
    expect(confirmation(page)).to_have_text("The job was created.")
    expect(page.get_by_role("row").nth(1)).to_contain_text("Hello & <welcome>")
    job = filled.rows(TABLE)[-1]
    assert (job["subject"], job["mood"], job["copies"]) == ("Hello & <welcome>", "busy", 3)


def test_form_of_another_site_changes_nothing(
    browser: Browser, address: str, filled: Database
) -> None:
    page = opened(browser)
    page.goto(address + "/")
    job = str(filled.rows(TABLE)[0]["id"])
    form = (
        f'<form method="post" action="{address}/DeleteJob">'
        f'<input name="tableName" value="{TABLE}"><input name="id" value="{job}"></form>'
    )
    page.route(
        "http://evil.example/", lambda route: route.fulfill(body=form, content_type="text/html")
    )
    page.goto("http://evil.example/")
    with page.expect_response("**/DeleteJob") as answer:
        page.evaluate("document.forms[0].submit()")
    assert answer.value.status == 403
    assert filled.job(TABLE, job) is not None


def test_every_page_passes_axe_fits_any_width_and_loads_nothing_else(
    browser: Browser, address: str, filled: Database
) -> None:
    page = opened(browser)
    asked: list[str] = []
    said: list[str] = []
    checked = set[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    jobs = [f"/ViewJob?tableName={TABLE}&id={row['id']}" for row in filled.rows(TABLE)]
    for path in jobs + PATHS:
        if path == "/nothing":
            assert said == []  # before Chromium logs that a page is missing
        page.goto(address + path)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        load_axe(page)
        for details in page.locator("details").all():
            details.locator("summary").click()
        assert violations(page) == [], path
        for opener in page.locator("button[popovertarget][class=button]:visible").all():
            page.keyboard.press("Escape")
            opener.click()
            popover = page.locator(":popover-open").evaluate("each => each.outerHTML")
            # Most pages have the same ones, except for the addresses that they lead to.
            if (kind := re.sub(r' (?:href|value)="[^"]*"', "", popover)) not in checked:
                checked.add(kind)
                assert violations(page, "':popover-open'") == [], path
    assert all(url.startswith((address, "data:")) for url in asked)


def test_long_errors_fit_the_window_beside_all_columns(
    browser: Browser, address: str, filled: Database
) -> None:
    error = f"Traceback:\nshop.mail.RefusedError: {'The server refused the mail to Ada. ' * 9}"
    filled.run(f"UPDATE {TABLE} SET subject = repeat('long ', 9), last_error = %s", error)  # noqa: S608 -- the test's own
    page = opened(browser)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{address}/ListJob?tableName={TABLE}")
    table = page.get_by_role("region", name="Jobs of Email customers")
    assert table.evaluate("each => each.scrollWidth - each.clientWidth") == 0
    shown = table.locator(".error > *").first
    lines = "each => each.clientHeight / parseFloat(getComputedStyle(each).lineHeight)"
    expect(shown).to_contain_text("The server refused the mail")
    assert round(shown.evaluate(lines)) == 2


def test_keyboard_reaches_every_control_with_visible_focus(browser: Browser, address: str) -> None:
    page = opened(browser)
    page.goto(f"{address}/ListJob?tableName={TABLE}")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Pause")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="New job")).to_be_focused()
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_user_retries_chosen_jobs(browser: Browser, address: str, filled: Database) -> None:
    page = opened(browser, java_script=False)
    page.goto(f"{address}/ListJob?tableName={TABLE}")
    for box in page.get_by_role("checkbox", name="Choose job").all():
        box.check()
    page.get_by_role("button", name="Retry…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Retry 6 jobs of Email customers?")
    page.get_by_role("button", name="Retry 6 jobs").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("4 retried, 2 skipped")
    page.get_by_role("link", name="Back to the list").click()
    expect(page.get_by_role("link", name="Not started 4")).to_be_visible()
    assert [row["status"] for row in filled.rows(TABLE)].count("job_status_not_started") == 4


def test_user_retries_all_failures_with_one_error(
    browser: Browser, address: str, filled: Database
) -> None:
    page = opened(browser, java_script=False)
    page.goto(address + "/")
    page.get_by_role("link", name="2 failed in 1 h").click()
    row = page.get_by_role("row", name="OSError")
    expect(row).to_contain_text("<b>no</b> route to host")
    row.get_by_role("button", name="Retry 2…").click()
    page.get_by_role("button", name="Retry 2 jobs").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 retried")
    page.get_by_role("link", name="Back to the errors").click()
    expect(page.get_by_role("row", name="OSError")).to_have_count(0)
    assert [row["status"] for row in filled.rows(TABLE)].count("job_status_not_started") == 3


def test_user_looks_up_what_a_worker_runs(browser: Browser, address: str, filled: Database) -> None:
    filled.run("UPDATE job_workers SET tables = tables || %s", [TABLE])
    filled.run(
        f"UPDATE {TABLE} SET locked_at = now(), locked_by = (SELECT id FROM job_workers"  # noqa: S608 -- the test's own
        " WHERE expires_at > now()) WHERE status = 'job_status_running'"
    )
    page = opened(browser)
    page.goto(f"{address}/ListJob?tableName={TABLE}&status=running")
    page.get_by_role("link", name="web-1:7").click()
    row = page.get_by_role("row", name="web-1:7").and_(page.locator(":target"))
    expect(row).to_contain_text("Alive")
    row.get_by_role("link", name="Email customers …").click()
    expect(page.get_by_role("row", name="Worker")).to_contain_text("web-1:7")
