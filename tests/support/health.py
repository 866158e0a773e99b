"""Workers with a health endpoint."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

from tests.support.application import Application
from tests.support.process import Process
from tests.support.waiting import TIMEOUT, wait_for

QUICK = ("--heartbeat", "0.5", "--poll", "0.5")


def start_with_health(app: Application, *options: str) -> tuple[Process, str]:
    """Start a worker, and return it with the address of its health endpoint."""
    worker = app.start("run-jobs", "--health", "0", *QUICK, *options)
    return worker, worker.wait_for_start("listening on ").rpartition("listening on ")[2]


def get_health(url: str) -> tuple[int, dict[str, Any]]:
    """Return the HTTP status and the body of the health endpoint."""
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:  # noqa: S310 -- a local server
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def wait_for_health(url: str, status: str) -> dict[str, Any]:
    """Poll the health endpoint until it reports the status; return its last answer."""
    bodies: list[dict[str, Any]] = []

    def has_status() -> bool:
        code, body = get_health(url)
        bodies.append(body)
        assert (code == 200) == (body["status"] == "ok")
        assert code in (200, 503)
        return bool(body["status"] == status)

    wait_for(has_status, lambda: f"{status}, not {bodies[-1]}", interval=0.05)
    return bodies[-1]
