"""A network between a worker and the server that a test cuts without notice to either end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.support.programs import IP

_RELAY = str(Path(__file__).with_name("relay.py"))


class Network(Protocol):
    """A network to a server.

    A process that is started with the words of `prefix` reaches the server at `url`.
    """

    @property
    def url(self) -> str:
        """The conninfo of the server, seen through the network."""

    @property
    def prefix(self) -> list[str]:
        """The words before a command that make it use the network."""

    def cut(self) -> None:
        """Lose all bytes from now on, or hold them up."""

    def restore(self) -> None:
        """Let bytes pass again."""


@dataclass
class StoppedRelay:
    """A relay process, stopped to cut the network: bytes wait in the kernel's buffers."""

    url: str
    relay: subprocess.Popen[str]
    prefix: list[str]

    def cut(self) -> None:
        """Hold up all bytes."""
        self.relay.send_signal(signal.SIGSTOP)

    def restore(self) -> None:
        """Let bytes pass again."""
        self.relay.send_signal(signal.SIGCONT)

    def silence(self) -> None:
        """Lose all bytes of the existing connections, permanently; new ones can be made."""
        self.relay.send_signal(signal.SIGUSR1)


@dataclass
class Namespaces:
    """Two network namespaces whose link is taken down to cut the network: bytes are lost."""

    url: str
    link: tuple[str, str]
    prefix: list[str]

    def cut(self) -> None:
        """Lose all bytes."""
        self._set("down")

    def restore(self) -> None:
        """Let bytes pass again."""
        self._set("up")

    def _set(self, state: str) -> None:
        namespace, device = self.link
        _ip("-n", namespace, "link", "set", device, state)


@contextmanager
def stopped_relay(server: str) -> Iterator[StoppedRelay]:
    """Create a network to the server through a relay; works on every machine."""
    with _relay([], "127.0.0.1", server) as (process, url):
        yield StoppedRelay(url, process, [])


@contextmanager
def namespaces(server: str) -> Iterator[Namespaces]:
    """Create a network to the server between two namespaces; skips the test without the right."""
    IP.require()
    if not _may_create_namespaces():
        pytest.skip("needs the right to create network namespaces: run the tests as root")
    near, far = (f"jobgen-{os.getpid()}-{side}" for side in ("near", "far"))
    try:
        for name in (near, far):
            _ip("netns", "add", name)
            _ip("-n", name, "link", "set", "lo", "up")
        _ip("-n", near, "link", "add", "near", "type", "veth", "peer", "name", "far", "netns", far)
        for name, device, address in ((near, "near", "192.0.2.1/30"), (far, "far", "192.0.2.2/30")):
            _ip("-n", name, "address", "add", address, "dev", device)
            _ip("-n", name, "link", "set", device, "up")
        with _relay(_inside(far), "192.0.2.2", server) as (_, url):
            yield Namespaces(url, (far, "far"), _inside(near))
    finally:
        for name in (near, far):
            _ip("netns", "delete", name, check=False)


@contextmanager
def _relay(
    prefix: list[str], host: str, server: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    with psycopg.connect(server) as conn:
        target = (conn.info.host, str(conn.info.port))
    command = [*prefix, sys.executable, _RELAY, host, "0", *target]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline().split()[1]
            yield process, make_conninfo(server, host=host, port=port)
        finally:
            process.kill()


def _inside(namespace: str) -> list[str]:
    return [IP.require(), "netns", "exec", namespace]


def _ip(*arguments: str, check: bool = True) -> bool:
    result = subprocess.run(["ip", *arguments], check=False, capture_output=True, text=True)
    assert result.returncode == 0 or not check, result.stderr
    return result.returncode == 0


def _may_create_namespaces() -> bool:
    name = f"jobgen-{os.getpid()}-try"
    if not _ip("netns", "add", name, check=False):
        return False
    permitted = _ip(
        "-n", name, "link", "add", "one", "type", "veth", "peer", "name", "two", check=False
    )
    _ip("netns", "delete", name, check=False)
    return permitted
