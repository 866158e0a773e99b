"""graphile-worker, on Node: a local queue, batched completion; finished jobs are deleted."""

from __future__ import annotations

from benchmarks.queues.systems.node_system import NodeSystem


class GraphileWorker(NodeSystem):
    """graphile-worker, https://worker.graphile.org."""

    name = "graphile-worker"
    keeps_finished = False
    settings = (
        "as its page on performance has it: concurrentJobs 24, maxPoolSize 25, localQueue 500"
        " (where the concurrency is given: that and one more), completeJobBatchDelay 0;"
        " bulk by addJobs"
    )


SYSTEM = GraphileWorker()
