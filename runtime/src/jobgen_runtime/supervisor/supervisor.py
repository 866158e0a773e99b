"""Run several worker processes under one supervisor.

The supervisor holds no connection and loads no job. It starts the first process alone, which shows
whether the project and its database are usable, and then the others. A process that exits without
having been asked to is restarted, at once if it has made way for a fresh one.

To shut down, the supervisor sends SIGTERM; to end the grace period, it writes to a socket. Signals
alone would not be enough: terminals and service managers send theirs to the children as well, so a
child cannot count them. A child that reads the end of the socket has lost its supervisor, and shuts
down.
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
from jobgen_runtime.executor import sigusr1_blocked
from jobgen_runtime.metrics import Counts, Reading
from jobgen_runtime.supervisor.channel import (
    FORCED,
    INSPECT,
    MAX_MESSAGE_BYTES,
    METRICS,
    READY,
    RECYCLE,
    parse_health_signs,
)
from jobgen_runtime.supervisor.health import HealthSigns
from jobgen_runtime.supervisor.process_reports import ProcessReports
from jobgen_runtime.supervisor.restarts import WINDOW_SECONDS, RestartPolicy

log = logging.getLogger("jobgen.worker")

LAST_MESSAGES_TIMEOUT = 1.0
"""Seconds to wait for the messages of a process that has exited."""

Command = Callable[[int, int], list[str]]
"""Makes a process's command line from its number and the file descriptor of its socket."""


@dataclass(frozen=True)
class _Child:
    process: Process
    writer: asyncio.StreamWriter


class Supervisor:
    """Start worker processes, restart those that crash, and shut all down together."""

    def __init__(self, count: int, command: Command, *, drain: bool) -> None:
        """Prepare to run `count` processes, numbered from 1.

        Args:
            count: How many processes to run.
            command: Makes the command line of each process.
            drain: Whether the processes exit by themselves: with 0, or 1 if a job has failed.
        """
        self._count = count
        self._command = command
        self._drain = drain
        self.health_signs = {number: HealthSigns() for number in range(1, count + 1)}
        """The signs that each process has reported, without those that will not be restarted."""
        self.restarts = 0
        """How many processes were restarted after a crash."""
        self._reports = ProcessReports()
        self._children: dict[int, _Child] = {}
        self._recycled: set[int] = set()
        """The processes that have said that they make way for a fresh one."""
        self._first_is_ready = asyncio.Event()
        self._shutting_down = asyncio.Event()
        self._exit_code = 0

    async def run(self) -> int:
        """Run until all processes have exited.

        Returns:
            The exit code: 0, or 1 if a process has failed or the first did not start.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._on_signal)
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self._inspect)
        tasks = [asyncio.ensure_future(self._keep_running(1))]
        ready = asyncio.ensure_future(self._first_is_ready.wait())
        await asyncio.wait({ready, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if self._first_is_ready.is_set():
            others = range(2, self._count + 1)
            tasks += [asyncio.ensure_future(self._keep_running(number)) for number in others]
        await asyncio.gather(*tasks)
        return self._exit_code

    async def collect_metrics(self) -> tuple[Counts, Reading]:
        """Return what all processes have counted, and what the database says about the kinds."""
        writers = {number: child.writer for number, child in self._children.items()}
        return await self._reports.collect(writers)

    async def _keep_running(self, number: int) -> None:
        restarts = RestartPolicy()
        while not self._shutting_down.is_set():
            code = await self._run_process(number)
            if self._has_made_way(number, code):
                log.info("process %d has made way: starting a fresh one", number)
                continue
            if self._is_final_exit(code):
                break
            how = _describe_exit(code)
            delay = restarts.delay_after_exit(now())
            if delay is None:
                log.critical(
                    "process %d has exited too often within %g s, now it %s: shutting down",
                    *(number, WINDOW_SECONDS, how),
                )
                self._exit_code = 1
                self._shut_down()
                break
            log.warning("process %d %s: restarting it", number, how)
            self.restarts += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self._shutting_down.wait(), delay)
        del self.health_signs[number]

    def _has_made_way(self, number: int, code: int) -> bool:
        """Return whether an exit is no crash, but that of a process to be replaced."""
        is_recycled = number in self._recycled
        self._recycled.discard(number)
        return is_recycled and code == 0 and not self._shutting_down.is_set()

    def _is_final_exit(self, code: int) -> bool:
        """Return whether a process that exited with `code` is not to be restarted."""
        if self._shutting_down.is_set():
            # A process that had hardly begun is killed by SIGTERM itself.
            self._exit_code = self._exit_code or int(code not in (0, -signal.SIGTERM))
        elif not self._first_is_ready.is_set() and code > 0:
            # It has logged why it cannot start, and every other would fail likewise.
            self._exit_code = code
        elif self._drain and code in (0, 1):
            self._exit_code = self._exit_code or code
        else:
            return False
        return True

    async def _run_process(self, number: int) -> int:
        """Run one process from start to exit, and return its exit code."""
        ours, theirs = socket.socketpair()
        with theirs:
            command = self._command(number, theirs.fileno())
            try:
                with sigusr1_blocked():
                    process = await create_subprocess_exec(
                        *command, stdin=DEVNULL, pass_fds=[theirs.fileno()]
                    )
            except OSError as error:
                log.error("process %d cannot be started: %s", number, error)  # noqa: TRY400 -- the message is enough
                ours.close()
                return os.EX_OSERR
        reader, writer = await asyncio.open_connection(sock=ours, limit=MAX_MESSAGE_BYTES)
        self._children[number] = _Child(process, writer)
        if self._shutting_down.is_set():
            _terminate(process)
        messages = asyncio.ensure_future(self._read_messages(number, reader))
        code = await process.wait()
        await asyncio.wait({messages}, timeout=LAST_MESSAGES_TIMEOUT)
        messages.cancel()
        self.health_signs[number] = HealthSigns()
        self._reports.process_exited(number)
        del self._children[number]
        writer.close()
        return code

    async def _read_messages(self, number: int, reader: asyncio.StreamReader) -> None:
        with suppress(OSError):
            async for line in reader:
                if line == READY:
                    self._first_is_ready.set()
                elif line == RECYCLE:
                    self._recycled.add(number)
                elif line.startswith(METRICS):
                    self._reports.receive(number, line.removeprefix(METRICS))
                else:
                    self.health_signs[number] = parse_health_signs(line)

    def _on_signal(self) -> None:
        if self._shutting_down.is_set():
            for child in self._children.values():
                child.writer.write(FORCED)
        self._shut_down()

    def _inspect(self) -> None:
        # Not by a signal, which would end a process that has just begun.
        for child in self._children.values():
            child.writer.write(INSPECT)

    def _shut_down(self) -> None:
        self._shutting_down.set()
        for child in self._children.values():
            _terminate(child.process)


def _terminate(process: Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()


def _describe_exit(code: int) -> str:
    if code >= 0:
        return f"exited with code {code}"
    try:
        return f"was killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"was killed by signal {-code}"
