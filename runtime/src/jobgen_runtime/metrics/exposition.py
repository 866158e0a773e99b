"""Write metrics in the formats of Prometheus. The only module that knows its client library.

Names follow https://prometheus.io/docs/practices/naming/.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from itertools import accumulate

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import (
    REGISTRY,
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from jobgen_runtime.metrics.counts import Counts, Histogram
from jobgen_runtime.metrics.reading import Reading
from jobgen_runtime.metrics.scrape import Scrape
from jobgen_runtime.worker.meter import BUCKETS

log = logging.getLogger("jobgen.worker")

_logged = set[str]()
"""The failures of the application's own metrics that were logged: each is logged once."""

_FIGURES = {
    "due": ("jobgen_jobs_due", "Jobs that could start now, 10000 if there are more."),
    "scheduled": ("jobgen_jobs_scheduled", "Jobs that wait for their run_at, up to 10000."),
    "running": ("jobgen_jobs_running", "Jobs that run on all workers, up to 10000."),
    "failed": ("jobgen_jobs_failed", "Jobs in the table that have failed, up to 10000."),
    "timed_out": ("jobgen_jobs_timed_out", "Jobs in the table that have timed out, up to 10000."),
    "workers": ("jobgen_kind_workers", "Live worker processes that run this kind."),
    "is_paused": ("jobgen_kind_paused", "1 if the kind is paused."),
    "oldest_due_age": (
        "jobgen_oldest_due_age_seconds",
        "For how long the first due job could have started; 0 if none is due.",
    ),
}
"""The gauges of the fields of KindFigures."""


def render(scrape: Scrape, accept: str, *, is_supervisor: bool) -> tuple[str, bytes]:
    """Return the content type and the text of a scrape, in the format that its client accepts.

    The application's own metrics follow, if it uses the same library.

    Args:
        scrape: What to report.
        accept: The header Accept of the request.
        is_supervisor: Whether the jobs run in other processes than this one.
    """
    encode, content_type = choose_encoder(accept)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Families([*_families(scrape), *_own_metrics(is_supervisor=is_supervisor)]))
    return content_type, encode(registry)


class _Families(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _own_metrics(*, is_supervisor: bool) -> list[Metric]:
    """Return the metrics that the application's own code has registered.

    Those of other processes are in the folder that the library's multi-process mode uses.
    """
    try:
        if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            return list(MultiProcessCollector(CollectorRegistry()).collect())  # type: ignore[no-untyped-call]
        return [] if is_supervisor else list(REGISTRY.collect())
    except Exception as error:  # noqa: BLE001 -- a collector of the application may raise anything
        if (reason := repr(error)) not in _logged:
            _logged.add(reason)
            log.warning("the application's own metrics cannot be collected: %s", reason)
        return []


def _families(scrape: Scrape) -> Iterator[Metric]:
    info = GaugeMetricFamily("jobgen_build_info", "The version of run-jobs.", labels=["version"])
    info.add_metric([version("jobgen-runtime")], 1)
    yield info
    yield from _kind_counters(scrape.counts)
    yield from _processes(scrape)
    yield from _database(scrape.reading)


def _kind_counters(counts: Counts) -> Iterator[Metric]:
    claimed = CounterMetricFamily(
        "jobgen_claimed_jobs_total", "Jobs that were claimed.", labels=["kind"]
    )
    attempts = CounterMetricFamily(
        "jobgen_attempts_total", "Attempts that have ended.", labels=["kind", "outcome"]
    )
    wait = HistogramMetricFamily(
        "jobgen_wait_seconds", "From run_at to the start of an attempt.", labels=["kind"]
    )
    run = HistogramMetricFamily(
        "jobgen_run_seconds", "From the start of an attempt to its end.", labels=["kind"]
    )
    slots = GaugeMetricFamily("jobgen_slots", "Jobs that may run at once.", labels=["kind"])
    busy = GaugeMetricFamily("jobgen_slots_busy", "Jobs that run here.", labels=["kind"])
    for kind, numbers in counts.kinds.items():
        claimed.add_metric([kind], numbers.claimed)
        for outcome, number in numbers.outcomes.items():
            attempts.add_metric([kind, outcome], number)
        wait.add_metric([kind], _buckets(numbers.wait), numbers.wait.seconds)
        run.add_metric([kind], _buckets(numbers.run), numbers.run.seconds)
        slots.add_metric([kind], numbers.slots)
        busy.add_metric([kind], numbers.busy)
    yield from (claimed, attempts, wait, run, slots, busy)


def _buckets(histogram: Histogram) -> list[tuple[str, float]]:
    bounds = [*map(str, BUCKETS), "+Inf"]
    return list(zip(bounds, accumulate(histogram.counts), strict=True))


def _processes(scrape: Scrape) -> Iterator[Metric]:
    healthy = GaugeMetricFamily(
        "jobgen_process_healthy",
        "1 if this worker process has signs of life and no problem.",
        labels=["process"],
    )
    heartbeat = GaugeMetricFamily(
        "jobgen_heartbeat_age_seconds", "Since the last heartbeat.", labels=["process"]
    )
    claim = GaugeMetricFamily(
        "jobgen_claim_age_seconds", "Since it last asked for due jobs.", labels=["process"]
    )
    for number, process in scrape.processes.items():
        healthy.add_metric([str(number)], process.is_ok)
        for family, age in ((heartbeat, process.heartbeat_age), (claim, process.claim_age)):
            if age is not None:
                family.add_metric([str(number)], max(age, 0.0))
    yield from (healthy, heartbeat, claim)
    yield CounterMetricFamily(
        "jobgen_process_restarts_total",
        "Worker processes that were restarted after a crash.",
        value=scrape.restarts,
    )
    errors = CounterMetricFamily(
        "jobgen_database_errors_total",
        "Statements of workers that the database failed.",
        labels=["connection"],
    )
    for connection, number in scrape.counts.database_errors.items():
        errors.add_metric([connection], number)
    yield errors


def _database(reading: Reading) -> Iterator[Metric]:
    if reading.is_database_up is not None:
        yield GaugeMetricFamily(
            "jobgen_database_up",
            "1 if the database has answered the metrics' own connection.",
            value=reading.is_database_up,
        )
    for field, (name, text) in _FIGURES.items():
        family = GaugeMetricFamily(name, text, labels=["kind"])
        for kind, figures in reading.kinds.items():
            family.add_metric([kind], float(getattr(figures, field) or 0))
        yield family
