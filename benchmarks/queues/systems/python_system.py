"""The common part of the Python systems, whose processes run this package's `process`."""

from __future__ import annotations

import json
import sys
from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version

from benchmarks.queues.handlers import Handler, Style
from benchmarks.queues.system import ClientOptions, Enqueuer, WorkerOptions
from benchmarks.queues.systems.sql_system import SqlSystem


class PythonClient(SqlSystem, ABC):
    """A system whose client is written in Python."""

    distribution: str
    """The distribution that must be installed."""

    def missing(self) -> str | None:
        """Return why the system cannot run on this machine, or None."""
        try:
            version(self.distribution)
        except PackageNotFoundError:
            return f"{self.distribution} is not installed"
        return None

    def refuses(self, handler: Handler) -> str | None:
        """Return why the system cannot run such jobs, or None."""
        if handler.style is Style.PROCESSES:
            return "has no jobs in separate processes"
        return None

    def version(self) -> str:
        """Return the version that runs."""
        return version(self.distribution)

    def client_command(self, options: ClientOptions) -> list[str]:
        """Return the command of a client process."""
        return self._command("client", options)

    def _command(self, role: str, options: WorkerOptions | ClientOptions) -> list[str]:
        module = "benchmarks.queues.process"
        return [sys.executable, "-m", module, self.name, role, json.dumps(asdict(options))]

    @abstractmethod
    def enqueuer(self, url: str) -> AbstractAsyncContextManager[Enqueuer]:
        """Connect as a client."""


class PythonSystem(PythonClient, ABC):
    """A system whose worker is written in Python, too, and started by a few lines here."""

    def worker_commands(self, options: WorkerOptions) -> list[list[str]]:
        """Return the commands whose processes together are one worker."""
        return [self._command("worker", options)] * options.processes

    @abstractmethod
    async def work(self, options: WorkerOptions) -> None:
        """Run a worker until the process is killed."""
