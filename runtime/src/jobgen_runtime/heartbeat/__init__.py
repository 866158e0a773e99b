"""Keep this worker's lease alive, and requeue the jobs of dead workers."""

from __future__ import annotations

from jobgen_runtime.heartbeat.heartbeat import Heartbeat
from jobgen_runtime.heartbeat.lease import Intervals
from jobgen_runtime.heartbeat.lease_holder import LeaseHolder
from jobgen_runtime.heartbeat.registry import WorkerRegistry
from jobgen_runtime.heartbeat.table_rescuer import RescueTarget

__all__ = ["Heartbeat", "Intervals", "LeaseHolder", "RescueTarget", "WorkerRegistry"]
