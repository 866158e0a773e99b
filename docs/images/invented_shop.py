"""A shop with a day of invented jobs, for the pictures of the dashboard."""

from __future__ import annotations

from typing import Any

import psycopg
from jobgen_runtime import install_schema_sync
from psycopg import sql

from tests.support.schema import job_block

Connection = psycopg.Connection[Any]

CUSTOMERS = ("Ada Lovelace", "Grace Hopper", "Hooli", "Initech", "Acme", "Wayne Enterprises")
EMAILS, INVOICES = "email_customers_jobs", "generate_invoice_jobs"
CATALOG, INVENTORY = "import_catalog_jobs", "sync_inventory_jobs"
IMAGES, INDEX = "resize_image_jobs", "rebuild_search_index_jobs"

SCHEMA = f"""
CREATE TABLE customers (id UUID DEFAULT uuidv7() PRIMARY KEY NOT NULL, name TEXT NOT NULL);
CREATE TYPE currency AS ENUM ('EUR', 'USD', 'GBP');
{
    job_block(
        "EmailCustomers",
        "customer_id UUID REFERENCES customers (id)",
        "subject TEXT NOT NULL",
        "copies INT DEFAULT 1 NOT NULL",
    )
}
{
    job_block(
        "GenerateInvoice",
        "customer_id UUID NOT NULL REFERENCES customers (id)",
        "amount NUMERIC(10, 2) NOT NULL",
        "currency CURRENCY DEFAULT 'EUR' NOT NULL",
        "due_on DATE",
        "paid BOOLEAN DEFAULT false NOT NULL",
        "note TEXT",
    )
}
{job_block("ImportCatalog", "source TEXT")}
{job_block("SyncInventory", "warehouse TEXT")}
{job_block("ResizeImage", "image TEXT")}
{job_block("RebuildSearchIndex")}
"""

INSERT = """
INSERT INTO {table} (
    id, created_at, run_at, locked_at, updated_at, status, attempts_count, last_error, locked_by
    {names}
)
SELECT
    uuidv7(-age), now() - age, now() + coalesce(%(due)s::interval, -age),
    CASE WHEN status ~ 'not_started|retry' THEN NULL ELSE begun END,
    CASE status WHEN 'job_status_running' THEN begun ELSE least(begun + lasted, now()) END,
    status::job_status, %(attempts)s, %(error)s, %(worker)s {values}
FROM (
    SELECT
        n, age, %(status)s AS status, now() - age + %(wait)s::interval * (0.3 + random()) AS begun,
        %(duration)s::interval * (0.5 + random() + power(random(), 8) * 4) AS lasted
    FROM (
        SELECT n, %(from)s::interval + (%(to)s::interval - %(from)s::interval) * random() AS age
        FROM generate_series(1, %(number)s) n
    ) spread
    -- Less is done at night.
    WHERE random() < 0.6 + 0.4 * sin(extract(epoch FROM age) / 86400 * 2 * pi()) OR %(number)s < 20
) jobs
ORDER BY age DESC
"""

OWN_VALUES: dict[str, tuple[tuple[str, str], ...]] = {
    EMAILS: (
        ("customer_id", "(SELECT id FROM customers ORDER BY id LIMIT 1 OFFSET n % 6)"),
        (
            "subject",
            "(ARRAY['Order ' || 10480 + n, 'Welcome', 'Password reset', 'Spring sale'])[n % 4 + 1]",
        ),
    ),
    INVOICES: (
        ("customer_id", "(SELECT id FROM customers ORDER BY id LIMIT 1 OFFSET n % 6)"),
        ("amount", "round((random() * 900 + 20)::numeric, 2)"),
        ("currency", "(ARRAY['EUR', 'EUR', 'USD', 'GBP'])[n % 4 + 1]::currency"),
        ("due_on", "current_date + 14"),
    ),
    CATALOG: (("source", "(ARRAY['ftp.hooli.example', 'feeds.acme.example'])[n % 2 + 1]"),),
    INVENTORY: (("warehouse", "(ARRAY['Rotterdam', 'Chicago', 'Hamburg'])[n % 3 + 1]"),),
    IMAGES: (("image", "'products/' || 40000 + n || '.jpg'"),),
    INDEX: (),
}

