"""Measure the dashboard on large tables and beside a worker: run `make bench-dashboard`.

The goals: 95 of 100 requests of each page within 100 ms on a warm server, and a drain that loses at
most 2 % to three open browsers. The dashboard, the worker and PostgreSQL each are processes of
their own, on one machine.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import psycopg

from benchmarks.dashboard.client import Client, Page
from benchmarks.dashboard.database import Size, create_application, fill
from benchmarks.dashboard.measuring import (
    measure_beside_worker,
    measure_cpu,
    measure_drains,
    measure_pages,
)
from benchmarks.dashboard.pages import find_pages
from benchmarks.dashboard.processes import dashboard, worker
from benchmarks.dashboard.report import Run, as_json, markdown
from benchmarks.queues.machine import description
from jobgen.postgres import temporary_server

SETTINGS = (
    "shared_buffers=128MB",
    "min_wal_size=1GB",
    "max_wal_size=1GB",
    # Tables are filled in the transaction that creates them: no WAL is written for that.
    "wal_level=minimal",
    "max_wal_senders=0",
)
"""Stock durability: committed data survives a crash."""

QUICK = Size(finished=200_000, others=10_000, kinds=30, references=20_000, drained=50_000)


def main() -> int:
    """Print what was measured; return 1 if a goal was missed."""
    options = _options()
    size = (
        QUICK
        if options.quick
        else Size(
            options.finished, options.others, options.kinds, options.references, options.drained
        )
    )
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="jobgen-bench-")))
        url = stack.enter_context(temporary_server(SETTINGS))
        begun = time.monotonic()
        root = create_application(folder, url)
        conn = stack.enter_context(psycopg.connect(url, autocommit=True))
        fill(conn, size)
        _say(f"filled the tables in {time.monotonic() - begun:.0f} s")
        stack.enter_context(worker(root, url))
        running = stack.enter_context(dashboard(url))
        client = Client(running.server)
        stack.callback(client.close)
        timings, pairs, failure = [], [], None
        if not options.no_pages:
            pages = [page for page in find_pages(client) if options.only in page.name]
            _say(f"measuring {len(pages)} pages")
            timings = measure_pages(client, pages, options.requests)
            measure_cpu(client, conn, timings, running.pid, options.requests)
            _say("measuring them beside a worker")
            backlog = options.backlog or 40 * size.drained // 10
            measure_beside_worker(client, conn, timings, backlog, options.requests)
        if options.pairs:
            _say(f"measuring {options.pairs} pairs of drains")
            overview = Page("overview", client.address(""))
            try:
                pairs = measure_drains(running.server, conn, overview, options.pairs, size.drained)
            except RuntimeError as error:
                failure = f"{error}: {error.__cause__}"
    run = Run(description(), size, options.requests, timings, pairs, failure)
    report = markdown(run)
    print(report)
    if options.json:
        options.json.write_text(as_json(run))
    return int("missed:" in report)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-dashboard", description=__doc__)
    parser.add_argument("--finished", type=int, default=10_000_000, help="jobs that have ended")
    parser.add_argument("--others", type=int, default=100_000, help="other jobs of that kind")
    parser.add_argument("--kinds", type=int, default=100)
    parser.add_argument("--references", type=int, default=1_000_000, help="referenced rows")
    parser.add_argument("--requests", type=int, default=30, help="for each page")
    parser.add_argument("--only", default="", help="measure pages whose name contains this")
    parser.add_argument("--no-pages", action="store_true", help="measure drains alone")
    parser.add_argument("--backlog", type=int, help="jobs that the worker drains meanwhile")
    parser.add_argument("--pairs", type=int, default=4, help="of drains; 0 for none")
    parser.add_argument("--drained", type=int, default=1_000_000, help="jobs of each drain")
    parser.add_argument("--quick", action="store_true", help="small tables: shows that it works")
    parser.add_argument("--json", type=Path, help="also write every figure to this file")
    return parser.parse_args()


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
