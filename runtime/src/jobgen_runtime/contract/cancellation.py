"""What became of an order to cancel a job."""

from __future__ import annotations

from enum import Enum


class Cancellation(Enum):
    """What `cancel()` did."""

    DONE = "done"
    """The job was waiting. It has failed, and never starts."""

    REQUESTED = "requested"
    """The job runs. Its worker ends it: it fails once it has really ended, unless it succeeds
    before. A thread cannot be ended: the job runs to its end, and is not tried again."""

    TOO_LATE = "too late"
    """The job had ended already. Nothing has changed."""
