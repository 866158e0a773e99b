"""How many jobs are claimed beyond the free slots."""

from __future__ import annotations

from jobgen_runtime.worker.ahead import CAP, Pace


def test_only_short_jobs_are_claimed_ahead() -> None:
    pace = Pace()
    assert pace.ahead(16) == 0
    pace.note(10)
    assert pace.ahead(16) == 0
    for _ in range(200):
        pace.note(0.001)
    assert 16 < pace.ahead(16) <= CAP
