"""Pages that refresh themselves: what is new appears in place."""

from __future__ import annotations

import re

import pytest
from jobgen_runtime.dashboard.components.times import Moment, relative
from playwright.sync_api import Page, expect

from tests.dashboard.script.jobs import JOBS, LIST, TABLE
from tests.dashboard.sites import Database

pytestmark = pytest.mark.xdist_group("script")

MINUTE = 60


def test_list_refreshes_in_place_every_few_seconds(page: Page, shop: Database) -> None:
    page.clock.install()
    page.goto(LIST)
    rows = page.locator("tbody tr")
    focused = rows.nth(1).get_by_role("link")
    focused.focus()
    identity = focused.get_attribute("href")
    page.evaluate("window.kept = document.querySelector('.scroll')")
    shop.insert(TABLE, status="failed", amount=99)
    with page.expect_response(lambda answer: "ListJob" in answer.url) as answer:
        page.clock.run_for(5000)
    assert answer.value.status == 200
    expect(rows).to_have_count(JOBS + 1)
    expect(rows.first).to_contain_text("99")
    assert page.evaluate("document.activeElement.getAttribute('href')") == identity
    assert page.evaluate("kept.isConnected")
    with page.expect_response(lambda answer: "ListJob" in answer.url) as answer:
        page.clock.run_for(5000)
    assert answer.value.status == 304


def test_focus_goes_to_the_next_row_if_its_own_is_gone(page: Page, shop: Database) -> None:
    page.goto(LIST)
    page.locator("tbody tr").nth(1).get_by_role("link").focus()
    after = page.locator("tbody tr").nth(2).get_attribute("id") or ""
    gone = page.locator("tbody tr").nth(1).get_attribute("id") or ""
    shop.run(f"DELETE FROM {TABLE} WHERE id = %s", gone.removeprefix("job-"))  # noqa: S608 -- a constant
    page.evaluate("refresh()")
    assert page.evaluate("document.activeElement.closest('tr').id") == after


HOLDS = {
    "chosen": "document.querySelector('.choose input').click()",
    "typed": "document.querySelector('[type=search]').value = 'x'",
    "focused": "document.querySelector('[type=search]').focus()",
    "marked": "getSelection().selectAllChildren(document.querySelector('h1'))",
    "off": "document.getElementById('live').click()",
}


@pytest.mark.parametrize("hold", HOLDS.values(), ids=HOLDS)
def test_nothing_moves_while_the_viewer_is_busy(page: Page, shop: Database, hold: str) -> None:
    page.goto(LIST)
    page.get_by_text("Filters").click()
    shop.insert(TABLE)
    page.evaluate(hold)
    page.evaluate("refresh()")
    expect(page.locator("tbody tr")).to_have_count(JOBS)
    assert page.evaluate("document.querySelector('details').open")


def test_live_can_be_switched_off_and_stays_off(page: Page, shop: Database) -> None:
    page.goto(LIST)
    button = page.get_by_role("button", name="Live")
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    page.reload()
    expect(button).to_have_attribute("aria-pressed", "false")
    shop.insert(TABLE)
    page.evaluate("refresh()")
    expect(page.locator("tbody tr")).to_have_count(JOBS)
    button.click()
    expect(page.locator("tbody tr")).to_have_count(JOBS + 1)


def test_page_says_that_it_is_stale_and_recovers(page: Page) -> None:
    page.goto(LIST)
    page.route("**/ListJob?*", lambda route: route.abort())
    stale = page.get_by_text("This page was not updated since")
    page.evaluate("refresh()")
    expect(stale).to_be_hidden()
    page.evaluate("refresh()")
    expect(stale).to_be_visible()
    page.unroute("**/ListJob?*")
    page.evaluate("refresh()")
    expect(stale).to_be_hidden()


def test_refresh_ends_where_the_login_has_ended(page: Page) -> None:
    page.goto(LIST)
    page.route("**/ListJob?*", lambda route: route.fulfill(status=403, body="no"))
    page.evaluate("refresh()")
    expect(page.get_by_text("Load it again to log in.")).to_be_visible()
    assert page.evaluate("live.isOver")


