"""The worker's side of one child process, and of the connection to it."""

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
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from jobgen_runtime.contract.context import JobContext, StopReason, TransactionState
from jobgen_runtime.contract.outcomes import Outcome
from jobgen_runtime.contract.states import JobRow
from jobgen_runtime.executor.forks import hide_from_forks
from jobgen_runtime.executor.messages import LOG_STACK, Attempt, Ended, Ready, Start, pack, receive
from jobgen_runtime.executor.outcomes import AttemptNotSent, ProcessFailed
from jobgen_runtime.executor.spawning import sigusr1_blocked
from jobgen_runtime.executor.tasks import start_own_task

KILL_AFTER_SECONDS = 5.0
"""Seconds from SIGTERM to SIGKILL, when an attempt is asked to stop."""

START_TIMEOUT_SECONDS = 60.0
"""Seconds that a child has to import the job and instantiate it."""

_READ_SECONDS_AFTER_DEATH = 1.0
"""Seconds to read what a dead child has sent before it died."""

# The runtime's modules stay until the end. Collections that look at them take a fifth of the start.
_PROGRAM = (
    "import gc, importlib, json, sys; sys.path[:], imports = json.loads(sys.argv[1]); "
    "gc.disable(); from jobgen_runtime.executor.child import main; gc.freeze(); gc.enable(); "
    "[importlib.import_module(name) for name in imports]; main(*map(int, sys.argv[2:]))"
)


