"""Serve the metrics of the worker over HTTP (`--metrics`), for Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from http import HTTPStatus

from jobgen_runtime.cli.http_endpoint import Address, Answer, serve_http
from jobgen_runtime.contract.clock import now
from jobgen_runtime.contract.errors import JobgenRuntimeError
from jobgen_runtime.metrics import Counts, Reading, Scrape
from jobgen_runtime.metrics.scrape import ProcessState
from jobgen_runtime.supervisor import HealthSigns, HealthStatus, WorkerSettings, check_health

PATH = "/metrics"


def serve_metrics(
    address: Address | None, collect: Callable[[], Scrape], *, is_supervisor: bool
) -> AbstractContextManager[None]:
    """Answer scrapes within the context, from threads.

    Args:
        address: Where to listen; None to serve nothing.
        collect: Returns what to report. Called in a thread.
        is_supervisor: Whether the jobs run in other processes than this one.

    Raises:
        JobgenRuntimeError: The library is not installed. Or the address is not available; that is
            raised when the context is entered.
    """
    if address is None:
        return nullcontext()
    require_library()
    from jobgen_runtime.metrics.exposition import render

    def respond(path: str, accept: str) -> Answer | None:
        if path != PATH:
            return None
        content_type, body = render(collect(), accept, is_supervisor=is_supervisor)
        return Answer(HTTPStatus.OK, content_type, body)

    return serve_http("metrics", address, respond, path=PATH)


def require_library() -> None:
    """Check that the client library of Prometheus is installed.

    Raises:
        JobgenRuntimeError: It is not.
    """
    try:
        import prometheus_client  # noqa: F401 -- only whether it is there
    except ImportError as error:
        raise JobgenRuntimeError(
            f"--metrics needs the library prometheus-client, which cannot be imported: {error}.",
            hint="Install it with `pip install 'jobgen-runtime[prometheus]'`.",
        ) from None


def make_scrape(
    metrics: tuple[Counts, Reading],
    signs: Mapping[int, HealthSigns],
    settings: WorkerSettings,
    *,
    restarts: int = 0,
) -> Scrape:
    """Return what one scrape reports.

    Args:
        metrics: What was counted, and what was read from the database.
        signs: The health signs of each process.
        settings: The settings of the processes.
        restarts: How many processes were restarted.
    """
    counts, reading = metrics
    at = now()
    processes = {}
    for number, each in sorted(signs.items()):
        health = check_health(each, settings, at)
        processes[number] = ProcessState(
            health.status is HealthStatus.OK, health.heartbeat_age, health.tick_age
        )
    return Scrape(counts, reading, processes, restarts)
