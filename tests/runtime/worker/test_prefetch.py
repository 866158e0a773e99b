"""How many jobs are claimed ahead of the free slots."""

from __future__ import annotations

from jobgen_runtime.worker.prefetch import MAX_PREFETCH, Prefetch


def test_only_short_jobs_are_prefetched() -> None:
    pace = Prefetch()
    assert pace.size(16) == 0
    pace.record_duration(10)
    assert pace.size(16) == 0
    for _ in range(200):
        pace.record_duration(0.001)
    assert 16 < pace.size(16) <= MAX_PREFETCH
