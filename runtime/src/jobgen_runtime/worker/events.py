"""Events between the parts of a worker, and from the worker to its process."""

from __future__ import annotations

import asyncio
from typing import Protocol


class WorkerEvents:
    """The wakeups of a worker's two loops. All methods run on the event loop."""

    def __init__(self) -> None:
        self.work = asyncio.Event()
        """Set while there is something to do for `Worker.run`."""
        self.completions = asyncio.Event()
        """Set while there is something to write for `Completer.run`."""

    def wake(self) -> None:
        """Let the worker run its next tick at once."""
        self.work.set()

    def job_ended(self) -> None:
        """Let the completer write the completion, and the worker fill the slot."""
        self.completions.set()
        self.work.set()


class WorkerObserver(Protocol):
    """The process that a worker reports to."""

    def on_tick(self) -> None:
        """Note a tick without an error of the database. There is at least one per poll interval."""

    def on_inspection_request(self) -> None:
        """Note that an operator asks what the worker runs."""

    def on_completion_problem(self, reason: str | None) -> None:
        """Note why completions cannot be written, so that no jobs start; None once they can be."""

    def on_lease_cleared(self) -> None:
        """Note that no job that was claimed under a lost lease is still running."""
