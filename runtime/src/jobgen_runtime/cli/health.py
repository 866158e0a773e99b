"""`--health`: whether the worker is alive, over HTTP, for who has to start it again."""

from __future__ import annotations

import argparse
import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer

from jobgen_runtime.contract.clock import now
from jobgen_runtime.contract.errors import JobgenRuntimeError
from jobgen_runtime.supervisor import HealthSigns, HealthStatus, WorkerSettings, check_health, worst

log = logging.getLogger("jobgen.worker")

PATHS = ("/", "/healthz")

PATIENCE = 5.0
"""Seconds that a client has to say what it wants."""

Address = tuple[str, int]


def address(text: str) -> Address:
    """`PORT` of this machine alone, or `HOST:PORT`, an IPv6 address in brackets."""
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or int(port) > 65535 or text.startswith(":"):
        raise argparse.ArgumentTypeError(f"{text!r} is neither PORT nor HOST:PORT")
    return host.removeprefix("[").removesuffix("]") or "127.0.0.1", int(port)


@contextmanager
def serving(
    place: Address | None, read: Callable[[], Sequence[HealthSigns]], settings: WorkerSettings
) -> Iterator[None]:
    """Answers there, if anywhere, from threads of its own: also while the event loop is blocked.

    `read` gives the vitals of all processes. Raises JobgenRuntimeError where it cannot listen.
    """
    if place is None:
        yield
        return
    try:
        server = _Server(place, read, settings)
    except OSError as error:
        raise JobgenRuntimeError(
            f"--health cannot listen on {_shown(place)}: {error.strerror or error}.",
            hint="Give another port, or end what listens there.",
        ) from None
    with server:
        log.info("health on http://%s/", _shown((place[0], server.server_address[1])))
        threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()


class _Server(ThreadingHTTPServer):
    def __init__(
        self, place: Address, read: Callable[[], Sequence[HealthSigns]], settings: WorkerSettings
    ) -> None:
        self.address_family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
        self._read = read
        self._settings = settings
        super().__init__(place, _Handler)

    def server_bind(self) -> None:
        # HTTPServer's own asks the DNS for this machine's name.
        TCPServer.server_bind(self)

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 -- the base's
        """Clients that go away are no concern of the log."""
        log.debug("a client of --health", exc_info=True)

    def answer(self) -> tuple[HTTPStatus, bytes]:
        """The status and the body."""
        at = now()
        processes = [check_health(signs, self._settings, at) for signs in self._read()]
        overall = worst(processes)
        body = {
            "status": overall.value,
            "processes": [
                {
                    "status": process.status.value,
                    "heartbeat_age": _rounded(process.heartbeat_age),
                    "claim_age": _rounded(process.tick_age),
                }
                for process in processes
            ],
        }
        status = HTTPStatus.OK if overall is HealthStatus.OK else HTTPStatus.SERVICE_UNAVAILABLE
        return status, json.dumps(body).encode() + b"\n"


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = PATIENCE
    server_version = "run-jobs"
    sys_version = ""

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        if self.path.partition("?")[0] not in PATHS:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        status, body = self.server.answer()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base's
        """Probes come every few seconds."""


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def _shown(place: Address) -> str:
    host, port = place
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
