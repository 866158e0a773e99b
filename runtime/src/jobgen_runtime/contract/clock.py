"""The clock by which leases and deadlines are measured."""

from __future__ import annotations

import time

# CLOCK_BOOTTIME keeps counting while the machine is suspended; not every system has it.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def now() -> float:
    """Return the time in seconds, by a clock that is never set.

    It reads the same in all processes of the machine.
    """
    return time.clock_gettime(_CLOCK)
