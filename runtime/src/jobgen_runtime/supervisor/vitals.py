"""Whether worker processes are alive: the signs that they give, and what follows from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from jobgen_runtime.supervisor.settings import Settings


@dataclass(slots=True)
class Vitals:
    """The last good signs of one process: moments of `contract.clock`, None before the first."""

    heartbeat: float | None = None
    """When the last heartbeat was sent that the database has answered."""

    turn: float | None = None
    """When it last claimed what was due, or saw that nothing was."""


class Condition(Enum):
    """Of a process, and of several together."""

    OK = "ok"
    STARTING = "starting"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Finding:
    """A process's condition, and the seconds since its signs."""

    condition: Condition
    heartbeat_age: float | None
    turn_age: float | None


def examine(vitals: Vitals, settings: Settings, now: float) -> Finding:
    """A heartbeat must not be older than what makes a worker give up, nor a turn older than that
    and the time from one look at the tables to the next."""
    give_up = settings.intervals.give_up
    heartbeat, turn = (None if at is None else now - at for at in (vitals.heartbeat, vitals.turn))
    if heartbeat is None or turn is None:
        condition = Condition.STARTING
    elif heartbeat > give_up or turn > settings.poll + give_up:
        condition = Condition.FAILING
    else:
        condition = Condition.OK
    return Finding(condition, heartbeat, turn)


def together(findings: Sequence[Finding]) -> Condition:
    """The worst of them; of none, that they have yet to start."""
    found = {finding.condition for finding in findings} or {Condition.STARTING}
    worst = (Condition.FAILING, Condition.STARTING, Condition.OK)
    return next(condition for condition in worst if condition in found)
