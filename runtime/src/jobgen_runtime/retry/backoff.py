"""How long a failed job waits before its next attempt."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, runtime_checkable


@runtime_checkable
class Backoff(Protocol):
    """A policy: any object with this method will do."""

    def delay(self, attempts: int, /) -> timedelta:
        """The wait after that many attempts (1 after the first), never negative."""
        ...


def _check(delay: timedelta, jitter: float) -> None:
    if delay < timedelta(0):
        raise ValueError(f"delay must not be negative, got {delay!r}")
    if not 0 <= jitter <= 1:
        raise ValueError(f"jitter is a share of the delay from 0 to 1, got {jitter!r}")


def _spread(delay: timedelta, jitter: float) -> timedelta:
    """`delay`, shortened by a random part of up to `jitter` of it."""
    return delay * (1 - jitter * random.random()) if jitter else delay  # noqa: S311 -- spreads load


@dataclass(frozen=True, slots=True)
class LinearBackoff:
    """The same delay before every attempt."""

    interval: timedelta
    jitter: float = 0.0

    def __post_init__(self) -> None:
        _check(self.interval, self.jitter)

    def delay(self, attempts: int, /) -> timedelta:  # noqa: ARG002 -- Backoff's signature
        """The wait after that many attempts."""
        return _spread(self.interval, self.jitter)


@dataclass(frozen=True, slots=True)
class ExponentialBackoff:
    """The interval times 2 to the power of the attempts so far, up to `cap`."""

    interval: timedelta
    cap: timedelta = timedelta(hours=24)
    jitter: float = 0.0

    def __post_init__(self) -> None:
        _check(self.interval, self.jitter)
        _check(self.cap, self.jitter)

    def delay(self, attempts: int, /) -> timedelta:
        """The wait after that many attempts."""
        seconds = self.interval.total_seconds() * 2.0 ** min(attempts, 64)
        return _spread(timedelta(seconds=min(seconds, self.cap.total_seconds())), self.jitter)
