"""Start the client processes of a measurement together and collect what they did."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from benchmarks.queues.system import ClientOptions, System
from benchmarks.queues.workers import Failure


@dataclass(frozen=True, slots=True)
class Enqueued:
    """The sum of what the clients did; `commits` by job number, if they kept a fixed rate."""

    jobs: int
    seconds: float
    commits: dict[int, float]

    @property
    def rate(self) -> float:
        """The number of jobs enqueued per second."""
        return self.jobs / self.seconds


def enqueue(system: System, options: ClientOptions, processes: int = 1) -> Enqueued:
    """Enqueue as `options` say, with the connections divided among the client processes.

    Raises:
        Failure: A client failed.
    """
    each = replace(
        options,
        connections=options.connections // processes,
        jobs=options.jobs // processes,
    )
    with ExitStack() as stack:
        clients = [
            stack.enter_context(
                _client(system, replace(each, first=options.first + position * each.jobs))
            )
            for position in range(processes)
        ]
        for client in clients:
            client.answer()
        for client in clients:
            client.go()
        results = [json.loads(client.answer()) for client in clients]
    return Enqueued(
        jobs=sum(result["jobs"] for result in results),
        seconds=max(result["seconds"] for result in results),
        commits={number: at for result in results for number, at in result["commits"]},
    )


@dataclass(frozen=True, slots=True)
class _Client:
    name: str
    process: subprocess.Popen[str]
    errors: IO[str]

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def answer(self) -> str:
        assert self.process.stdout is not None
        if line := self.process.stdout.readline():
            return line
        self.errors.seek(0)
        raise Failure(f"The client of {self.name} failed:\n{self.errors.read()}")


@contextmanager
def _client(system: System, options: ClientOptions) -> Iterator[_Client]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(
            system.client_command(options),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=environment,
        ) as process,
    ):
        try:
            yield _Client(system.name, process, errors)
        finally:
            process.kill()
