"""Judge the health of worker processes by the signs that they give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from jobgen_runtime.supervisor.settings import WorkerSettings


@dataclass(slots=True)
class HealthSigns:
    """The latest signs of life of one process, as times of `contract.clock`; None if none yet."""

    heartbeat: float | None = None
    """When the last heartbeat was sent that the database has answered."""

    tick: float | None = None
    """When the worker last claimed the due jobs, or found that there are none."""

    registration_problem: str | None = None
    """Why the worker cannot be registered, so that it claims no jobs; None if it can."""

    completion_problem: str | None = None
    """Why completions cannot be written, so that the worker claims no jobs; None if they can."""

    @property
    def problem(self) -> str | None:
        """What keeps the worker from claiming jobs; None if nothing does."""
        return self.registration_problem or self.completion_problem


class HealthStatus(Enum):
    """The health of one process, or of several taken together."""

    OK = "ok"
    STARTING = "starting"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class ProcessHealth:
    """The health of one process, and the age of its signs of life in seconds."""

    status: HealthStatus
    heartbeat_age: float | None
    tick_age: float | None
    problem: str | None = None
    """What keeps the worker from claiming jobs, in the database's words; None if nothing does."""


def check_health(signs: HealthSigns, settings: WorkerSettings, now: float) -> ProcessHealth:
    """Judge one process by the age of its signs of life.

    A heartbeat must not be older than the time after which a worker gives up its lease, and a tick
    not older than that plus the poll interval. A worker that has reported a problem fails.
    """
    give_up_after = settings.intervals.give_up_after
    heartbeat_age = None if signs.heartbeat is None else now - signs.heartbeat
    tick_age = None if signs.tick is None else now - signs.tick
    if signs.problem is not None:
        status = HealthStatus.FAILING
    elif heartbeat_age is None or tick_age is None:
        status = HealthStatus.STARTING
    elif heartbeat_age > give_up_after or tick_age > settings.poll + give_up_after:
        status = HealthStatus.FAILING
    else:
        status = HealthStatus.OK
    return ProcessHealth(status, heartbeat_age, tick_age, signs.problem)


def worst(processes: Sequence[ProcessHealth]) -> HealthStatus:
    """Return the worst status among the processes; STARTING if there are none."""
    found = {process.status for process in processes} or {HealthStatus.STARTING}
    worst_first = (HealthStatus.FAILING, HealthStatus.STARTING, HealthStatus.OK)
    return next(status for status in worst_first if status in found)
