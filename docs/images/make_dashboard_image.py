"""Make dashboard.png, the README's picture of the dashboard: run `make dashboard-image`.

It needs Chromium, which `tests/support/browser.py` installs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
from jobgen_runtime import install_schema_sync
from jobgen_runtime.dashboard import JobsDashboard, NoAuth
from playwright.sync_api import sync_playwright
from psycopg import sql
from starlette.applications import Starlette
from starlette.routing import Mount

from jobgen.postgres import temporary_server
from tests.support.browser import executable
from tests.support.schema import job_block
from tests.support.serving import serve

IMAGE = Path(__file__).with_name("dashboard.png")
WIDTH, HEIGHT = 1280, 1150
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-lcd-text"]

TRACEBACK = "Traceback (most recent call last):\n  …\n"
REFUSED = TRACEBACK + "ConnectionRefusedError: smtp.example.com:587"
UNKNOWN_SKU = TRACEBACK + "LookupError: unknown SKU 4711-B"
TIMED_OUT = "TimeoutError: over 10 minutes"

# For each kind: its columns, how many jobs succeeded before, and the newest jobs, oldest first:
# status, minutes since creation, minutes until run_at, attempts, last error, values of the columns.
KINDS: dict[str, tuple[tuple[str, ...], int, list[tuple[Any, ...]]]] = {
    "EmailCustomers": (
        ("subject TEXT",),
        48_200,
        [
            ("succeeded", 290, -290, 1, None, "Password reset"),
            ("succeeded", 251, -251, 1, None, "Order 10482"),
            ("failed", 190, -190, 5, REFUSED, "Order 10481"),
            ("succeeded", 141, -141, 1, None, "Spring sale"),
            ("succeeded", 96, -96, 1, None, "Order 10483"),
            ("succeeded", 64, -64, 1, None, "Welcome, Ada"),
            ("succeeded", 31, -31, 2, None, "Welcome, Grace"),
            ("retry", 12, 3.5, 2, REFUSED, "Order 10484"),
            ("running", 4, -4, 1, None, "Newsletter"),
            ("not_started", 1, 550, 0, None, "Weekly report"),
        ],
    ),
    "GenerateInvoice": (
        ("customer TEXT", "amount NUMERIC(10, 2)"),
        0,
        [
            ("timed_out", 95, -95, 3, TIMED_OUT, "Wayne Enterprises", 128_400),
            ("succeeded", 22, -22, 1, None, "Initech", "1249.50"),
            ("running", 2, -2, 1, None, "Hooli", "89.90"),
            ("not_started", 1, 0, 0, None, "Acme", "412.00"),
        ],
    ),
    "SyncInventory": (
        ("warehouse TEXT",),
        0,
        [
            ("failed", 240, -240, 10, UNKNOWN_SKU, "Rotterdam"),
            ("succeeded", 45, -45, 1, None, "Chicago"),
            ("running", 6, -6, 1, None, "Hamburg"),
        ],
    ),
}
"""Jobs in every status."""


def fill(conn: psycopg.Connection[Any]) -> None:
    """Create a table of each kind, with jobs in every status."""
    install_schema_sync(conn)
    for name, (columns, succeeded, jobs) in KINDS.items():
        conn.execute(job_block(name, *columns).encode())
        table = sql.Identifier(f"{snake(name)}_jobs")
        conn.execute(
            sql.SQL(
                "INSERT INTO {} (status, attempts_count, created_at, updated_at)"
                " SELECT 'job_status_succeeded', 1, now() - interval '5 h', now() - interval '5 h'"
                " FROM generate_series(1, %s)"
            ).format(table),
            [succeeded],
        )
        own = [column.split()[0] for column in columns]
        insert = sql.SQL(
            "INSERT INTO {} (status, created_at, updated_at, run_at, attempts_count, last_error,"
            " locked_at, locked_by, {}) VALUES (%s, now() - %s * interval '1 min',"
            " now() - %s * interval '1 min', now() + %s * interval '1 min', %s, %s, {}, {}, {})"
        )
        for status, age, due, attempts, error, *values in jobs:
            running = status == "running"
            conn.execute(
                insert.format(
                    table,
                    sql.SQL(", ").join(map(sql.Identifier, own)),
                    sql.SQL("now()" if running else "NULL"),
                    sql.SQL("gen_random_uuid()" if running else "NULL"),
                    sql.SQL(", ").join(sql.Placeholder() * len(values)),
                ),
                [f"job_status_{status}", age, age / 2, due, attempts, error, *values],
            )
        conn.execute(sql.SQL("ANALYZE {}").format(table))


def snake(name: str) -> str:
    """Return a job's name as its table spells it: "EmailCustomers" becomes "email_customers"."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).removeprefix("_")


def main() -> None:
    """Serve a dashboard over invented jobs and take the picture."""
    with temporary_server() as url:
        with psycopg.connect(url, autocommit=True) as conn:
            fill(conn)
        app = Starlette(routes=[Mount("/jobs", JobsDashboard(auth=NoAuth(), conninfo=url))])
        with serve(app) as address, sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
            page = chromium.new_page(viewport={"width": WIDTH, "height": HEIGHT})
            page.goto(f"{address}/jobs/")
            page.screenshot(path=IMAGE)
            chromium.close()


if __name__ == "__main__":
    main()
