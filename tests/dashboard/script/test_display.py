"""Themes, times and the keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.dashboard.script.jobs import JOBS, LIST
from tests.dashboard.sites import Database
from tests.support.accessibility import load_axe, violations

pytestmark = pytest.mark.xdist_group("script")

DARK, LIGHT = "rgb(18, 21, 27)", "rgb(246, 247, 249)"


def ground(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_theme_is_chosen_and_remembered(page: Page) -> None:
    page.goto(LIST)
    assert ground(page) == LIGHT
    page.get_by_role("button", name="Display").click()
    expect(page.get_by_label("Theme")).to_be_focused()
    with page.expect_response("**/SaveTheme"):
        page.get_by_label("Theme").select_option("dark")
    assert ground(page) == DARK
    page.goto("/jobs/")
    assert ground(page) == DARK
    assert page.locator("meta[name=color-scheme]").get_attribute("content") == "dark"
    page.emulate_media(color_scheme="dark")
    page.get_by_role("button", name="Display").click()
    with page.expect_response("**/SaveTheme"):
        page.get_by_label("Theme").select_option("light")
    assert ground(page) == LIGHT
    with page.expect_response("**/SaveTheme"):
        page.get_by_label("Theme").select_option("system")
    page.reload()
    assert ground(page) == DARK


def test_display_passes_axe_and_fits_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto(LIST)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Display")).to_be_visible()
    load_axe(page)
    assert violations(page, "':popover-open'") == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Display")).to_be_hidden()


def test_times_are_written_as_chosen(page: Page) -> None:
    page.goto(LIST)
    shown = page.locator("tbody .timing time").first
    for choice, text in (
        ("local", r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d GMT\+5:30"),
        ("utc", r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"),
    ):
        page.get_by_role("button", name="Display").click()
        page.get_by_label("Times").select_option(choice)
        expect(shown).to_have_text(re.compile(f"^{text}$"))
        page.reload()
        expect(shown).to_have_text(re.compile(f"^{text}$"))
    expect(shown).to_have_attribute("title", re.compile(r"GMT\+5:30 · .* UTC"))


def test_keys_move_through_rows_and_change_nothing(page: Page, shop: Database) -> None:
    page.goto(LIST)
    links = page.locator("tbody th a")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("jkrx?")
    expect(page.get_by_role("searchbox")).to_have_value("jkrx?")
    page.get_by_role("searchbox").fill("")
    page.evaluate("document.activeElement.blur()")
    for key, index in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
        page.keyboard.press(key)
        expect(links.nth(index)).to_be_focused()
    page.keyboard.press("x")
    expect(page.get_by_role("checkbox", name="Choose job").nth(1)).to_be_checked()
    page.keyboard.press("r")
    expect(page.get_by_role("button", name="Retry job").nth(1)).to_be_focused()
    assert {row["status"] for row in shop.rows("send_invoice_jobs")} == {"job_status_failed"}
    page.keyboard.press("k")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#job-id")).to_be_visible()
    page.keyboard.press("r")
    expect(page.get_by_role("button", name="Retry", exact=True)).to_be_focused()
    assert {row["status"] for row in shop.rows("send_invoice_jobs")} == {"job_status_failed"}


def test_keys_can_be_switched_off(page: Page) -> None:
    page.goto(LIST)
    page.keyboard.press("?")
    page.get_by_label("Keyboard shortcuts").uncheck()
    page.reload()
    page.keyboard.press("j")
    page.keyboard.press("?")
    expect(page.locator("tbody a:focus")).to_have_count(0)
    expect(page.get_by_role("dialog", name="Display")).to_be_hidden()
    assert page.locator("tbody tr").count() == JOBS


def test_columns_of_a_list_are_chosen(page: Page) -> None:
    page.goto(f"{LIST}&status=failed")
    page.get_by_role("button", name="Columns").click()
    dialog = page.get_by_role("dialog", name="Columns of this list")
    load_axe(page)
    assert violations(page, "':popover-open'") == []
    dialog.get_by_label("Amount").uncheck()
    dialog.get_by_label("Due").check()
    dialog.get_by_role("button", name="Show these").click()
    expect(page.get_by_role("columnheader", name="Due")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Amount")).to_have_count(0)
    expect(page.get_by_role("link", name="Failed 6")).to_have_attribute("aria-current", "true")