_RUNNER = (
    "Traceback (most recent call last):\n"
    '  File "/srv/shop/.venv/lib/python3.13/site-packages/jobgen_runtime/executor/runners.py",'
    " line 92, in run\n    await self.job.perform(record)\n"
)
REFUSED = (
    _RUNNER + '  File "/srv/shop/Web/Job/EmailCustomers.py", line 24, in perform\n'
    "    await send(message, to=customer.email)\n"
    '  File "/srv/shop/Web/Mail.py", line 41, in send\n'
    "    async with smtp.connect(HOST, PORT) as connection:\n"
    '  File "/usr/lib/python3.13/asyncio/streams.py", line 48, in open_connection\n'
    "    transport, _ = await loop.create_connection(lambda: protocol, host, port)\n"
    "ConnectionRefusedError: [Errno 111] Connect call failed ('smtp.example.com', 587)\n"
)
UNKNOWN_SKU = (
    _RUNNER + '  File "/srv/shop/Web/Job/SyncInventory.py", line 33, in perform\n'
    "    stock[line.sku] += line.quantity\nKeyError: 'sku-4711-B'\n"
)
TIMED_OUT = "It ran longer than its timeout of 0:10:00.\n" + (
    _RUNNER + '  File "/srv/shop/Web/Job/GenerateInvoice.py", line 51, in perform\n'
    "    pdf = await render(invoice)\nasyncio.exceptions.CancelledError\n"
)
BROKEN_IMAGE = (
    _RUNNER + '  File "/srv/shop/Web/Job/ResizeImage.py", line 19, in perform\n'
    "    image = Image.open(path)\nPIL.UnidentifiedImageError: cannot identify image file\n"
)

WORKERS = (
    ("0193a000-0000-7000-8000-000000000001", "worker-1", 4117, (EMAILS, INVOICES, IMAGES)),
    ("0193a000-0000-7000-8000-000000000002", "worker-2", 3920, (EMAILS, INVENTORY, INDEX)),
)

# Table, name, expression, zone, values, minutes until the next tick (None: paused), the last error.
SCHEDULES: tuple[tuple[Any, ...], ...] = (
    (EMAILS, "monday-digest", "0 8 * * mon", "Europe/Berlin", '{"subject": "News"}', 560, None),
    (INVENTORY, "hamburg", "*/15 * * * *", "UTC", '{"warehouse": "Hamburg"}', 6, None),
    (INVENTORY, "rotterdam", "*/15 * * * *", "UTC", '{"warehouse": "Rotterdam"}', 6, None),
    (INDEX, "every-night", "30 3 * * *", "Europe/Berlin", "{}", None, None),
    (
        INVOICES,
        "first-of-month",
        "0 6 1 * *",
        "Europe/Berlin",
        "{}",
        900,
        'null value in column "customer_id" violates not-null constraint',
    ),
)

