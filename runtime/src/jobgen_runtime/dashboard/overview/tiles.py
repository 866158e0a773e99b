"""The numbers at the top of the overview: those of all kinds together. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.dashboard.components.html import time_since
from jobgen_runtime.dashboard.components.times import Moment
from jobgen_runtime.dashboard.lists.counts import UNKNOWN, Count
from jobgen_runtime.dashboard.overview.kind_rows import KindRow
from jobgen_runtime.dashboard.overview.kind_state import KindState
from jobgen_runtime.dashboard.web.addresses import Addresses


@dataclass(frozen=True)
class Tile:
    """A number and what it says."""

    number: str
    """Text, or HTML."""
    label: str
    status: str = ""
    """The status whose color it has, as a CSS class."""

    address: str | None = None
    """The page to go on with."""


def tiles(
    rows: Sequence[KindRow],
    workers: int | None,
    failing_schedules: int,
    addresses: Addresses,
    now: Moment,
) -> list[Tile]:
    """Return the numbers of all kinds that can be read.

    Args:
        rows: The kinds.
        workers: The live workers that process any of them; None if that is not known.
        failing_schedules: Schedules that insert no jobs though they are not paused.
        addresses: The dashboard's addresses.
        now: The database's time.
    """
    states = [row.state for row in rows if row.state is not None]
    recent = _sum(state.counts.recent_failures for state in states)
    paused = sum(state.paused_at is not None for state in states)
    found = [
        Tile(
            str(recent),
            "failed in the last hour",
            "failed" if recent.number else "",
            addresses.section("ListErrors", range="hour"),
        ),
        _oldest(rows, addresses, now),
        Tile(str(_sum_of(states, JobStatus.NOT_STARTED, JobStatus.RETRY)), "waiting"),
        Tile(
            str(_sum_of(states, JobStatus.RUNNING)),
            _running_on(workers),
            address=addresses.section("ListWorkers"),
        ),
        Tile(str(_succeeded(states)), "of the last hour succeeded"),
    ]
    if paused:
        found.append(Tile(str(paused), "kind paused" if paused == 1 else "kinds paused", "retry"))
    if failing_schedules:
        label = "schedule fails" if failing_schedules == 1 else "schedules fail"
        address = addresses.section("ListSchedules")
        found.append(Tile(str(failing_schedules), label, "failed", address))
    return found


def _oldest(rows: Sequence[KindRow], addresses: Addresses, now: Moment) -> Tile:
    """Return the tile of the job that has waited longest, of late kinds if there are any."""
    waiting = [
        (row.state.is_late, row.state.overdue, row)
        for row in rows
        if row.state is not None and row.state.overdue
    ]
    if not waiting:
        return Tile(UNKNOWN, "oldest waiting")
    is_late, _, row = max(waiting, key=lambda each: each[:2])
    due = None if row.state is None else row.state.counts.summary.next_due
    return Tile(
        UNKNOWN if due is None else time_since(due, now),
        f"oldest waiting: {row.table.title}",
        "retry" if is_late else "",
        addresses.list_job(row.table.key, status="not_started"),
    )


def _succeeded(states: Sequence[KindState]) -> Count:
    hours = [state.last_hour for state in states if state.last_hour is not None]
    is_exact = all(hour.is_exact for hour in hours)
    return Count(round(sum(hour.succeeded for hour in hours)), "" if is_exact else "~")


def _running_on(workers: int | None) -> str:
    if workers is None:
        return "running"
    return f"running on {workers} {'worker' if workers == 1 else 'workers'}"


def _sum_of(states: Sequence[KindState], *statuses: JobStatus) -> Count:
    return _sum(
        state.counts.summary.by_status.get(status) for state in states for status in statuses
    )


def _sum(counts: Iterable[Count | None]) -> Count:
    """Return a sum that is exact if all numbers are; a number that is not known is at least 0."""
    numbers = list(counts)
    marks = {"+" if count is None else count.mark for count in numbers}
    mark = "~" if "~" in marks else "+" if "+" in marks else ""
    return Count(sum(count.number for count in numbers if count is not None), mark)
