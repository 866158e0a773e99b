"""Durations as people read them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from jobgen_runtime.contract.durations import duration_text


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(0), "0 s"),
        (timedelta(microseconds=50_000), "0.05 s"),
        (timedelta(seconds=30), "30 s"),
        (timedelta(seconds=60), "1 min"),
        (timedelta(seconds=90.4), "1 min 30 s"),
        (timedelta(hours=2), "2 h"),
        (timedelta(days=1, hours=6, seconds=1), "1 d 6 h 1 s"),
        (timedelta(seconds=-90), "-1 min 30 s"),
    ],
)
def test_duration_has_its_units(duration: timedelta, text: str) -> None:
    assert duration_text(duration) == text
