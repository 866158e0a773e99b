"""Backoffs: the delay before each retry."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jobgen_runtime import ExponentialBackoff, LinearBackoff

SECOND = timedelta(seconds=1)


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_backoffs_stay_between_their_jitter_and_their_cap(attempts: int, jitter: float) -> None:
    cap = timedelta(hours=1)
    full = ExponentialBackoff(SECOND, cap).delay(attempts)
    assert full == min(SECOND * 2 ** min(attempts, 20), cap)
    assert full * (1 - jitter) <= ExponentialBackoff(SECOND, cap, jitter).delay(attempts) <= full
    assert SECOND * (1 - jitter) <= LinearBackoff(SECOND, jitter).delay(attempts) <= SECOND


def test_backoffs_that_cannot_be_meant_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        LinearBackoff(-SECOND)
    with pytest.raises(ValueError, match="jitter"):
        ExponentialBackoff(SECOND, jitter=2)
