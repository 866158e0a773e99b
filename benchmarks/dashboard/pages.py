"""Which pages are measured: those of every kind that the dashboard has, found by their links."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

from jobgen_runtime.dashboard.actions import ACTIONS

from benchmarks.dashboard.client import Page
from benchmarks.dashboard.database import DAYS, DRAINED, LARGE

STATUSES = ("not_started", "running", "retry", "failed", "timed_out", "succeeded")
MEASURED_BY_NAME = frozenset({"", "ListJobs", "ListJob", "ViewJob", "CreateJob", "FindReference"})
READS_EVERYTHING = "ExportJobs"
"""The action that is no page: it sends all jobs that match, while they are read."""

REFERENCED = "00000000-0000-7000-8000-00000000000a"
"""A row that jobs reference."""

MOST_LINKS = 6
"""Other views of a page that are measured: a period of the charts, for example."""

_LINK = re.compile(r'href="([^"#]+)"')


class Reader(Protocol):
    """What reads pages: a client over HTTP, or one of a test."""

    def address(self, action: str, **parameters: str) -> str:
        """Return the address of a page."""

    def read(self, page: Page) -> tuple[int, str]:
        """Return the status and the text of a page."""


def find_pages(client: Reader) -> Iterator[Page]:
    """Yield every page to measure."""
    yield Page("overview", client.address(""))
    yield from _lists(client)
    yield from _jobs(client)
    for action, methods in ACTIONS.items():
        if "GET" in methods and action not in {READS_EVERYTHING, *MEASURED_BY_NAME}:
            yield from _section(client, action)


def _lists(client: Reader) -> Iterator[Page]:
    middle = f"{datetime.now(UTC) - timedelta(days=DAYS / 2):%Y-%m-%dT%H:%M}"
    oldest = f"{datetime.now(UTC) - timedelta(days=DAYS):%Y-%m-%dT%H:%M}"
    for status in ("", *STATUSES):
        name = f"list, {status.replace('_', ' ') or 'all'}"
        yield _list(client, name, status=status)
        deep = _list(client, f"{name}, from the middle", status=status, at=middle)
        yield deep
        if following := _link(client, deep, "after"):
            yield Page(f"{name}, after the middle", following)
    yield _list(client, "list, all, the oldest", at=oldest)
    yield _list(client, "list, all, page 400", page="400")
    yield _list(client, "list, failed, page 400", status="failed", page="400")
    yield _list(client, "list, failed, by attempts", status="failed", sort="-attempts_count")
    yield _list(client, "search, found", q="Order 1")
    yield _list(client, "search, not found", q="nothing like it")
    yield _list(client, "search in failed, not found", status="failed", q="nothing like it")
    yield _list(client, "filter, customer", where_customer_id=REFERENCED)
    yield _list(client, "filter, customer, by amount", where_customer_id=REFERENCED, sort="-amount")
    yield _list(client, "filter, channel", where_channel="web")
    yield _list(client, "filter, amount, rare", where_amount="999.99")
    yield _list(client, "filter, created in the middle", where_created_at=f"{middle}..{middle}")
    yield _list(client, "filter, subject, not found", where_subject="nothing")
    yield Page("list of a small kind", client.address("ListJob", tableName="sync_region0_jobs"))
    yield Page("list of the drained kind", client.address("ListJob", tableName=DRAINED))


def _jobs(client: Reader) -> Iterator[Page]:
    for status in ("succeeded", "failed", "not_started"):
        listed = _list(client, "", status=status)
        if job := _link(client, listed, "id", action="ViewJob"):
            yield Page(f"job, {status.replace('_', ' ')}", job)
            if status == "succeeded":
                [(_, copied)] = [pair for pair in _query(job) if pair[0] == "id"]
                address = client.address("CreateJob", tableName=LARGE, copyOf=copied)
                yield Page("form, copy of a job", address)
    yield Page("form with a reference", client.address("CreateJob", tableName=LARGE))
    for text in ("Acme 1", "nothing like it", REFERENCED):
        parameters = {"tableName": LARGE, "column": "customer_id", "q": text}
        yield Page(f"search for a reference, {text}", client.address("FindReference", **parameters))
    yield Page(
        "question before retrying all failed",
        client.address("RetryJobs"),
        form=urlencode({"tableName": LARGE, "status": "failed", "all": "1"}),
    )


def _section(client: Reader, action: str) -> Iterator[Page]:
    """Yield a page that is not known here, and the other views that it links to."""
    for name, address in (
        (action, client.address(action)),
        (f"{action} of {LARGE}", client.address(action, tableName=LARGE)),
    ):
        found = Page(name, address)
        status, text = client.read(found)
        if status == 400:
            continue
        yield found
        views = {
            html.unescape(link)
            for link in _LINK.findall(text)
            if urlsplit(html.unescape(link)).path == urlsplit(address).path
        }
        for view in sorted(views - {address})[:MOST_LINKS]:
            shown = " ".join(f"{key}={value}" for key, value in _query(view) if key != "tableName")
            yield Page(f"{name} {shown}", view)


def _list(client: Reader, name: str, **parameters: str) -> Page:
    given = {key: value for key, value in parameters.items() if value}
    return Page(name, client.address("ListJob", tableName=LARGE, **given))


def _link(client: Reader, page: Page, parameter: str, action: str = "ListJob") -> str | None:
    """Return the first link of a page to an action with a parameter."""
    for found in _LINK.findall(client.read(page)[1]):
        link = html.unescape(found)
        if urlsplit(link).path.endswith(f"/{action}") and parameter in dict(_query(link)):
            return link
    return None


def _query(address: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(address).query)
