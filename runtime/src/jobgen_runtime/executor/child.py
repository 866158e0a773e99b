"""The process of one slot: runs one `perform` after another, in its main thread.

It ends with its worker, whatever ends that: the worker's end of the socket closes then, and where
the system can, the kernel kills it too (code that holds the interpreter would not notice). It also
ends when its worker, stopped or hanging, lets the deadline pass after which others take its jobs.
"""

from __future__ import annotations

import asyncio
import ctypes
import faulthandler
import inspect
import logging
import mmap
import os
import queue
import signal
import socket
import sys
import threading
import time
from collections.abc import Awaitable
from types import FrameType
from typing import Any

from jobgen_runtime.contract import Outcome, Succeeded, TransactionState, current_job
from jobgen_runtime.contract.clock import now
from jobgen_runtime.executor.deadline import read_moment
from jobgen_runtime.executor.errors import describe
from jobgen_runtime.executor.messages import (
    Attempt,
    Ended,
    Ready,
    Start,
    pack,
    receive_body,
    unpack,
)
from jobgen_runtime.executor.outcomes import outcome_of
from jobgen_runtime.job import Job

_DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of prctl(2)."""

_DEADLINE_CHECK_SECONDS = 0.2
"""Seconds from one look at the deadline to the next."""

_IDLE_EXIT_AFTER = 5.0
"""Seconds that an idle process has for its end, once its worker has closed the connection."""


def main(connection: int, deadline: int, parent: int) -> None:
    """Runs until the socket's other end closes."""
    _die_with(parent)
    faulthandler.enable()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(line_buffering=True)
    _Slot(socket.socket(fileno=connection), mmap.mmap(deadline, 0, access=mmap.ACCESS_READ)).run()


class _Slot:
    def __init__(self, connection: socket.socket, deadline: mmap.mmap) -> None:
        self._connection = connection
        self._deadline = deadline
        self._orders: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._sending = threading.Lock()
        self._may_raise = False
        """Whether the main thread is in the user's code, and not in the midst of a message."""
        self._terminated = False
        self._busy = threading.Event()

    def run(self) -> None:
        signal.signal(signal.SIGTERM, self._on_terminate)
        threading.Thread(target=self._listen, name="worker", daemon=True).start()
        threading.Thread(target=self._watch, name="deadline", daemon=True).start()
        job = self._start()
        while job is not None:
            order = self._orders.get()
            if order is None:
                return
            self.send(self._attempt(job, order))

    def send(self, message: object) -> None:
        """Sends it whole, even if this process is being ended."""
        data = pack(message)
        main = threading.current_thread() is threading.main_thread()
        could_raise = self._may_raise
        if main:
            self._may_raise = False
        try:
            with self._sending:
                self._connection.sendall(data)
        finally:
            if main:
                self._may_raise = could_raise
        if main and could_raise and self._terminated:
            raise SystemExit(_TERMINATED_MESSAGE)

    def _start(self) -> Job[Any] | None:
        """The job's one object; None if it cannot be had, which is said."""
        body = self._orders.get()
        if body is None:
            return None
        try:
            start = unpack(body)
            assert isinstance(start, Start)  # noqa: S101 -- the protocol
            logging.basicConfig(level=start.log_level, handlers=[_Forward(self)], force=True)
            start.set_up()
            job = start.job()
        except BaseException as error:  # noqa: BLE001 -- said to the worker, whatever it is
            self.send(Ready(describe(error)))
            return None
        self.send(Ready(None))
        return job

    def _attempt(self, job: Job[Any], body: bytes) -> Ended:
        self._busy.set()
        committed = False
        try:
            attempt = unpack(body)
            assert isinstance(attempt, Attempt)  # noqa: S101 -- the protocol
            current_job.set(attempt.context)
            outcome = self._perform(job, attempt)
            committed = attempt.context.state is TransactionState.COMMITTED
        except BaseException as error:  # noqa: BLE001 -- whatever a job does must end as its outcome
            outcome = outcome_of(error)
        self._busy.clear()
        return Ended(outcome, committed)

    def _perform(self, job: Job[Any], attempt: Attempt) -> Outcome:
        try:
            self._may_raise = True
            result = job.perform(attempt.record)
            if inspect.isawaitable(result):
                asyncio.run(_wait(result))
        except BaseException as error:  # noqa: BLE001 -- whatever a job does must end as its outcome
            return outcome_of(error)
        finally:
            self._may_raise = False
        return Succeeded()

    def _on_terminate(self, _number: int, _frame: FrameType | None) -> None:
        # As an exception, so that `finally` has its turn, and the error says where it was.
        self._terminated = True
        if self._may_raise:
            raise SystemExit(_TERMINATED_MESSAGE)

    def _listen(self) -> None:
        with self._connection.makefile("rb") as file:
            while (body := _next(file)) is not None:
                self._orders.put(body)
        if self._busy.is_set():
            _end_group()
        self._orders.put(None)
        time.sleep(_IDLE_EXIT_AFTER)
        os._exit(0)

    def _watch(self) -> None:
        while self._busy.wait():
            if now() > read_moment(self._deadline):
                sys.stderr.write("jobgen: the worker has fallen silent, so its process ends\n")
                _end_group()
            time.sleep(_DEADLINE_CHECK_SECONDS)


def _end_group() -> None:
    os.killpg(os.getpid(), signal.SIGKILL)


_TERMINATED_MESSAGE = "the worker ended it"


def _next(file: Any) -> bytes | None:
    try:
        return receive_body(file)
    except OSError:
        return None


async def _wait(result: Awaitable[object]) -> None:
    await result


class _Forward(logging.Handler):
    """Hands log records to the worker, whose handlers decide what becomes of them."""

    def __init__(self, slot: _Slot) -> None:
        super().__init__()
        self._slot = slot
        self._formatter = logging.Formatter()

    def emit(self, record: logging.LogRecord) -> None:
        """Sends it, as text where it holds objects."""
        try:
            plain = logging.makeLogRecord(record.__dict__)
            plain.msg, plain.args = record.getMessage(), None
            if record.exc_info and not record.exc_text:
                plain.exc_text = self._formatter.formatException(record.exc_info)
            plain.exc_info = None
            for name, value in plain.__dict__.items():
                if not isinstance(value, str | int | float | None):
                    plain.__dict__[name] = repr(value)
            self._slot.send(plain)
        except Exception:  # noqa: BLE001 -- as logging's own handlers do
            self.handleError(record)


def _die_with(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    # It may have died before that call.
    if os.getppid() != parent:
        os._exit(1)
