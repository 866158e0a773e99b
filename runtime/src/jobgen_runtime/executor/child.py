"""The main program of a child process: it runs one attempt after another, in its main thread.

The child never outlives its worker. The worker's end of the socket closes when the worker ends;
where the system supports it, the kernel kills the child as well, because code that holds the
interpreter lock does not notice a closed socket. The child also ends when the worker, stopped or
hanging, lets the deadline pass after which other workers take its jobs over.
"""

from __future__ import annotations

import asyncio
import contextvars
import ctypes
import faulthandler
import logging
import mmap
import os
import queue
import signal
import socket
import sys
import threading
import time
from collections.abc import Awaitable, Sequence
from types import FrameType
from typing import Any, cast

from jobgen_runtime.contract.clock import now
from jobgen_runtime.contract.context import JobContext, StopReason, TransactionState, current_job
from jobgen_runtime.contract.outcomes import Outcome, Succeeded
from jobgen_runtime.executor.deadline import read_moment
from jobgen_runtime.executor.error_text import format_error
from jobgen_runtime.executor.forks import (
    exit_fork,
    guard_loop,
    guard_process,
    guard_signals,
    hide_from_forks,
    is_fork,
)
from jobgen_runtime.executor.hooks import Performs, with_hooks
from jobgen_runtime.executor.log_context import log_as
from jobgen_runtime.executor.log_forwarding import LogForwarder
from jobgen_runtime.executor.messages import (
    Attempt,
    Ended,
    Ready,
    Start,
    is_stack_request,
    pack,
    receive_body,
    requested_stop,
    unpack,
)
from jobgen_runtime.executor.outcomes import outcome_of
from jobgen_runtime.executor.results import is_awaitable, require_finished
from jobgen_runtime.executor.stacks import task_stack, thread_stack
from jobgen_runtime.executor.variables import variables_factory
from jobgen_runtime.project import import_project_hooks

log = logging.getLogger("jobgen.job")

_PR_SET_PDEATHSIG = 1
"""The option of prctl(2) that sets the signal sent when the parent dies."""

_DEADLINE_CHECK_INTERVAL = 0.2
"""Seconds between two checks of the deadline."""

_IDLE_EXIT_AFTER = 5.0
"""Seconds until an idle child is ended, after its worker has closed the connection."""

_STOP_REASON_SECONDS = 0.5
"""Seconds that SIGTERM waits for the message that says why the worker has sent it: another process
may have sent it."""

_TERMINATED_MESSAGE = "the worker ended this process"


def main(connection: int, deadline: int, parent: int) -> None:
    """Run attempts until the worker closes its end of the socket.

    Args:
        connection: The descriptor of the socket to the worker.
        deadline: The descriptor of the memory of `Deadline`.
        parent: The worker's process id.
    """
    _die_with_parent(parent)
    # The worker asks for stacks through the socket. A handler, because programs that jobs start
    # would inherit that the signal is ignored, or blocked.
    signal.signal(signal.SIGUSR1, lambda _number, _frame: None)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})
    faulthandler.enable()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(line_buffering=True)
    for descriptor in (connection, deadline):
        # Programs that jobs start must not keep them open.
        os.set_inheritable(descriptor, False)
    guard_process()
    _Child(socket.socket(fileno=connection), mmap.mmap(deadline, 0, access=mmap.ACCESS_READ)).run()


