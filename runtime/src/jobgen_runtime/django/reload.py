"""Start the worker again when a Python file of the project changes: for development."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from django.utils import autoreload

CHANGED = 3
"""The exit code of a worker that ended because a file has changed, as Django's reloader has it."""

POLL_SECONDS = 1.0


def run_with_reloader(run: Callable[[], None], root: Path) -> None:
    """Run the worker in a child process, which is started again after each change; exit at the end.

    A worker that has noticed a change first lets its running jobs finish, as at any shutdown. One
    that failed, as by a SyntaxError, is started again at the next change.

    Args:
        run: Runs the worker and exits.
        root: The folder whose files are watched, besides those of all imported modules.
    """
    if os.environ.get(autoreload.DJANGO_AUTORELOAD_ENV) == "true":
        _Child(root).run(run)
    sys.exit(_Parent(root).run())


class _Child:
    """The process of the worker, which ends once a file has changed."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._before = _times(root)
        self._worker = threading.current_thread()
        self._changed, self._ended = threading.Event(), threading.Event()

    def run(self, worker: Callable[[], None]) -> None:
        """Run the worker, which exits, and exit with CHANGED after a change."""
        # Until the worker has its own handler.
        signal.signal(signal.SIGTERM, self._exit_early)
        for watch in (self._watch_modules, self._watch_project):
            threading.Thread(target=watch, name="reloader", daemon=True).start()
        try:
            worker()
        finally:
            self._ended.set()
            if self._changed.is_set():
                sys.exit(CHANGED)

    def _watch_modules(self) -> None:
        try:
            autoreload.get_reloader().run(self._worker)
        except SystemExit:
            # Django's reloader means to end the process.
            self._end()

    def _watch_project(self) -> None:
        # Django's reloader misses what changes before it has seen the file of a module.
        while _times(self._root) == self._before:
            time.sleep(POLL_SECONDS)
        self._end()

    def _end(self) -> None:
        """Let the worker end as at any shutdown."""
        if not self._changed.is_set():
            self._changed.set()
            if not self._ended.is_set():
                os.kill(os.getpid(), signal.SIGTERM)

    def _exit_early(self, _number: int, _frame: object) -> None:
        sys.exit(CHANGED if self._changed.is_set() else 128 + signal.SIGTERM)


class _Parent:
    """The process that starts the worker, and passes signals on to it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._child: subprocess.Popen[bytes] | None = None
        self._is_over = False

    def run(self) -> int:
        """Return the exit code of the last worker."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._end)
        environment = {**os.environ, autoreload.DJANGO_AUTORELOAD_ENV: "true"}
        while True:
            before = _times(self._root)
            command = autoreload.get_child_arguments()
            self._child = subprocess.Popen(command, env=environment, close_fds=False)
            code = self._child.wait()
            self._child = None
            if not self._is_over and code not in (0, CHANGED):
                print("run_jobs: starts again when a file changes", file=sys.stderr, flush=True)  # noqa: T201 -- the command's output
                self._wait_for_change(before)
            if self._is_over:
                return code if code >= 0 else 128 - code

    def _end(self, number: int, _frame: object) -> None:
        self._is_over = True
        # A terminal sends Ctrl-C to the worker, too.
        if self._child is not None and not (number == signal.SIGINT and sys.stdin.isatty()):
            self._child.send_signal(number)

    def _wait_for_change(self, before: dict[Path, float]) -> None:
        while not self._is_over and _times(self._root) == before:
            time.sleep(POLL_SECONDS)


def _times(root: Path) -> dict[Path, float]:
    """Return when each Python file of the project has changed."""
    times: dict[Path, float] = {}
    for path in _python_files(root):
        # It may be gone by now.
        with suppress(OSError):
            times[path] = path.stat().st_mtime
    return times


def _python_files(root: Path) -> Iterator[Path]:
    """Yield the project's files, without those of virtual environments and hidden folders."""
    for folder, folders, files in os.walk(root):
        if "pyvenv.cfg" in files:
            folders.clear()
            continue
        folders[:] = [name for name in folders if name[0] != "." and name != "node_modules"]
        yield from (Path(folder, name) for name in files if name.endswith(".py"))
