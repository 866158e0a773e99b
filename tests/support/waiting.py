"""Wait for a condition that another thread, process or server brings about."""

from __future__ import annotations

import time
from collections.abc import Callable

TIMEOUT = 60.0
"""Seconds after which a condition that a test waits for counts as failed.

Far above what an idle machine needs, so that a loaded one does not fail a test that is not
about speed.
"""


def wait_for(
    condition: Callable[[], object],
    what: str | Callable[[], str] = "the condition",
    *,
    timeout: float = TIMEOUT,
    interval: float | None = None,
) -> None:
    """Poll `condition` until it is true.

    Args:
        condition: Called repeatedly.
        what: Names the condition in the failure; a function is called only then.
        timeout: Seconds until the test fails.
        interval: Seconds between two calls. None is 0.01 first, and up to 0.05 when it takes long:
            most conditions are queries, which take the processor from what they wait for.
    """
    began = time.monotonic()
    while not condition():
        waited = time.monotonic() - began
        if waited > timeout:
            described = what() if callable(what) else what
            raise AssertionError(f"not within {timeout:g} s: {described}")
        time.sleep(interval or min(max(waited / 20, 0.01), 0.05))
