"""Measure pages, and what open browsers cost a worker that drains a backlog."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.dashboard.client import Client, Page
from benchmarks.dashboard.database import DRAINED, Connection
from benchmarks.dashboard.processes import open_browsers
from benchmarks.queues.machine import cpu_seconds, parent

BROWSERS = 3
WARM_UP = 3
FEWEST_BESIDE_WORKER = 5
"""Requests of a page beside a worker without which no figure is reported."""

DRAIN_SECONDS = 600.0

_INSERT = "INSERT INTO noop_jobs SELECT FROM generate_series(1, %s)"
_WAITING = """
SELECT EXISTS (
    SELECT FROM noop_jobs WHERE status IN ('job_status_not_started', 'job_status_retry')
) OR EXISTS (SELECT FROM noop_jobs WHERE status = 'job_status_running')
"""
_DURATION = "SELECT extract(epoch FROM max(updated_at) - min(locked_at))::float8 FROM noop_jobs"


@dataclass
class Timings:
    """The milliseconds of a page's requests."""

    page: Page
    status: int = 0
    bytes: int = 0
    first: float = 0.0
    idle: list[float] = field(default_factory=list)
    beside_worker: list[float] = field(default_factory=list)
    dashboard_cpu: float = math.nan
    """CPU time of the dashboard for a request."""
    server_cpu: float = math.nan
    """CPU time of PostgreSQL for a request."""


@dataclass(frozen=True)
class Pair:
    """The jobs per second of two drains one after the other: without browsers, and with them."""

    alone: float
    watched: float

    @property
    def loss(self) -> float:
        """The part of the rate that the browsers cost, in percent."""
        return 100 * (1 - self.watched / self.alone)


def p95(values: Sequence[float]) -> float:
    """Return the value that 95 of 100 do not exceed."""
    return sorted(values)[max(0, -(-95 * len(values) // 100) - 1)]


def measure_pages(client: Client, pages: Sequence[Page], requests: int) -> list[Timings]:
    """Load each page some times, in rounds over all pages."""
    timings = [Timings(page) for page in pages]
    for each in timings:
        answer = client.ask(each.page)
        each.status, each.bytes, each.first = answer.status, answer.bytes, answer.milliseconds
    warm_up = min(WARM_UP, requests)
    for number in range(warm_up + requests):
        for each in timings:
            milliseconds = client.ask(each.page).milliseconds
            if number >= warm_up:
                each.idle.append(milliseconds)
    return timings


def measure_cpu(
    client: Client, conn: Connection, timings: Sequence[Timings], dashboard: int, requests: int
) -> None:
    """Load each page some times, and note what that costs: it hardly depends on other load."""
    postmaster = parent(conn.info.backend_pid)
    for each in timings:
        before = _cpu_milliseconds(dashboard), _cpu_milliseconds(postmaster)
        for _ in range(requests):
            client.ask(each.page)
        after = _cpu_milliseconds(dashboard), _cpu_milliseconds(postmaster)
        each.dashboard_cpu, each.server_cpu = (
            (end - start) / requests for start, end in zip(before, after, strict=True)
        )


def _cpu_milliseconds(process: int | None) -> float:
    return math.nan if process is None else 1000 * cpu_seconds([process])


def measure_beside_worker(
    client: Client, conn: Connection, timings: Sequence[Timings], jobs: int, requests: int
) -> None:
    """Load each page again while a worker drains a backlog of `jobs`, until that is empty."""
    for each in timings:
        client.ask(each.page)  # figures read more than a minute ago are forgotten
    enqueue(conn, jobs)
    for _ in range(requests):
        for each in timings:
            milliseconds = client.ask(each.page).milliseconds
            if not _is_draining(conn):
                break
            each.beside_worker.append(milliseconds)
    _wait_until_drained(conn)
    _empty(conn)


def measure_drains(
    server: str, conn: Connection, overview: Page, pairs: int, jobs: int
) -> list[Pair]:
    """Drain backlogs by turns without browsers and with them, each first as often as second."""
    measured = []
    _drain(conn, jobs)  # warm
    for number in range(pairs):
        rates = {}
        for watched in (False, True) if number % 2 == 0 else (True, False):
            if watched:
                with open_browsers(server, overview, BROWSERS):
                    rates[watched] = _drain(conn, jobs)
            else:
                rates[watched] = _drain(conn, jobs)
        measured.append(Pair(rates[False], rates[True]))
    return measured


def loss(pairs: Sequence[Pair]) -> float:
    """Return the median loss in percent."""
    return statistics.median(pair.loss for pair in pairs)


def enqueue(conn: Connection, jobs: int) -> None:
    """Insert jobs that do nothing; the worker begins once all of them are there."""
    conn.execute(_INSERT, [jobs])


def _drain(conn: Connection, jobs: int) -> float:
    """Return the jobs per second from the first claim to the last completion."""
    conn.execute("CHECKPOINT")
    enqueue(conn, jobs)
    _wait_until_drained(conn)
    row = conn.execute(_DURATION).fetchone()
    assert row is not None
    _empty(conn)
    return float(jobs / row[0])


def _is_draining(conn: Connection) -> bool:
    row = conn.execute(_WAITING).fetchone()
    return row is not None and bool(row[0])


def _wait_until_drained(conn: Connection) -> None:
    deadline = time.monotonic() + DRAIN_SECONDS
    while _is_draining(conn):
        if time.monotonic() > deadline:
            raise RuntimeError(f"the worker did not drain {DRAINED} in {DRAIN_SECONDS:.0f} s")
        time.sleep(0.1)


def _empty(conn: Connection) -> None:
    conn.execute("TRUNCATE noop_jobs")
