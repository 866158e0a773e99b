"""The clock of all that must not run too long."""

from __future__ import annotations

import time

# Counts on while the machine sleeps, where the system has such a clock.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def now() -> float:
    """Seconds by a clock that is never set, and the same in all processes of the machine."""
    return time.clock_gettime(_CLOCK)
