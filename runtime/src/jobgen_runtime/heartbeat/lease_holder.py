"""What a heartbeat informs about its lease."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID


class LeaseHolder(Protocol):
    """What a heartbeat informs about its lease, from its own threads."""

    def on_lease_acquired(self, worker_id: UUID) -> None:
        """Handle that this process may claim jobs as `worker_id`."""

    def on_lease_extended(self, until: float) -> None:
        """Handle that no other worker takes this one's jobs before `until`, of `contract.clock`."""

    def on_lease_lost(self) -> None:
        """Handle that the lease is lost: all that runs must be cancelled."""

    def on_registration_problem(self, reason: str | None) -> None:
        """Handle that the worker cannot be registered, or that it is again if `reason` is None."""

    def is_idle(self) -> bool:
        """Return whether no job runs."""
