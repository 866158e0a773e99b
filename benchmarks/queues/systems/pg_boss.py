"""pg-boss, on Node: batches whose jobs are finished together."""

from __future__ import annotations

from benchmarks.queues.systems.node_system import NodeSystem


class PgBoss(NodeSystem):
    """pg-boss, https://pgboss.io."""

    name = "pg-boss"
    settings = (
        "useListenNotify and a queue with notify, batchSize 1,000 (where the concurrency is given:"
        " half of it), localConcurrency 2, burstWhenBatchFull; a batch's jobs run at once and are"
        " finished together; bulk by insert"
    )


SYSTEM = PgBoss()
