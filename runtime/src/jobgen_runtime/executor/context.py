"""Which job a log line is about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from jobgen_runtime.contract import Hold, current_hold


@contextmanager
def about(hold: Hold) -> Iterator[None]:
    """What is logged within is about that job."""
    token = current_hold.set(hold)
    try:
        yield
    finally:
        current_hold.reset(token)
