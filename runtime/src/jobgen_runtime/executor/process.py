"""A plain `perform` in a process of its own: it can be ended, and takes nothing with it."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from jobgen_runtime.contract import JobContext, JobRow, Outcome, TransactionState
from jobgen_runtime.executor.deadline import Deadline
from jobgen_runtime.executor.messages import Attempt, Ended, Ready, Start, pack, receive
from jobgen_runtime.executor.outcomes import ProcessFailed
from jobgen_runtime.job import Job

KILL_AFTER = 5.0
"""Seconds from SIGTERM to SIGKILL."""

START_TIMEOUT = 60.0
"""Seconds that a process has to import the job."""

_PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from jobgen_runtime.executor.child import main; main(*map(int, sys.argv[2:]))"
)


class ProcessRunner:
    """As many processes as slots at most, each reused until it dies or is ended."""

    interruptible = True

    def __init__(self, job: Job[Any], set_up: Callable[[], object], deadline: Deadline) -> None:
        self.job = job
        self._set_up = set_up
        self._deadline = deadline
        self._idle: list[_SlotProcess] = []
        self._closed = False

    async def run(self, record: JobRow, context: JobContext, begin: Callable[[], None]) -> Outcome:
        """Hands the work to an idle process. If cancelled, ends the process and waits for that."""
        await self._prepare()
        begin()
        process = self._idle.pop()
        answer = asyncio.ensure_future(process.run(record, context))
        try:
            outcome = await asyncio.shield(answer)
        except asyncio.CancelledError:
            process.end()
            try:
                return await answer
            finally:
                process.close()
        if self._closed:
            process.close()
        else:
            self._idle.append(process)
        return outcome

    async def _prepare(self) -> None:
        """A process that has imported the job. Raises ProcessFailed."""
        while self._idle and self._idle[-1].dead.done():
            self._idle.pop()
        if not self._idle:
            level = logging.getLogger().getEffectiveLevel()
            self._idle.append(
                await _SlotProcess.start(
                    Start(self._set_up, type(self.job), level), self._deadline.descriptor
                )
            )

    def close(self) -> None:
        """The idle processes end; none is kept any more."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()


class _SlotProcess:
    """One process, and the connection to it."""

    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter

    def __init__(self, deadline: int) -> None:
        loop = self._loop = asyncio.get_running_loop()
        self.dead: asyncio.Future[int] = loop.create_future()
        """Its exit code, once it has one; a signal's number below zero."""
        self._connection, others = socket.socketpair()
        with others:
            program = [sys.executable, "-c", _PROGRAM, json.dumps(sys.path)]
            numbers = (others.fileno(), deadline, os.getpid())
            self._process = subprocess.Popen(
                [*program, *map(str, numbers)],
                stdin=subprocess.DEVNULL,
                pass_fds=[others.fileno(), deadline],
                # Signals to the worker's group are not for it, and its own group can be ended.
                start_new_session=True,
            )
        threading.Thread(target=self._wait, name="slot", daemon=True).start()

    @classmethod
    async def start(cls, start: Start, deadline: int) -> _SlotProcess:
        """A process that is ready. Raises ProcessFailed."""
        process = cls(deadline)
        try:
            async with asyncio.timeout(START_TIMEOUT):
                await process._open(start)
        except TimeoutError:
            process.kill()
            raise ProcessFailed(
                f"The process of a slot did not import the job within {START_TIMEOUT:g} s."
            ) from None
        except BaseException:
            process.kill()
            raise
        return process

    async def _open(self, start: Start) -> None:
        self._reader, self._writer = await asyncio.open_connection(sock=self._connection)
        ready = await self._ask(start)
        assert isinstance(ready, Ready)  # noqa: S101 -- the protocol
        if ready.error is not None:
            raise ProcessFailed(f"The process of a slot cannot run the job:\n{ready.error}")

    async def run(self, record: JobRow, context: JobContext) -> Outcome:
        """How it ended. Raises ProcessFailed if the process died of it."""
        ended = await self._ask(Attempt(record, context))
        assert isinstance(ended, Ended)  # noqa: S101 -- the protocol
        if ended.committed:
            context.state = TransactionState.COMMITTED
        return ended.outcome

    def end(self) -> None:
        """Asks it to end, and kills it if it does not."""
        self._signal(signal.SIGTERM)
        self._loop.call_later(KILL_AFTER, self.kill)

    def kill(self) -> None:
        """Ends it, and all that it has started."""
        self._signal(signal.SIGKILL)

    def close(self) -> None:
        """It ends once it is idle."""
        self._writer.close()

    async def _ask(self, message: object) -> object:
        """The answer; log records that come before it are logged."""
        try:
            data = pack(message)
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            raise ProcessFailed(f"It cannot be handed to another process: {error}") from error
        self._writer.write(data)
        while True:
            answer = await self._receive()
            if not isinstance(answer, logging.LogRecord):
                return answer
            logging.getLogger(answer.name).handle(answer)

    async def _receive(self) -> object:
        reading = self._loop.create_task(receive(self._reader))
        first: set[asyncio.Future[Any]] = {reading, self.dead}
        # Not by the end of the connection alone: what it has started may hold that open.
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        if not reading.done():
            await asyncio.wait({reading}, timeout=1)
        try:
            if reading.done():
                return reading.result()
            reading.cancel()
        except (asyncio.IncompleteReadError, OSError):
            pass
        raise ProcessFailed(_how_it_died(await self.dead))

    def _signal(self, number: signal.Signals) -> None:
        if not self.dead.done():
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)

    def _wait(self) -> None:
        pid = self._process.pid
        if sys.platform != "darwin":
            # What it has started ends with it. Not reaped yet, so that its number is still its own.
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        code = self._process.wait()
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._has_died, code)

    def _has_died(self, code: int) -> None:
        if not self.dead.done():
            self.dead.set_result(code)


def _how_it_died(code: int) -> str:
    if code >= 0:
        return f"Its process ended with exit code {code} before perform had returned."
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = "unknown"
    hint = " The system does so when memory runs out." if -code == signal.SIGKILL else ""
    return f"Its process was ended by signal {-code} ({name}) before perform had returned.{hint}"
