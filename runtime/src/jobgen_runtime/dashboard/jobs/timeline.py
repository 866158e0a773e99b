"""The moments of a job in order, with the time between them. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.dashboard.components.html import status_label
from jobgen_runtime.dashboard.components.times import Moment, elapsed
from jobgen_runtime.dashboard.jobs.job_view import JobView


@dataclass(frozen=True)
class Step:
    """A moment of a job."""

    label: str
    at: Moment
    after: str
    """What took how long before it, such as "ran 1.8 s"; empty if that says nothing."""

    is_ahead: bool
    """Whether it is in the future."""


def timeline(job: JobView, now: Moment) -> list[Step]:
    """Return when a job was created, was due, began its last attempt and ended, in this order.

    Of a job that waits for a retry, the end of the last attempt comes before the moment when it is
    due.
    """
    moments: list[tuple[str, Moment | None, str]] = [("Created", job.created_at, "")]
    due = ("Due", job.run_at, "later")
    started = ("Started", job.locked_at, "waited")
    if job.is_running:
        moments += [due, started]
    elif job.is_final:
        ran = "ran" if job.locked_at is not None else ""
        moments += [due, started, (status_label(job.status), job.updated_at, ran)]
    elif job.status is JobStatus.RETRY:
        moments += [("Last attempt ended", job.updated_at, ""), due]
    else:
        moments.append(due)
    known = [(label, at, word) for label, at, word in moments if at is not None]
    return [
        Step(label, at, _after(word, known[n - 1][1], at) if n else "", at.since(now) < 0)
        for n, (label, at, word) in enumerate(known)
    ]


def _after(word: str, before: Moment, at: Moment) -> str:
    seconds = before.since(at)
    # Between two infinite moments there is NaN, which is neither.
    if not word or not 0 <= seconds < math.inf:
        return ""
    if word == "later":
        return f"{elapsed(seconds)} later" if seconds >= 1 else ""
    return f"{word} {elapsed(seconds)}"