# Table, status, number, oldest, newest, wait, duration; then what is not the default.
JOBS: tuple[tuple[Any, ...], ...] = (
    (EMAILS, "succeeded", 6_000, "24 h", "20 s", "0.4 s", "0.9 s", {}),
    (EMAILS, "failed", 40, "20 h", "70 min", "0.4 s", "5 s", {"error": REFUSED, "attempts": 5}),
    (EMAILS, "failed", 30, "35 min", "2 min", "0.4 s", "5 s", {"error": REFUSED, "attempts": 5}),
    (
        EMAILS,
        "retry",
        9,
        "14 min",
        "1 min",
        "1 s",
        "5 s",
        {"error": REFUSED, "attempts": 2, "due": "4 min"},
    ),
    (EMAILS, "running", 2, "8 s", "2 s", "0 s", "0 s", {"worker": WORKERS[0][0]}),
    (EMAILS, "not_started", 3, "50 s", "10 s", "0 s", "0 s", {"due": "9 h", "attempts": 0}),
    (INVOICES, "succeeded", 900, "24 h", "3 min", "1 s", "14 s", {}),
    (
        INVOICES,
        "timed_out",
        3,
        "5 h",
        "90 min",
        "2 s",
        "10 min",
        {"error": TIMED_OUT, "attempts": 3},
    ),
    (INVOICES, "running", 1, "40 s", "30 s", "0 s", "0 s", {"worker": WORKERS[0][0]}),
    (INVOICES, "not_started", 4, "20 s", "5 s", "0 s", "0 s", {"attempts": 0}),
    (IMAGES, "succeeded", 9_000, "24 h", "5 s", "0.2 s", "0.3 s", {}),
    (IMAGES, "failed", 12, "22 h", "2 h", "1 s", "0.1 s", {"error": BROKEN_IMAGE}),
    (INVENTORY, "succeeded", 1_200, "24 h", "4 min", "0.5 s", "8 s", {}),
    (
        INVENTORY,
        "failed",
        5,
        "9 h",
        "3 h",
        "1 s",
        "2 s",
        {"error": UNKNOWN_SKU, "attempts": 10},
    ),
    (INVENTORY, "running", 1, "3 min", "2 min", "0 s", "0 s", {"worker": WORKERS[1][0]}),
    (INDEX, "succeeded", 24, "24 h", "2 h", "1 s", "4 min", {}),
    (INDEX, "not_started", 2, "70 min", "20 min", "0 s", "0 s", {"attempts": 0}),
    (CATALOG, "succeeded", 30, "24 h", "6 h", "1 s", "3 min", {}),
    (CATALOG, "not_started", 18, "3 h", "10 min", "0 s", "0 s", {"attempts": 0}),
)
"""Emails fail since half an hour, nothing imports catalogs, and the search index is paused."""


def fill(conn: Connection) -> None:
    """Create the tables of the shop and its jobs, the same each time but for the moment."""
    install_schema_sync(conn)
    conn.execute(SCHEMA.encode())
    for name in CUSTOMERS:
        conn.execute("INSERT INTO customers (name) VALUES (%s)", [name])
    conn.execute("SELECT setseed(0.42)")
    for table, status, number, oldest, newest, wait, duration, others in JOBS:
        own = OWN_VALUES[table]
        query = sql.SQL(INSERT).format(
            table=sql.Identifier(table),
            names=sql.SQL("".join(f", {name}" for name, _ in own)),
            values=sql.SQL("".join(f", {value}" for _, value in own).replace("%", "%%")),
        )
        parameters = {
            "status": f"job_status_{status}",
            "number": number,
            "from": newest,
            "to": oldest,
            "wait": wait,
            "duration": duration,
            "due": None,
            "attempts": 1,
            "error": None,
            "worker": None,
            **others,
        }
        conn.execute(query, parameters)
    for worker, host, pid, tables in WORKERS:
        conn.execute(
            "INSERT INTO job_workers"
            " (id, started_at, heartbeat_at, expires_at, host, pid, version, tables) VALUES"
            " (%s, now() - interval '26 h', now() - interval '4 s', now() + interval '1 h',"
            " %s, %s, '1.4.0', %s)",
            [worker, host, pid, [f"public.{table}" for table in tables]],
        )
    conn.execute("INSERT INTO job_pauses VALUES (%s::regclass, now() - interval '75 min')", [INDEX])
    for table, name, expression, zone, values, due, error in SCHEDULES:
        conn.execute(
            "INSERT INTO job_schedules (job_table, name, expression, timezone, values, source,"
            " paused_at, next_at, last_at, last_job_id, last_error) VALUES (%s::regclass, %s, %s,"
            " %s, %s, 'operator', CASE WHEN %s::int IS NULL THEN now() - interval '2 days' END,"
            " now() + %s * interval '1 min', now() - interval '9 h', gen_random_uuid(), %s)",
            [table, name, expression, zone, values, due, due, error],
        )
    conn.execute("VACUUM ANALYZE")
