"""Claims of rows whose previous attempt still runs in this process."""

from __future__ import annotations

from jobgen_runtime.queue import Claim


class Successors(dict[Claim, Claim]):
    """For a running claim that was lost, the later claim of its row.

    An operator reset the row while it ran. The same job must not run twice at once, so the later
    claim waits until the attempt has ended.
    """

    def running_before(self, claim: Claim) -> Claim | None:
        """Return the running claim for which this one waits, if any."""
        return next((run for run, later in self.items() if later is claim), None)
