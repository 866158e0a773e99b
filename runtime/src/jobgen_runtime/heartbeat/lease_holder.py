"""The receiver of the changes of a lease."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID


class LeaseHolder(Protocol):
    """The receiver of the changes of a lease. The heartbeat calls it from its own threads."""

    def on_lease_acquired(self, worker_id: UUID) -> None:
        """Handle a new lease: this process may claim jobs as `worker_id`."""

    def on_lease_extended(self, until: float) -> None:
        """Handle a renewal: other workers leave this one's jobs alone until `until`.

        The time is one of `contract.clock`.
        """

    def on_lease_lost(self) -> None:
        """Handle the loss of the lease: all running jobs must be cancelled."""

    def on_registration_problem(self, reason: str | None) -> None:
        """Handle a failed registration; None means that the worker is registered again."""

    def is_idle(self) -> bool:
        """Return whether no job runs."""