class ChildProcess:
    """A process that runs one attempt after another.

    Attributes:
        dead: Its exit code, once it has ended: the negative number of the signal that killed it, or
            None if code of a job has taken it.
    """

    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter | None = None

    def __init__(self, deadline: int, imports: Sequence[str]) -> None:
        loop = self._loop = asyncio.get_running_loop()
        self.dead: asyncio.Future[int | None] = loop.create_future()
        self._attempts = 0
        self._is_killed = False
        self._connection, others = socket.socketpair()
        hide_from_forks(self._connection)
        with others, sigusr1_blocked():
            program = [sys.executable, "-c", _PROGRAM, json.dumps([sys.path, imports])]
            numbers = (others.fileno(), deadline, os.getpid())
            self._process = subprocess.Popen(
                [*program, *map(str, numbers)],
                stdin=subprocess.DEVNULL,
                pass_fds=[others.fileno(), deadline],
                # Keeps signals to the worker's group away, and makes what jobs start killable.
                start_new_session=True,
            )
        threading.Thread(target=self._wait_for_death, name="slot", daemon=True).start()

    @classmethod
    async def start(cls, start: Start, deadline: int, imports: Sequence[str]) -> ChildProcess:
        """Return a child that is ready to run attempts.

        Raises:
            ProcessFailed: It did not become ready.
        """
        child = cls(deadline, imports)
        try:
            async with asyncio.timeout(START_TIMEOUT_SECONDS):
                await child._open(start)
        except TimeoutError:
            child.kill()
            child.close()
            raise ProcessFailed(
                f"The child process did not import the job within {START_TIMEOUT_SECONDS:g} s."
            ) from None
        except BaseException:
            child.kill()
            child.close()
            raise
        return child

    async def _open(self, start: Start) -> None:
        self._reader, self._writer = await asyncio.open_connection(sock=self._connection)
        ready = await self._request(start)
        assert isinstance(ready, Ready)  # noqa: S101 -- the protocol
        if ready.error is not None:
            raise ProcessFailed(f"The child process cannot run the job:\n{ready.error}")

    async def run(self, record: JobRow, context: JobContext) -> Outcome:
        """Run an attempt and return its outcome.

        Raises:
            ProcessFailed: The child died, or the record cannot be sent to it.
        """
        self._attempts += 1
        ended = await self._request(Attempt(self._attempts, record, context))
        while isinstance(ended, Ended) and ended.number not in (self._attempts, None):
            ended = await self._next_answer()
        assert isinstance(ended, Ended)  # noqa: S101 -- the protocol
        if ended.committed:
            context.state = TransactionState.COMMITTED
        return ended.outcome

    @property
    def pid(self) -> int:
        """Return the child's process id."""
        return self._process.pid

    def request_stack(self) -> None:
        """Ask the child to log the stack of the attempt that it runs. In any thread."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._send_stack_request)

    def _send_stack_request(self) -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(pack(LOG_STACK))

    def terminate(self, reason: StopReason | None) -> None:
        """Ask the child to end, and kill it if it has not after KILL_AFTER_SECONDS.

        Args:
            reason: Why, for the code of the job; None if that is not known.
        """
        if reason is not None and self._writer is not None and not self._writer.is_closing():
            self._writer.write(pack(reason))
        self._signal(signal.SIGTERM)
        self._loop.call_later(KILL_AFTER_SECONDS, self.kill)

    def kill(self) -> None:
        """Kill the child, and all that its jobs have started."""
        self._is_killed = True
        self._signal(signal.SIGKILL)

    def close(self) -> None:
        """Close the connection, so that the child ends once it is idle."""
        if self._writer is None:
            self._connection.close()
        else:
            self._writer.close()

    async def _request(self, message: object) -> object:
        """Send a message and return the next answer."""
        try:
            data = pack(message)
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            raise AttemptNotSent(
                f"The record cannot be sent to the child process: {error}"
            ) from error
        assert self._writer is not None  # noqa: S101 -- it is open
        self._writer.write(data)
        return await self._next_answer()

    async def _next_answer(self) -> object:
        """Return the next answer; log the records that arrive before it."""
        while True:
            answer = await self._receive()
            if not isinstance(answer, logging.LogRecord):
                return answer
            # A filter or a handler of the application may raise anything.
            with suppress(Exception):
                logging.getLogger(answer.name).handle(answer)

    async def _receive(self) -> object:
        reading = start_own_task(receive(self._reader))
        reading.add_done_callback(_retrieve_exception)
        first: set[asyncio.Future[Any]] = {reading, self.dead}
        try:
            # The end of the connection is not enough: what the job has started may hold it open.
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                await asyncio.wait({reading}, timeout=_READ_SECONDS_AFTER_DEATH)
            if reading.done():
                return reading.result()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            reading.cancel()
        raise ProcessFailed(_death_message(await self.dead, by_worker=self._is_killed))

    def _signal(self, number: signal.Signals) -> None:
        if not self.dead.done():
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)

    def _wait_for_death(self) -> None:
        pid, is_known = self._process.pid, True
        if sys.platform != "darwin":
            try:
                os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
            except ChildProcessError:
                # A job waits for any child of the worker, or makes it ignore SIGCHLD.
                is_known = False
            else:
                # Kill what the job has started. The child is not reaped yet: its id is not reused.
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, signal.SIGKILL)
        code = self._process.wait()
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._on_death, code if is_known else None)

    def _on_death(self, code: int | None) -> None:
        if not self.dead.done():
            self.dead.set_result(code)


def _retrieve_exception(reading: asyncio.Task[object]) -> None:
    """Keep asyncio from logging the error of a read that was cancelled as its child died."""
    if not reading.cancelled():
        reading.exception()


def _death_message(code: int | None, *, by_worker: bool) -> str:
    if code is None:
        return (
            "The child process ended before perform returned. Its exit code is unknown, because "
            "code in the worker's process waits for any child (os.wait), or ignores SIGCHLD."
        )
    if by_worker and code == -signal.SIGKILL:
        return (
            f"The child process did not end within {KILL_AFTER_SECONDS:g} s of SIGTERM, so the "
            "worker killed it."
        )
    if code >= 0:
        return f"The child process exited with code {code} before perform returned."
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = "unknown"
    hint = " The system does this when it runs out of memory." if -code == signal.SIGKILL else ""
    return f"The child process was killed by signal {-code} ({name}) before perform returned.{hint}"
