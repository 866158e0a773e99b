"""Serve the health of the worker over HTTP (`--health`), for an orchestrator."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from http import HTTPStatus

from jobgen_runtime.cli.http_endpoint import Address, Answer, serve_http
from jobgen_runtime.contract.clock import now
from jobgen_runtime.supervisor import (
    HealthSigns,
    HealthStatus,
    WorkerSettings,
    check_health,
    worst,
)

PATHS = ("/", "/healthz")


def serve_health(
    address: Address | None,
    read_signs: Callable[[], Sequence[HealthSigns]],
    settings: WorkerSettings,
) -> AbstractContextManager[None]:
    """Answer health checks within the context, from threads: also while the event loop is blocked.

    Args:
        address: Where to listen; None to serve nothing.
        read_signs: Returns the health signs of all processes.
        settings: The settings of the processes.

    Raises:
        JobgenRuntimeError: The address is not available; raised when the context is entered.
    """
    if address is None:
        return nullcontext()

    def respond(path: str, _accept: str) -> Answer | None:
        return _health(read_signs(), settings) if path in PATHS else None

    return serve_http("health", address, respond)


def _health(signs_of_all: Sequence[HealthSigns], settings: WorkerSettings) -> Answer:
    """Return the answer that describes the health of all processes."""
    at = now()
    processes = [check_health(signs, settings, at) for signs in signs_of_all]
    overall = worst(processes)
    body = {
        "status": overall.value,
        "processes": [
            {
                "status": process.status.value,
                "heartbeat_age": _rounded(process.heartbeat_age),
                "claim_age": _rounded(process.tick_age),
                **({"problem": process.problem} if process.problem else {}),
            }
            for process in processes
        ],
    }
    is_ok = overall is HealthStatus.OK
    status = HTTPStatus.OK if is_ok else HTTPStatus.SERVICE_UNAVAILABLE
    return Answer(status, "application/json", json.dumps(body).encode() + b"\n")


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
