"""Claims of rows whose previous attempt still runs in this process."""

from __future__ import annotations

from jobgen_runtime.queue import Claim


class Successors:
    """For a running claim that was lost, the later claim of its row.

    Somebody reset the row while it ran. The same job must not run twice at once, so the later claim
    waits until the attempt has ended.
    """

    def __init__(self) -> None:
        self._by_running: dict[Claim, Claim] = {}

    def __bool__(self) -> bool:
        return bool(self._by_running)

    def add(self, running: Claim, successor: Claim) -> None:
        """Let a claim wait for the end of an attempt, in place of one that waited before."""
        self._by_running[running] = successor

    def running_before(self, claim: Claim) -> Claim | None:
        """Return the running claim for which this one waits, if any."""
        return next((run for run, later in self._by_running.items() if later is claim), None)

    def pop(self, running: Claim) -> Claim | None:
        """Return the claim that waited for the end of this one, and forget it."""
        return self._by_running.pop(running, None)

    def clear(self) -> None:
        """Forget all claims."""
        self._by_running.clear()
