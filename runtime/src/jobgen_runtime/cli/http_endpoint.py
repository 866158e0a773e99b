"""Answer HTTP requests of programs that watch the worker: `--health` and `--metrics`."""

from __future__ import annotations

import argparse
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer

from jobgen_runtime.contract.errors import JobgenRuntimeError
from jobgen_runtime.executor import hide_from_forks

log = logging.getLogger("jobgen.worker")

CLIENT_TIMEOUT = 5.0
"""Seconds that a client may take to send its request, or to read a part of the answer."""

Address = tuple[str, int]
"""A host and a port."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a GET."""

    status: HTTPStatus
    content_type: str
    body: bytes


Respond = Callable[[str, str], Answer | None]
"""Answers a request for a path with its header Accept; None if there is nothing at the path."""


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
def serve_http(name: str, address: Address, respond: Respond, *, path: str = "/") -> Iterator[None]:
    """Answer GET and HEAD within the context, from threads: also while the event loop is blocked.

    Args:
        name: What is served, which is also the name of the option and the thread.
        address: Where to listen.
        respond: Called in a thread for each request.
        path: The path that the log names.

    Raises:
        JobgenRuntimeError: The address is not available.
    """
    try:
        server = _Server(address, respond)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise JobgenRuntimeError(
            f"--{name} cannot listen on {_format_address(address)}: {reason}.",
            hint="Choose another port, or stop the program that listens on it.",
        ) from None
    # What jobs leave behind must not keep the port.
    hide_from_forks(server)
    with server:
        listens_on = _format_address((address[0], server.server_address[1]))
        log.info("%s endpoint listening on http://%s%s", name, listens_on, path)
        threading.Thread(target=server.serve_forever, name=name, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()


class _Server(ThreadingHTTPServer):
    def __init__(self, address: Address, respond: Respond) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.respond = respond
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        # HTTPServer's own method asks the DNS for this machine's name.
        TCPServer.server_bind(self)

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 -- the base's
        """Log nothing above DEBUG: clients that disconnect are not an error."""
        log.debug("answering a request failed", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = CLIENT_TIMEOUT
    server_version = "run-jobs"
    sys_version = ""

    def do_GET(self) -> None:
        self._respond(with_body=True)

    def do_HEAD(self) -> None:
        self._respond(with_body=False)

    def _respond(self, *, with_body: bool) -> None:
        path = self.path.partition("?")[0]
        try:
            answer = self.server.respond(path, self.headers.get("Accept", ""))
        except Exception:
            log.exception("a request for %s cannot be answered", path)
            self.send_error(HTTPStatus.INTERNAL_SERVER_ERROR)
            return
        if answer is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if with_body:
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base's
        """Log nothing: such requests come every few seconds."""


def _format_address(address: Address) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
