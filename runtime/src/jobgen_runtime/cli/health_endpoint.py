"""Serve the health of the worker over HTTP (`--health`), for an orchestrator."""

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
from jobgen_runtime.executor import hide_from_forks
from jobgen_runtime.supervisor import (
    HealthSigns,
    HealthStatus,
    WorkerSettings,
    check_health,
    worst,
)

log = logging.getLogger("jobgen.worker")

PATHS = ("/", "/healthz")

HEALTH_CLIENT_TIMEOUT = 5.0
"""Seconds that a client may take to send its request."""

Address = tuple[str, int]
"""A host and a port."""


def parse_address(text: str) -> Address:
    """Read `HOST:PORT`, an IPv6 address in brackets, or `PORT` of 127.0.0.1.

    Raises:
        argparse.ArgumentTypeError: The text is neither.
    """
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or int(port) > 65535 or text.startswith(":"):
        raise argparse.ArgumentTypeError(f"{text!r} is neither PORT nor HOST:PORT")
    return host.removeprefix("[").removesuffix("]") or "127.0.0.1", int(port)


@contextmanager
def serve_health(
    address: Address | None,
    read_signs: Callable[[], Sequence[HealthSigns]],
    settings: WorkerSettings,
) -> Iterator[None]:
    """Answer health checks within the context, from threads: also while the event loop is blocked.

    Args:
        address: Where to listen; None to serve nothing.
        read_signs: Returns the health signs of all processes.
        settings: The settings of the processes.

    Raises:
        JobgenRuntimeError: The address is not available.
    """
    if address is None:
        yield
        return
    try:
        server = _Server(address, read_signs, settings)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise JobgenRuntimeError(
            f"--health cannot listen on {_format_address(address)}: {reason}.",
            hint="Choose another port, or stop the program that listens on it.",
        ) from None
    # What jobs leave behind must not keep the port.
    hide_from_forks(server)
    with server:
        port = server.server_address[1]
        log.info("health endpoint listening on http://%s/", _format_address((address[0], port)))
        threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()


class _Server(ThreadingHTTPServer):
    def __init__(
        self,
        address: Address,
        read_signs: Callable[[], Sequence[HealthSigns]],
        settings: WorkerSettings,
    ) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self._read_signs = read_signs
        self._settings = settings
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        # HTTPServer's own method asks the DNS for this machine's name.
        TCPServer.server_bind(self)

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 -- the base's
        """Log nothing above DEBUG: clients that disconnect are not an error."""
        log.debug("health check failed", exc_info=True)

    def response(self) -> tuple[HTTPStatus, bytes]:
        """Return the HTTP status and body that describe the health of all processes."""
        at = now()
        processes = [check_health(signs, self._settings, at) for signs in self._read_signs()]
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
        return status, json.dumps(body).encode() + b"\n"


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = HEALTH_CLIENT_TIMEOUT
    server_version = "run-jobs"
    sys_version = ""

    def do_GET(self) -> None:
        self._respond(with_body=True)

    def do_HEAD(self) -> None:
        self._respond(with_body=False)

    def _respond(self, *, with_body: bool) -> None:
        if self.path.partition("?")[0] not in PATHS:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        status, body = self.server.response()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base's
        """Log nothing: health checks come every few seconds."""


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def _format_address(address: Address) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
