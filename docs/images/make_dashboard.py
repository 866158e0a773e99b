"""Make the pictures of the dashboard for README.md and docs/dashboard.md: `make dashboard-images`.

It needs Chromium, which `tests/support/browser.py` installs. Pages that the dashboard does not have
are reported at the end.
"""

from __future__ import annotations

import base64
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from invented_shop import EMAILS, INVOICES, fill
from jobgen_runtime.dashboard import JobsDashboard, NoAuth
from playwright.sync_api import Browser
from starlette.applications import Starlette
from starlette.routing import Mount

from jobgen.postgres import temporary_server
from tests.support.browser import launched
from tests.support.serving import serve

FOLDER = Path(__file__).parent
DESKTOP = (1280, 800)
PHONE = (390, 780)
MARGIN = 24
"""Pixels below the end of a page that is shorter than the window."""

QUALITY = 85
LARGEST = 80_000
"""Bytes of a picture."""


@dataclass(frozen=True)
class Picture:
    """A page, and how it is shown."""

    name: str
    address: str
    size: tuple[int, int] = DESKTOP
    scheme: str = "light"


def pictures(failed: str) -> list[Picture]:
    """Return all pictures.

    Args:
        failed: The id of a failed job.
    """
    return [
        Picture("overview", ""),
        Picture("overview-dark", "", scheme="dark"),
        Picture("overview-phone", "", PHONE),
        Picture("list", f"ListJob?tableName={EMAILS}"),
        Picture("list-phone", f"ListJob?tableName={EMAILS}&status=failed", PHONE),
        Picture("errors", "ListErrors"),
        Picture("job", f"ViewJob?tableName={EMAILS}&id={failed}"),
        Picture("form", f"CreateJob?tableName={INVOICES}"),
        Picture("workers", "ListWorkers"),
        Picture("schedules", "ListSchedules"),
        Picture("schedule-form", f"CreateSchedule?tableName={INVOICES}"),
        Picture("charts", "ViewCharts?range=day"),
    ]


def main() -> int:
    """Serve a dashboard over invented jobs and take the pictures; return 1 if one is missing."""
    with temporary_server() as url, launched() as chromium:
        with psycopg.connect(url, autocommit=True) as conn:
            fill(conn)
            failed = newest_failure(conn)
        app = Starlette(routes=[Mount("/jobs", JobsDashboard(auth=NoAuth(), conninfo=url))])
        with serve(app) as server:
            taken = [take(chromium, f"{server}/jobs/", picture) for picture in pictures(failed)]
    problems = [problem for problem in taken if problem]
    sys.stdout.write("\n".join(problems or ["All pictures were taken."]) + "\n")
    return int(bool(problems))


def newest_failure(conn: psycopg.Connection[Any]) -> str:
    """Return the id of the email that failed last."""
    return conn.execute(
        "SELECT id::text FROM email_customers_jobs WHERE status = 'job_status_failed'"
        " ORDER BY id DESC LIMIT 1"
    ).fetchall()[0][0]


def take(chromium: Browser, dashboard: str, picture: Picture) -> str | None:
    """Take a picture; return why it was not taken, or that it is too large."""
    width, height = picture.size
    context = chromium.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if picture.scheme == "dark" else "light",
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="Europe/Berlin",
    )
    try:
        page = context.new_page()
        answer = page.goto(dashboard + picture.address)
        if answer is None or not answer.ok:
            return f"{picture.name}: no such page"
        end = page.evaluate("document.querySelector('main').getBoundingClientRect().bottom")
        clip = {
            "x": 0,
            "y": 0,
            "width": width,
            "height": min(height, end + MARGIN),
            "scale": 1.5 if picture.size == PHONE else 1,
        }
        # Playwright has no WebP, which takes half the bytes of a PNG.
        shot = context.new_cdp_session(page).send(
            "Page.captureScreenshot", {"format": "webp", "quality": QUALITY, "clip": clip}
        )
    finally:
        context.close()
    content = base64.b64decode(shot["data"])
    (FOLDER / f"dashboard-{picture.name}.webp").write_bytes(content)
    if len(content) > LARGEST:
        return f"{picture.name}: {len(content):,} bytes are more than {LARGEST:,}"
    return None


if __name__ == "__main__":
    sys.exit(main())
