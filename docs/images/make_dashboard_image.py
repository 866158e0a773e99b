"""Take the screenshot of the dashboard that the README shows.

Run `.venv/bin/python docs/images/make_dashboard_image.py` after the dashboard's pages have changed.
It needs Chromium, which `tests/support/browser.py` installs.
"""

from __future__ import annotations

import contextlib
import random
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import uvicorn
from jobgen_runtime.dashboard import JobsDashboard, NoAuth
from jobgen_runtime.database import runtime_schema
from playwright.sync_api import sync_playwright
from starlette.applications import Starlette
from starlette.routing import Mount

sys.path.insert(0, str(Path(__file__).parents[2]))
from jobgen.postgres.temporary import temporary_server
from tests.support.browser import executable
from tests.support.schema import job_block

IMAGE = Path(__file__).with_name("dashboard.png")
KINDS = {
    "EmailCustomers": (
        "email_customers_jobs",
        "subject",
        ["Your order has shipped", "Invoice 1042", "Welcome"],
    ),
    "ResizeImages": (
        "resize_images_jobs",
        "file",
        ["cover.jpg", "team.png", "logo.svg"],
    ),
    "SyncInventory": ("sync_inventory_jobs", "warehouse", ["Hamburg", "Lyon", "Porto", "Malmö"]),
}
STATUSES = ("succeeded",) * 5 + ("failed", "timed_out", "retry", "not_started")
ERRORS = (
    "ConnectionRefusedError: [Errno 111] Connection refused",
    "TimeoutError: The attempt exceeded its timeout of 0:00:30.",
    "ValueError: unknown SKU 'TX-4410'",
)
INSERT = """
INSERT INTO {table} (
    id, status, created_at, updated_at, run_at, attempts_count, last_error, {column}
)
SELECT uuidv7(-age), status, NOW() - age, NOW() - age + INTERVAL '2 s',
    CASE WHEN status IN ('job_status_retry', 'job_status_not_started')
        THEN NOW() + age / 8 ELSE NOW() - age END,
    attempts, error, value
FROM (
    SELECT %s::INTERVAL AS age, %s::JOB_STATUS AS status, %s AS attempts, %s AS error, %s AS value
) AS job
"""


def fill(conn: psycopg.Connection[Any]) -> None:
    """Create a table for each kind and insert jobs of the last hours in every status."""
    conn.execute(runtime_schema().encode())
    chance = random.Random(3)  # noqa: S311 -- the same picture every time
    for kind, (table, column, values) in KINDS.items():
        conn.execute(job_block(kind, f"{column} TEXT NOT NULL").encode())
        seconds = 20.0
        for number in range(150):
            status = "running" if number in {0, 2} else chance.choice(STATUSES)
            has_error = status in {"failed", "timed_out", "retry"}
            conn.execute(
                INSERT.format(table=table, column=column).encode(),
                (
                    f"{seconds:.0f} s",
                    f"job_status_{status}",
                    0 if status == "not_started" else chance.choice((2, 3)) if has_error else 1,
                    chance.choice(ERRORS) if has_error else None,
                    chance.choice(values),
                ),
            )
            seconds *= 1 + chance.random() / 20 + 20 / (seconds + 60)


@contextlib.contextmanager
def served(conninfo: str) -> Iterator[str]:
    """Serve the dashboard of a database, and yield its address."""
    app = Starlette(routes=[Mount("/jobs", JobsDashboard(auth=NoAuth(), conninfo=conninfo))])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.05)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/jobs/"
    finally:
        server.should_exit = True
        thread.join()


def main() -> None:
    """Write the image."""
    with temporary_server() as conninfo:
        with psycopg.connect(conninfo, autocommit=True) as conn:
            fill(conn)
        with served(conninfo) as address, sync_playwright() as playwright:
            chromium = playwright.chromium
            browser = chromium.launch(executable_path=executable(), args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(address)
            page.screenshot(path=IMAGE)
            browser.close()


if __name__ == "__main__":
    main()
