"""Backoff policies: how long a failed job waits before its next attempt."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, runtime_checkable

_DAY = timedelta(hours=24)

_MAX_DOUBLINGS = 64
"""Enough to reach any cap; more only make a larger number."""


@runtime_checkable
class Backoff(Protocol):
    """A backoff policy: any object with this method."""

    def delay(self, attempts: int, /) -> timedelta:
        """Return the delay after `attempts` attempts (1 after the first); never negative."""
        ...


@dataclass(frozen=True, slots=True)
class ConstantBackoff:
    """Wait the same interval before every attempt.

    IHP's `LinearBackoff` waits like this.

    Args:
        interval: The delay.
        jitter: The share of the delay, from 0 to 1, by which it is randomly shortened at most.
    """

    interval: timedelta
    jitter: float = 0.0

    def __post_init__(self) -> None:
        _check_duration("interval", self.interval)
        _check_jitter(self.jitter)

    def delay(self, attempts: int, /) -> timedelta:  # noqa: ARG002 -- Backoff's signature
        """Return the interval, whatever the number of attempts."""
        return _shorten(self.interval, self.jitter)


@dataclass(frozen=True, slots=True)
class LinearBackoff:
    """Wait the interval times the number of attempts so far.

    IHP's `LinearBackoff` does not grow: it is `ConstantBackoff` here.

    Args:
        interval: The delay after the first attempt.
        cap: The longest delay.
        jitter: The share of the delay, from 0 to 1, by which it is randomly shortened at most.
    """

    interval: timedelta
    cap: timedelta = _DAY
    jitter: float = 0.0

    def __post_init__(self) -> None:
        _check_duration("interval", self.interval)
        _check_duration("cap", self.cap)
        _check_jitter(self.jitter)

    def delay(self, attempts: int, /) -> timedelta:
        """Return the interval times `attempts`, or `cap` if that is less."""
        return _shorten(_multiply(self.interval, attempts, self.cap), self.jitter)


@dataclass(frozen=True, slots=True)
class ExponentialBackoff:
    """Wait the interval times 2 to the power of the attempts so far.

    Args:
        interval: Half of the delay after the first attempt.
        cap: The longest delay.
        jitter: The share of the delay, from 0 to 1, by which it is randomly shortened at most.
    """

    interval: timedelta
    cap: timedelta = _DAY
    jitter: float = 0.0

    def __post_init__(self) -> None:
        _check_duration("interval", self.interval)
        _check_duration("cap", self.cap)
        _check_jitter(self.jitter)

    def delay(self, attempts: int, /) -> timedelta:
        """Return the interval times 2 ** `attempts`, or `cap` if that is less."""
        factor = 2 ** min(attempts, _MAX_DOUBLINGS)
        return _shorten(_multiply(self.interval, factor, self.cap), self.jitter)


def _check_duration(name: str, value: timedelta) -> None:
    if not isinstance(value, timedelta) or value < timedelta(0):
        raise ValueError(f"{name} must be a timedelta of zero or more, not {value!r}.")


def _check_jitter(jitter: float) -> None:
    if not 0 <= jitter <= 1:
        raise ValueError(f"jitter must be a number from 0 to 1, not {jitter!r}.")


def _multiply(interval: timedelta, factor: int, cap: timedelta) -> timedelta:
    try:
        return min(interval * factor, cap)
    except OverflowError:
        return cap


def _shorten(delay: timedelta, jitter: float) -> timedelta:
    """Return the delay less a random part of it, at most the share `jitter`."""
    return delay * (1 - jitter * random.random()) if jitter else delay  # noqa: S311 -- spreads load