class _Child:
    """Receive requests, run `perform` in the main thread, and send outcomes and log records."""

    def __init__(self, connection: socket.socket, deadline: mmap.mmap) -> None:
        self._connection = connection
        hide_from_forks(connection)
        self._deadline = deadline
        self._requests: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._sending = threading.Lock()
        self._may_raise = False
        """Whether the main thread runs the job's code, and is not in the middle of a message."""
        self._terminated = False
        self._busy = threading.Event()
        self._stop_known = threading.Event()
        """Set once the worker has said why it stops the attempt."""
        self._context: JobContext | None = None
        """The context of the attempt that runs; None between attempts."""
        self._loop: asyncio.Runner | None = None
        """One event loop for all attempts, so that they share a pool of connections."""
        self._task: asyncio.Task[object] | None = None
        """The task of an attempt that runs on the event loop."""

    def run(self) -> None:
        self._handle_sigterm()
        threading.Thread(target=self._listen, name="worker", daemon=True).start()
        threading.Thread(target=self._watch_deadline, name="deadline", daemon=True).start()
        job = self._start()
        new_variables = variables_factory()
        while job is not None:
            request = self._requests.get()
            if request is None:
                return
            had_timer = _has_timer()
            # Each job starts with the same context variables.
            self.send(new_variables().run(self._attempt, job, request))
            # The job may have replaced the handler, or set a timer that would end another attempt.
            self._handle_sigterm()
            if not had_timer:
                signal.setitimer(signal.ITIMER_REAL, 0)

    def _handle_sigterm(self) -> None:
        signal.signal(signal.SIGTERM, self._on_terminate)
        guard_signals(runs_several_jobs=False)

    def send(self, message: object) -> None:
        """Send the whole message, even if SIGTERM arrives in the meantime."""
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

    def _start(self) -> Performs | None:
        """Instantiate the job class, inside its hooks.

        Returns:
            None, after sending the reason, if that fails.
        """
        body = self._requests.get()
        if body is None:
            return None
        try:
            start = unpack(body)
            assert isinstance(start, Start)  # noqa: S101 -- the protocol
            logging.basicConfig(
                level=start.log_level, handlers=[LogForwarder(self.send)], force=True
            )
            start.set_up()
            hooks = import_project_hooks(start.hooks_module)
            job = with_hooks(start.job(), cast("Sequence[object]", hooks))
        except BaseException as error:  # noqa: BLE001 -- sent to the worker, whatever it is
            self.send(Ready(format_error(error)))
            return None
        self.send(Ready(None))
        return job

    def _attempt(self, job: Performs, body: bytes) -> Ended:
        self._busy.set()
        number, committed = None, False
        try:
            attempt = unpack(body)
            assert isinstance(attempt, Attempt)  # noqa: S101 -- the protocol
            number = attempt.number
            current_job.set(attempt.context)
            self._context = attempt.context
            outcome = self._perform(job, attempt)
            committed = attempt.context.state is TransactionState.COMMITTED
        except BaseException as error:  # noqa: BLE001 -- whatever a job raises is its outcome
            outcome = outcome_of(error)
        self._busy.clear()
        self._context = None
        return Ended(number, outcome, committed)

    def _perform(self, job: Performs, attempt: Attempt) -> Outcome:
        try:
            self._may_raise = True
            result: object = job.perform(attempt.record)
            if is_awaitable(result):
                self._may_raise = False
                result = self._wait(cast("Awaitable[object]", result))
            require_finished(result)
        except BaseException as error:  # noqa: BLE001 -- whatever a job raises is its outcome
            if is_fork():
                exit_fork(error)
            return outcome_of(error)
        finally:
            self._may_raise = False
        if is_fork():
            exit_fork()
        return Succeeded()

    def _wait(self, result: Awaitable[object]) -> object:
        """Run an awaitable to its end; SIGTERM cancels it, as a worker cancels an async job."""

        async def wait() -> object:
            self._task = asyncio.current_task()
            guard_loop(asyncio.get_running_loop())
            if self._terminated:
                raise SystemExit(_TERMINATED_MESSAGE)
            try:
                return await result
            finally:
                self._task = None

        if self._loop is None:
            self._loop = asyncio.Runner()
        return self._loop.run(wait(), context=contextvars.copy_context())

    def _on_terminate(self, _number: int, _frame: FrameType | None) -> None:
        # An exception runs `finally` blocks, and its traceback says where the job was.
        self._terminated = True
        if self._context is not None:
            self._stop_known.wait(_STOP_REASON_SECONDS)
        if self._task is not None:
            self._task.get_loop().call_soon_threadsafe(self._task.cancel)
        elif self._may_raise:
            raise SystemExit(_TERMINATED_MESSAGE)

    def _listen(self) -> None:
        with self._connection.makefile("rb") as file:
            while (body := _receive(file)) is not None:
                if is_stack_request(body):
                    self._log_stack()
                elif (reason := requested_stop(body)) is not None:
                    self._note_stop(reason)
                else:
                    self._requests.put(body)
        if self._busy.is_set():
            _kill_group()
        self._requests.put(None)
        time.sleep(_IDLE_EXIT_AFTER)
        os._exit(0)

    def _note_stop(self, reason: StopReason) -> None:
        context = self._context
        if context is not None:
            context.stop_reason = reason
        self._stop_known.set()

    def _log_stack(self) -> None:
        context, task = self._context, self._task
        if context is None:
            return
        main = threading.main_thread().ident
        stack = thread_stack(main) if task is None else task_stack(task, main)
        with log_as(context):
            log.warning("is in process %d at:\n%s", os.getpid(), stack)

    def _watch_deadline(self) -> None:
        while self._busy.wait():
            if now() > read_moment(self._deadline):
                sys.stderr.write("jobgen: the worker does not respond; its child process exits\n")
                _kill_group()
            time.sleep(_DEADLINE_CHECK_INTERVAL)


def _has_timer() -> bool:
    return signal.getitimer(signal.ITIMER_REAL)[0] > 0


def _kill_group() -> None:
    """Kill this process and all that its jobs have started, which is its process group."""
    os.killpg(os.getpid(), signal.SIGKILL)


def _receive(file: Any) -> bytes | None:
    try:
        return receive_body(file)
    except OSError:
        return None


def _die_with_parent(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    # The parent may have died before that call.
    if os.getppid() != parent:
        os._exit(1)
