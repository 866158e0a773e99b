"""What the parts of one worker tell each other."""

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
    """What a worker tells its process."""

    def on_tick(self) -> None:
        """Note a tick that the database did not fail. There is one per poll interval at least."""

    def on_completion_problem(self, reason: str | None) -> None:
        """Note that no jobs start because completions cannot be written; None: they can again."""

    def on_lease_cleared(self) -> None:
        """Note that nothing runs any more of what was claimed under a lost lease."""
