"""Start the worker again when a Python file of the project changes: for development."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from django.utils import autoreload

CHANGED = 3
"""The exit code of a worker that ended because a file has changed, as Django's reloader has it."""

POLL_SECONDS = 0.5


def run_with_reloader(run: Callable[[], None], root: Path) -> None:
    """Run the worker in a child process, which is started again after each change; exit at the end.

    A worker that has noticed a change first lets its running jobs finish, as at any shutdown. One
    that failed, as by a SyntaxError, is started again at the next change.

    Args:
        run: Runs the worker and exits.
        root: The folder whose files are watched while no worker runs.
    """
    if os.environ.get(autoreload.DJANGO_AUTORELOAD_ENV) == "true":
        _run_until_change(run)
    sys.exit(_Parent(root).run())


def _run_until_change(run: Callable[[], None]) -> None:
    changed, ended = threading.Event(), threading.Event()
    worker = threading.current_thread()

    def watch() -> None:
        try:
            autoreload.get_reloader().run(worker)
        except SystemExit:
            # Django's reloader means to end the process.
            changed.set()
            if not ended.is_set():
                os.kill(os.getpid(), signal.SIGTERM)

    def end_early(_number: int, _frame: object) -> None:
        sys.exit(CHANGED if changed.is_set() else 128 + signal.SIGTERM)

    # Until the worker has its own handler.
    signal.signal(signal.SIGTERM, end_early)
    threading.Thread(target=watch, name="reloader", daemon=True).start()
    try:
        run()
    finally:
        ended.set()
        if changed.is_set():
            sys.exit(CHANGED)


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
    return {path: path.stat().st_mtime for path in _python_files(root) if path.exists()}


def _python_files(root: Path) -> Iterator[Path]:
    """Yield the project's files, without those of virtual environments and hidden folders."""
    for folder, folders, files in os.walk(root):
        if "pyvenv.cfg" in files:
            folders.clear()
            continue
        folders[:] = [name for name in folders if name[0] != "." and name != "node_modules"]
        yield from (Path(folder, name) for name in files if name.endswith(".py"))
