"""The common part of the systems that are Python: both processes are this package's `process`."""

from __future__ import annotations

import json
import sys
from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version

from benchmarks.queues.handlers import Handler, Style
from benchmarks.queues.system import ClientOptions, Enqueuer, WorkerOptions
from benchmarks.queues.systems.filled import Filled


class PythonClient(Filled, ABC):
    """A system whose client is Python."""

    distribution: str
    """The package that must be installed."""

    def missing(self) -> str | None:
        try:
            version(self.distribution)
        except PackageNotFoundError:
            return f"{self.distribution} is not installed"
        return None

    def refuses(self, handler: Handler) -> str | None:
        if handler.style is Style.PROCESSES:
            return "runs no job in a process of its own"
        return None

    def version(self) -> str:
        return version(self.distribution)

    def client_command(self, options: ClientOptions) -> list[str]:
        return self._command("client", options)

    def _command(self, role: str, options: WorkerOptions | ClientOptions) -> list[str]:
        module = "benchmarks.queues.process"
        return [sys.executable, "-m", module, self.name, role, json.dumps(asdict(options))]

    @abstractmethod
    def enqueuer(self, url: str) -> AbstractAsyncContextManager[Enqueuer]:
        """Connect as a client."""


class PythonSystem(PythonClient, ABC):
    """A system whose worker is Python too, started by our own few lines."""

    def worker_commands(self, options: WorkerOptions) -> list[list[str]]:
        return [self._command("worker", options)] * options.processes

    @abstractmethod
    async def work(self, options: WorkerOptions) -> None:
        """Be a worker until the process is ended."""
