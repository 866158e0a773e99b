"""Ask worker processes for their metrics, and keep what those that have exited had counted."""

from __future__ import annotations

import asyncio
import json
from asyncio import StreamWriter
from collections.abc import Mapping
from contextlib import suppress

from jobgen_runtime.contract.clock import now
from jobgen_runtime.metrics import FIGURES_TIMEOUT, Counts, Reading
from jobgen_runtime.supervisor.channel import SEND_COUNTS, SEND_FIGURES


class ProcessReports:
    """The latest metrics of each worker process. All methods run on the supervisor's loop."""

    def __init__(self) -> None:
        """Start without any."""
        self._counts: dict[int, Counts] = {}
        self._ended = Counts()
        self._reading = Reading()
        self._expected: set[object] = set()
        """The processes that have not answered yet, and the reading if that has not come."""
        self._complete = asyncio.Event()
        self._reader: int | None = None
        """The process that reads the database for all, as long as it answers."""
        self._silent: set[int] = set()
        """The processes that did not answer last time, such as one that was stopped."""
        self._asking = asyncio.Lock()

    async def collect(self, writers: Mapping[int, StreamWriter]) -> tuple[Counts, Reading]:
        """Return the metrics of all processes together; wait for them for a moment.

        Args:
            writers: The channel to each process that runs.
        """
        async with self._asking:
            if writers:
                await self._ask(writers)
            return Counts.total(self._counts.values(), [self._ended]), self._reading.at(now())

    def receive(self, number: int, message: bytes) -> None:
        """Take the message of a process that begins with METRICS."""
        content = json.loads(message)
        if "counts" in content:
            self._counts[number] = Counts.of_message(content["counts"])
            self._note_answers(number)
        else:
            self._reading = Reading.of_message(content["reading"])
            self._note_answers(Reading)

    def process_exited(self, number: int) -> None:
        """Keep what a process had counted."""
        self._ended = Counts.total([], [self._ended, self._counts.pop(number, Counts())])
        self._silent.discard(number)
        if self._reader == number:
            self._reader = None
            self._note_answers(number, Reading)
        else:
            self._note_answers(number)

    def _note_answers(self, *received: object) -> None:
        self._expected.difference_update(received)
        if not self._expected:
            self._complete.set()

    async def _ask(self, writers: Mapping[int, StreamWriter]) -> None:
        if self._reader not in writers or self._reader in self._silent:
            self._reader = min(writers, key=lambda number: (number in self._silent, number))
        self._expected = {*writers, Reading}
        self._complete.clear()
        for number, writer in writers.items():
            writer.write(SEND_FIGURES if number == self._reader else SEND_COUNTS)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._complete.wait(), FIGURES_TIMEOUT)
        self._silent = {number for number in writers if number in self._expected}
