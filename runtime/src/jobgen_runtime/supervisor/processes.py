"""Several worker processes under one parent, which holds no connection and loads no job.

The first process shows that the project and its database are fit; then the others start. One that
ends without having been told to is started again. The parent tells a process to end by SIGTERM,
and to hurry over a socket: terminals and service managers send their signals to the children as
well, so that a child cannot count them. A child that reads the socket's end has lost its parent,
and ends.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from asyncio.subprocess import DEVNULL, Process, create_subprocess_exec
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from jobgen_runtime.contract.clock import now
from jobgen_runtime.supervisor.parent import HURRY, READY, read_vitals
from jobgen_runtime.supervisor.restarts import WINDOW, Restarts
from jobgen_runtime.supervisor.vitals import Vitals

log = logging.getLogger("jobgen.worker")

LAST_WORDS = 1.0
"""Seconds that what a process has said may still be under way once it has ended."""

Command = Callable[[int, int], list[str]]
"""The command of a process, from its number and the descriptor of its end of the socket."""


@dataclass(frozen=True)
class _Child:
    process: Process
    writer: asyncio.StreamWriter


class Processes:
    """Keeps `count` processes, numbered from 1, until they are told to end.

    `drain`: they end by themselves, with 0, or 1 if a job failed.
    """

    def __init__(self, count: int, command: Command, *, drain: bool) -> None:
        self._count = count
        self._command = command
        self._drain = drain
        self.vitals = {number: Vitals() for number in range(1, count + 1)}
        """What each has reported; those that have ended for good are left out."""
        self._children: dict[int, _Child] = {}
        self._fit = asyncio.Event()
        """Set once a process was ready."""
        self._ending = asyncio.Event()
        self._code = 0

    async def run(self) -> int:
        """Until all have ended: 0, or 1 if one has failed or the first would not start."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._on_signal)
        kept = [asyncio.ensure_future(self._keep(1))]
        fit = asyncio.ensure_future(self._fit.wait())
        await asyncio.wait({fit, *kept}, return_when=asyncio.FIRST_COMPLETED)
        fit.cancel()
        if self._fit.is_set():
            kept += [asyncio.ensure_future(self._keep(n)) for n in range(2, self._count + 1)]
        await asyncio.gather(*kept)
        return self._code

    async def _keep(self, number: int) -> None:
        restarts = Restarts()
        while not self._ending.is_set():
            code = await self._run(number)
            if self._is_over(code):
                break
            how = _how_it_ended(code)
            wait = restarts.wait(now())
            if wait is None:
                log.critical(
                    "process %d has ended too often within %g s, now by %s: all end",
                    *(number, WINDOW, how),
                )
                self._code = 1
                self._end()
                break
            log.warning("process %d has ended by %s: it is started again", number, how)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), wait)
        del self.vitals[number]

    def _is_over(self, code: int) -> bool:
        if self._ending.is_set():
            # By the signal itself: it had hardly begun.
            self._code = self._code or int(code not in (0, -signal.SIGTERM))
        elif not self._fit.is_set() and code > 0:
            # It has said why it will not start, and so would every other.
            self._code = code
        elif self._drain and code in (0, 1):
            self._code = self._code or code
        else:
            return False
        return True

    async def _run(self, number: int) -> int:
        """One process from its start to its end: its exit code."""
        ours, theirs = socket.socketpair()
        with theirs:
            command = self._command(number, theirs.fileno())
            try:
                process = await create_subprocess_exec(
                    *command, stdin=DEVNULL, pass_fds=[theirs.fileno()]
                )
            except OSError as error:
                log.error("process %d cannot be started: %s", number, error)  # noqa: TRY400 -- says it all
                ours.close()
                return os.EX_OSERR
        reader, writer = await asyncio.open_connection(sock=ours)
        self._children[number] = _Child(process, writer)
        if self._ending.is_set():
            _terminate(process)
        heard = asyncio.ensure_future(self._hear(number, reader))
        code = await process.wait()
        await asyncio.wait({heard}, timeout=LAST_WORDS)
        heard.cancel()
        self.vitals[number] = Vitals()
        del self._children[number]
        writer.close()
        return code

    async def _hear(self, number: int, reader: asyncio.StreamReader) -> None:
        with suppress(OSError):
            async for line in reader:
                if line == READY:
                    self._fit.set()
                else:
                    self.vitals[number] = read_vitals(line)

    def _on_signal(self) -> None:
        if self._ending.is_set():
            for child in self._children.values():
                child.writer.write(HURRY)
        self._end()

    def _end(self) -> None:
        self._ending.set()
        for child in self._children.values():
            _terminate(child.process)


def _terminate(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
