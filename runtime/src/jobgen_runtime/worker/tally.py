"""What counts the jobs whose transitions a worker has written."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from jobgen_runtime.contract.transitions import Transition
from jobgen_runtime.queue import Claim


class Tally(Protocol):
    """Receive the transitions that were written, for those workers that have a reason to count."""

    def note(self, transition: Transition, claims: Collection[Claim]) -> None:
        """Count jobs that have made this kind of transition."""
