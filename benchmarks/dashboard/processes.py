"""The processes that are measured: the dashboard, a worker, and open browsers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.dashboard.client import Client, Page

RELOAD_SECONDS = 3.0
"""How often an open browser loads its page again."""

_BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Dashboard:
    """A running `jobs-dashboard`."""

    server: str
    """Its host and port."""
    pid: int


@contextmanager
def dashboard(url: str) -> Iterator[Dashboard]:
    """Run `jobs-dashboard`."""
    command = [str(_BIN / "jobs-dashboard"), "--no-auth", "--port", "0"]
    environment = {**os.environ, "DATABASE_URL": url}
    started = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    with _running(started) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://([^/]+)/", line)
        if found is None:
            raise RuntimeError(f"jobs-dashboard did not start: {line}")
        yield Dashboard(found[1], process.pid)


@contextmanager
def worker(root: Path, url: str) -> Iterator[None]:
    """Run `run-jobs`."""
    command = [str(_BIN / "run-jobs"), "--root", str(root)]
    environment = {**os.environ, "DATABASE_URL": url}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    with _running(process):
        yield


@contextmanager
def _running(process: subprocess.Popen[Any]) -> Iterator[subprocess.Popen[Any]]:
    try:
        yield process
    finally:
        process.terminate()
        process.communicate()


@contextmanager
def open_browsers(server: str, page: Page, number: int) -> Iterator[None]:
    """Reload a page every RELOAD_SECONDS in each of some browsers, one after another.

    The block begins once each of them shows the page.

    Raises:
        RuntimeError: A browser got no page.
    """
    closed = threading.Event()
    failures: list[BaseException] = []
    shown = threading.Barrier(number + 1)

    def browse(place: int) -> None:
        client, is_shown = Client(server), False
        due = time.monotonic() + place * RELOAD_SECONDS / number
        try:
            while not closed.wait(max(0.0, due - time.monotonic())):
                status = client.ask(page, again=True).status
                if status not in {200, 304}:
                    raise RuntimeError(f"a browser got the status {status}")  # noqa: TRY301
                due += RELOAD_SECONDS
                if not is_shown:
                    is_shown = True
                    shown.wait()
        except Exception as error:  # noqa: BLE001 -- it is raised where the browsers were opened
            failures.append(error)
            shown.abort()
        finally:
            client.close()

    threads = [threading.Thread(target=browse, args=[place]) for place in range(number)]
    with ExitStack() as stack:
        for thread in threads:
            thread.start()
            stack.callback(thread.join)
        stack.callback(closed.set)
        with suppress(threading.BrokenBarrierError):
            shown.wait()
        if not failures:
            yield
    if failures:
        raise RuntimeError("a browser failed") from failures[0]