def test_refresh_ends_where_it_is_led_to_the_login(page: Page) -> None:
    page.goto(LIST)
    login = {"location": "/login"}
    page.route("**/ListJob?*", lambda route: route.fulfill(status=303, headers=login))
    page.evaluate("refresh()")
    expect(page.get_by_text("Load it again to log in.")).to_be_visible()
    assert page.evaluate("live.isOver")


def test_notice_stays_until_the_page_is_left(page: Page, shop: Database) -> None:
    page.goto(f"{LIST}&notice=deleted")
    shop.insert(TABLE)
    page.evaluate("refresh()")
    expect(page.locator("tbody tr")).to_have_count(JOBS + 1)
    expect(page.get_by_text("The job was deleted.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("The job was deleted.")).to_have_count(0)


def test_any_content_becomes_any_other(page: Page) -> None:
    page.goto(LIST)
    wrong = page.evaluate("""() => {
        let seed = 7;
        const random = (most) => (seed = (seed * 48271) % 2147483647) % most;
        const tree = (depth) => {
            const made = document.createElement(["p", "tr", "i"][random(3)]);
            if (random(2)) made.id = `x${random(6)}`;
            if (random(2)) made.className = `c${random(3)}`;
            const children = depth ? random(5) : 0;
            for (let i = 0; i < children; i++)
                made.append(random(3) ? tree(depth - 1) : ["a", "b"][random(2)]);
            return made;
        };
        const wrong = [];
        for (let i = 0; i < 300; i++) {
            const [old, wanted] = [tree(3), tree(3)];
            const expected = wanted.cloneNode(true);
            const [inner, outer] = [document.createElement("b"), document.createElement("b")];
            inner.append(old); outer.append(wanted);
            morph(inner, outer);
            if (!inner.firstChild.isEqualNode(expected)) wrong.push(expected.outerHTML);
        }
        return wrong;
    }""")
    assert wrong == []


def test_times_go_on_as_the_server_writes_them(page: Page) -> None:
    page.goto(LIST)
    ages = [
        sign * age + 0.5 for age in (0, 1, 59, 60, 3599, 86_400, 1e7, 5e7, 4e11) for sign in (1, -1)
    ]
    expected = [relative(Moment(-age), Moment(0)) for age in ages]
    assert page.evaluate("ages => ages.map(relative)", ages) == expected


def test_times_pass_and_are_shown_in_the_viewers_zone(page: Page, shop: Database) -> None:
    job = shop.insert(TABLE, status="failed", updated_at="2026-01-02 20:00Z")
    page.clock.install()
    page.goto(f"/jobs/ViewJob?tableName={TABLE}&id={job}")
    created = page.get_by_role("row", name="Created").locator("time").first
    expect(created).to_have_text(re.compile("just now|s ago"))
    page.clock.fast_forward(1000 * 5 * MINUTE)
    expect(created).to_have_text(re.compile("^[5-9] min ago"))
    expect(
        page.locator("tr", has=page.get_by_role("rowheader", name="Failed", exact=True))
    ).to_contain_text("2026-01-03 01:30:00 GMT+5:30 · 2026-01-02 20:00:00 UTC")


def test_row_of_a_kind_keeps_the_focus_where_the_overview_changes_its_order(
    page: Page, shop: Database
) -> None:
    page.goto("/jobs/")
    kinds = page.locator(".kinds tbody tr")
    before = [row.get_attribute("id") for row in kinds.all()]
    assert before[0] == f"kind-{TABLE}"
    kinds.first.get_by_role("link").first.focus()
    succeed = f"UPDATE {TABLE} SET status = 'job_status_succeeded'"  # noqa: S608 -- a constant
    shop.run(succeed)
    shop.insert("initial_scrape_jobs", status="failed")
    page.evaluate("refresh()")
    expect(kinds.last).to_have_attribute("id", f"kind-{TABLE}")
    assert page.evaluate("document.activeElement.closest('tr').id") == f"kind-{TABLE}"
    shop.run("TRUNCATE initial_scrape_jobs")
