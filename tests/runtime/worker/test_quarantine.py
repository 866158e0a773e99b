"""The search for suspects: the lease may be lost at any moment of it."""

from __future__ import annotations

import asyncio
from contextlib import closing
from uuid import UUID, uuid4

from jobgen_runtime import Job
from jobgen_runtime.database.worker_sessions import open_worker_session, worker_conninfo
from jobgen_runtime.executor import Deadline
from jobgen_runtime.listener import Listener
from jobgen_runtime.queue import Claim, Probes
from jobgen_runtime.queue.suspects import DEATH_ERRORS
from jobgen_runtime.worker.events import WorkerEvents
from jobgen_runtime.worker.fetcher import Fetcher
from jobgen_runtime.worker.lane import Lane
from jobgen_runtime.worker.lanes import Lanes
from jobgen_runtime.worker.next_due import NextDue
from jobgen_runtime.worker.quarantine import Quarantine

from tests.support.rows import Rows
from tests.support.shop_types import ProbeJob


class Probe(Job[ProbeJob]):
    async def perform(self, job: ProbeJob) -> None:
        pass


class Notified:
    """The observer of a listener that hears nothing."""

    def on_notification(self, payload: str | None) -> None:
        """Ignore it."""

    def on_listening_changed(self, is_listening: bool) -> None:
        """Ignore it."""


async def search(url: str, *, lease_is_lost_on_dispatch: bool) -> Quarantine:
    """Search for suspects; lose the lease when they are claimed, or else while the query runs."""

    def dispatch(lane: Lane, claims: list[Claim], worker_id: UUID, *, suspects: bool) -> None:
        assert lease_is_lost_on_dispatch
        quarantine.abandon()

    conn, _ = await open_worker_session(worker_conninfo(url, role="work"))
    with closing(Deadline()) as deadline:
        async with conn:
            lanes = Lanes([Lane(Probe, WorkerEvents(), deadline)])
            probes = Probes([lane.queue.table for lane in lanes])
            listener = Listener(Notified(), check_every=600)
            fetcher = Fetcher(listener, NextDue(lanes, probes))
            quarantine = Quarantine(lanes, probes, fetcher, dispatch)
            now = asyncio.get_running_loop().time()
            quarantine.expect(lanes, now)
            fetching = asyncio.create_task(quarantine.fetch(conn, uuid4(), now, poll_interval=1))
            if not lease_is_lost_on_dispatch:
                await asyncio.sleep(0)
                quarantine.abandon()
            await fetching
            return quarantine


def test_lease_may_be_lost_while_suspects_are_searched(app_database: str, rows: Rows) -> None:
    rows.insert()
    quarantine = asyncio.run(search(app_database, lease_is_lost_on_dispatch=False))
    assert not quarantine.is_active()


def test_lease_may_be_lost_while_suspects_are_claimed(app_database: str, rows: Rows) -> None:
    rows.insert()
    rows.conn.execute(
        "UPDATE probe_jobs SET status = 'job_status_retry', locked_by = id, last_error = %s",
        (DEATH_ERRORS[0],),
    )
    quarantine = asyncio.run(search(app_database, lease_is_lost_on_dispatch=True))
    assert quarantine.is_active(), "one more search does no harm"
