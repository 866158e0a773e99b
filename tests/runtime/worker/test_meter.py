"""The counts of a lane's attempts, from appended seconds to histograms."""

from __future__ import annotations

import math
import random
import threading
from itertools import pairwise

from jobgen_runtime.worker.meter import BUCKETS, Durations, LaneMeter


def test_histogram_counts_each_duration_in_the_first_bucket_that_is_not_smaller() -> None:
    rng = random.Random(7)  # noqa: S311 -- no secret
    values = [*BUCKETS, 0.0, 1e-9, 7200.0, *(rng.expovariate(0.2) for _ in range(500))]
    found = Durations()
    for start in range(0, len(values), 50):
        found.add_all(list(values[start : start + 50]))
    bounds = [-math.inf, *BUCKETS, math.inf]
    expected = [sum(low < value <= high for value in values) for low, high in pairwise(bounds)]
    assert found.counts == expected
    assert math.isclose(found.seconds, sum(values))


def test_waits_that_cannot_be_measured_are_left_out_and_none_is_negative() -> None:
    meter = LaneMeter()
    # A run_at of minus infinity, no claim with a time yet, and clocks that differ by a little.
    meter.waits += [6e10, math.inf, -0.002, 3.0]
    meter.settle()
    assert sum(meter.wait.counts) == 2
    assert meter.wait.seconds == 3.0


def test_durations_appended_while_another_thread_settles_are_counted_once() -> None:
    meter, is_done = LaneMeter(), threading.Event()

    def settle() -> None:
        while not is_done.is_set():
            meter.settle()

    threads = [threading.Thread(target=settle) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(20_000):
        meter.durations.append(1.0)
    is_done.set()
    for thread in threads:
        thread.join()
    meter.settle()
    assert sum(meter.run.counts) == meter.run.seconds == 20_000
