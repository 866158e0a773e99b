"""The page of the workers: which are alive, what they run, and which jobs have none."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from psycopg.errors import InsufficientPrivilege, UndefinedTable
from starlette.responses import Response

from jobgen_runtime.dashboard.dashboard_request import DashboardRequest
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.page_parts import part, parts
from jobgen_runtime.dashboard.web.pages import page
from jobgen_runtime.dashboard.web.templating import render
from jobgen_runtime.dashboard.workers.workers import (
    MAX_RUNNING,
    MAX_WORKERS,
    RunningJob,
    Worker,
    has_due_jobs,
    read_running,
    read_workers,
)

SHOWN_JOBS = 5
"""Running jobs that are shown of a worker, those that run longest."""

NO_TABLE = (
    "this database has no table job_workers, or the search_path does not find it. `jobgen migrate` "
    "creates it"
)
NO_RIGHT = "the dashboard's database role may not read the table job_workers"


@dataclass
class Load:
    """What a worker runs, or what runs without one."""

    running: list[tuple[JobTable, RunningJob]] = field(default_factory=list)

    @property
    def by_kind(self) -> list[tuple[JobTable, int]]:
        """How many jobs of each kind run, the most first."""
        counts = Counter(table for table, _ in self.running)
        return counts.most_common()

    @property
    def longest(self) -> list[tuple[JobTable, RunningJob]]:
        """The jobs that have run longest, and those of which that is not known first."""
        return sorted(self.running, key=_started_at)[:SHOWN_JOBS]

    @property
    def more(self) -> int:
        """How many others run."""
        return max(len(self.running) - SHOWN_JOBS, 0)


def _started_at(running: tuple[JobTable, RunningJob]) -> float:
    started = running[1].started_at
    return -math.inf if started is None else started.epoch


@dataclass(frozen=True)
class Slots:
    """The slots that a worker has for a kind, and how many are taken."""

    taken: int
    number: int


@dataclass(frozen=True)
class ShownWorker:
    """A worker as the page shows it."""

    worker: Worker
    is_alive: bool
    kinds: list[tuple[JobTable, Slots | None]]
    other_kinds: int
    """How many tables it has besides that the visitor does not see."""

    load: Load


async def list_workers(request: DashboardRequest) -> Response:
    """Show the workers, and what is wrong with them."""
    tables = await request.tables()
    workers = await part(request.session, partial(_workers, request), instead=str)
    known = workers if isinstance(workers, list) else []
    loads = {worker.id: Load() for worker in known}
    lost, problems, cut = Load(), [], []
    running = await parts(request.session, tables, partial(read_running, request.session.conn))
    for table, found in running.items():
        if isinstance(found, str):
            problems.append((table, found))
            continue
        for job in found:
            loads.get(job.worker or "", lost).running.append((table, job))
        if len(found) == MAX_RUNNING:
            cut.append(table)
    now = request.session.now
    alive = [worker for worker in known if worker.is_alive(now)]
    shown = [_shown(request, worker, tables, loads[worker.id]) for worker in known]
    content = render(
        "workers",
        addresses=request.addresses,
        now=now,
        workers=shown,
        has_slots=any(slots for each in shown for _, slots in each.kinds),
        alive=len(alive),
        max_workers=MAX_WORKERS,
        max_running=MAX_RUNNING,
        unreadable=workers if isinstance(workers, str) else None,
        versions=Counter(worker.version for worker in alive),
        idle_kinds=await _kinds_without_worker(request, tables, alive)
        if known or not workers
        else [],
        lost=lost,
        cut=cut,
        problems=problems,
    )
    return page(request.addresses, "Workers", content, section="ListWorkers", live=True)


async def _workers(request: DashboardRequest) -> list[Worker] | str:
    """Return the workers, or why they cannot be read."""
    try:
        async with request.session.conn.transaction():
            return await read_workers(request.session.conn)
    except UndefinedTable:
        return NO_TABLE
    except InsufficientPrivilege:
        return NO_RIGHT


def _shown(
    request: DashboardRequest, worker: Worker, tables: Sequence[JobTable], load: Load
) -> ShownWorker:
    counts = dict(load.by_kind)
    kinds = [
        (table, _slots(request, table, counts.get(table, 0)))
        for table in tables
        if worker.processes(table)
    ]
    others = len(worker.tables) - len(kinds)
    return ShownWorker(worker, worker.is_alive(request.session.now), kinds, max(others, 0), load)


def _slots(request: DashboardRequest, table: JobTable, running: int) -> Slots | None:
    """Return the slots of a kind; None if the dashboard does not know its class."""
    number = request.display(table).slots
    # A worker claims more jobs than it has free slots for: the others wait for one.
    return None if number is None else Slots(min(running, number), number)


async def _kinds_without_worker(
    request: DashboardRequest, tables: Sequence[JobTable], alive: Sequence[Worker]
) -> list[JobTable]:
    """Return the kinds that have due jobs and no live worker."""
    without = [table for table in tables if not any(worker.processes(table) for worker in alive)]
    due = await parts(request.session, without, partial(has_due_jobs, request.session.conn))
    return [table for table, is_due in due.items() if is_due is True]
