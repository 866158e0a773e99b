"""All workloads, in the order in which they run."""

from __future__ import annotations

from benchmarks.queues.workload import Workload
from benchmarks.queues.workloads import drain, enqueue, fairness, idle, pickup

WORKLOADS: dict[str, Workload] = {
    workload.name: workload
    for module in (drain, pickup, enqueue, fairness, idle)
    for workload in module.WORKLOADS
}
