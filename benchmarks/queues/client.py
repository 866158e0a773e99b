"""Be a client process that enqueues at full speed or at a fixed rate, and reports what it did.

It prints `ready` once its connections are open, starts when it reads a line from standard input,
and prints one line of JSON at the end: the number of `jobs`, the `seconds` that they took, and,
at a fixed rate, `commits`: pairs of a job's number and the time at which its commit returned.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import AsyncExitStack
from random import Random

from benchmarks.queues.system import ClientOptions, Enqueuer
from benchmarks.queues.systems.python_system import PythonClient


class Client:
    """The state that the connections of this process share: job numbers, deadline, commits."""

    def __init__(self, options: ClientOptions) -> None:
        self._options = options
        self._next = options.first
        self._last = options.first + options.jobs
        self._end = time.monotonic() + options.seconds
        self.jobs = 0
        self.commits: list[tuple[int, float]] = []

    def _numbers(self) -> range:
        if time.monotonic() >= self._end:
            return range(0)
        taken = range(self._next, min(self._next + self._options.batch, self._last))
        self._next = taken.stop
        return taken

    async def at_full_speed(self, enqueuer: Enqueuer) -> None:
        """Enqueue without pauses until the numbers or the time run out."""
        while numbers := self._numbers():
            if self._options.batch == 1:
                await enqueuer.one(numbers.start)
            else:
                await enqueuer.many(numbers)
            self.jobs += len(numbers)

    async def at_fixed_rate(self, enqueuer: Enqueuer, phase: float) -> None:
        """Enqueue a job every `interval` seconds, plus or minus a quarter, after `phase` intervals.

        A call that takes longer than the interval does not delay the next ones: the rate is that
        of the users who cause the jobs, and they do not wait.
        """
        interval, jitter = self._options.interval, Random(phase)  # noqa: S311 -- not a secret
        due = time.monotonic() + phase * interval
        while numbers := self._numbers():
            await asyncio.sleep(due + jitter.uniform(-0.25, 0.25) * interval - time.monotonic())
            due += interval
            await enqueuer.one(numbers.start)
            self.commits.append((numbers.start, time.monotonic()))
            self.jobs += 1


async def run_client(system: PythonClient, options: ClientOptions) -> None:
    """Run a client of `system`."""
    async with AsyncExitStack() as stack:
        enqueuers = [
            await stack.enter_async_context(system.enqueuer(options.url))
            for _ in range(options.connections)
        ]
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        started = time.monotonic()
        client = Client(options)
        async with asyncio.TaskGroup() as tasks:
            for position, enqueuer in enumerate(enqueuers):
                if options.interval:
                    phase = position / len(enqueuers)
                    tasks.create_task(client.at_fixed_rate(enqueuer, phase))
                else:
                    tasks.create_task(client.at_full_speed(enqueuer))
        seconds = time.monotonic() - started
    print(json.dumps({"jobs": client.jobs, "seconds": seconds, "commits": client.commits}))
