"""Keep the processes that jobs fork apart from the process that runs the jobs.

A forked process starts as a copy of the worker, or of a job process: with its connections, its
signal handlers and its event loop in mid-iteration. `multiprocessing` forks by default on Linux
before Python 3.14. In such a process

- the descriptors that belong to the worker lead nowhere, so that it cannot speak for the worker and
  does not keep a connection or a port open that the worker has closed;
- SIGTERM and SIGINT have their default effect: a handler of an event loop would pass them on to the
  worker. Only a job that has its process to itself passes on a handler that it has installed;
- whatever leaves `perform` exits, with the code of `sys.exit`, instead of carrying on as a worker.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import os
import signal
import sys
import threading
import traceback
from collections import deque
from contextlib import suppress
from typing import Any, NoReturn
from weakref import WeakSet

from jobgen_runtime.contract.descriptors import HasDescriptor, redirect_to_null
from jobgen_runtime.executor.exits import exit_now

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
"""The signals that a worker or a job process handles itself."""


class _Guard:
    """The state of a guarded process, for what a fork of it must undo.

    Attributes:
        is_fork: Whether this process was forked from the one that is guarded.
        pid: The guarded process; 0 while there is none.
        hidden: What holds the descriptors that only the guarded process may use.
        handlers: The guarded process's own handlers of signals.
        runs_several_jobs: Whether jobs of the guarded process run at the same time: then a handler
            that one of them has installed is not meant for the processes of the others.
    """

    def __init__(self) -> None:
        self.is_fork = False
        self.pid = 0
        self.hidden: WeakSet[Any] = WeakSet()
        self.handlers: dict[int, Any] = {}
        self.runs_several_jobs = False
        self.loop: asyncio.AbstractEventLoop | None = None
        self._masks = threading.local()

    def before(self) -> None:
        # A signal that reached the new process before `in_child` would be taken for the worker's.
        self._masks.previous = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)

    def in_parent(self) -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, self._masks.previous)

    def in_child(self) -> None:
        self.is_fork = True
        with suppress(Exception):
            signal.set_wakeup_fd(-1)
            self._reset_handlers()
        with suppress(Exception):
            redirect_to_null(list(self.hidden))
        if self.loop is not None:
            with suppress(Exception):
                _abandon(self.loop)
        _end_at_lost_interrupts()
        signal.pthread_sigmask(signal.SIG_SETMASK, self._masks.previous)

    def _reset_handlers(self) -> None:
        defaults: dict[int, Any] = {signal.SIGINT: signal.default_int_handler}
        for number, handler in self.handlers.items():
            if self.runs_several_jobs or signal.getsignal(number) == handler:
                signal.signal(number, defaults.get(number, signal.SIG_DFL))


guard = _Guard()
"""The guard of this process. Hot paths read its `is_fork` instead of calling `is_fork()`."""


def guard_process() -> None:
    """Apply the rules of this module to all that is forked from this process from now on."""
    if not guard.pid:
        os.register_at_fork(
            before=guard.before,
            after_in_parent=guard.in_parent,
            after_in_child=guard.in_child,
        )
    guard.pid = os.getpid()


def guard_signals(*, runs_several_jobs: bool) -> None:
    """Note the present handlers of SIGTERM and SIGINT as this process's own, not a job's.

    Args:
        runs_several_jobs: Whether forked processes lose other handlers, too. A job that ignores
            SIGTERM would let the `multiprocessing.Pool` of another one wait for ever.
    """
    guard.handlers = {number: signal.getsignal(number) for number in _SIGNALS}
    guard.runs_several_jobs = runs_several_jobs


def guard_loop(loop: asyncio.AbstractEventLoop) -> None:
    """Note the event loop that only this process may run."""
    guard.loop = loop


def hide_from_forks(*sources: HasDescriptor) -> None:
    """Make file descriptors useless in forked processes.

    Args:
        sources: Objects whose `fileno` returns the present descriptor, or a negative number, or
            raises any exception if there is none. They are not kept alive.
    """
    guard.hidden.update(sources)


def is_fork() -> bool:
    """Return whether this process was forked from a guarded one, by whatever means."""
    return guard.is_fork or (guard.pid != 0 and os.getpid() != guard.pid)


def exit_fork(error: BaseException | None = None) -> NoReturn:
    """End a forked process that has left `perform`, as a Python program ends.

    Args:
        error: What `perform` raised. SystemExit decides the exit code.
    """
    code = 1
    try:
        code = _exit_code(error)
        for thread in threading.enumerate():
            if thread is not threading.current_thread() and not thread.daemon:
                thread.join()
    finally:
        exit_now(code)


def _exit_code(error: BaseException | None) -> int:
    match error:
        case None:
            return 0
        case SystemExit(code=None):
            return 0
        case SystemExit(code=int() as code):
            return code & 0xFF
        case SystemExit(code=message):
            sys.stderr.write(f"{message}\n")
        case _:
            traceback.print_exception(error)
    return 1


def _end_at_lost_interrupts() -> None:
    """Let Ctrl-C end this process also where Python cannot raise KeyboardInterrupt.

    That is so until the hooks of the fork have run, of which this module's is not the last, and in
    finalizers: there, Python only reports the exception.
    """
    report = sys.unraisablehook

    def end_if_interrupted(unraisable: sys.UnraisableHookArgs) -> None:
        if unraisable.exc_type is KeyboardInterrupt:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGINT)
        report(unraisable)

    sys.unraisablehook = end_if_interrupted


def _abandon(loop: asyncio.AbstractEventLoop) -> None:
    """Make the fork exit as soon as it returns to the worker's event loop, or reports to it.

    Only this process's copy of the loop is changed, but it shares the loop's selector and sockets
    with the worker.
    """

    def leave(*arguments: object, **_options: object) -> NoReturn:
        exit_fork(_error_among(arguments))

    loop.call_soon = loop.call_soon_threadsafe = leave  # type: ignore[method-assign]  # in this copy of it
    ready = getattr(loop, "_ready", None)
    if isinstance(ready, deque):
        # The loop of asyncio is in an iteration with this many callbacks left.
        setattr(loop, "_run_once", leave)  # noqa: B010 -- not part of its type
        handles = [asyncio.Handle(leave, (), loop) for _ in ready]
        ready.clear()
        ready.extend(handles)


def _error_among(arguments: tuple[object, ...]) -> BaseException | None:
    """Return the exception that a callback was to report, which ends a task or a thread's call."""
    for argument in arguments:
        if (
            isinstance(argument, asyncio.Future | concurrent.futures.Future)
            and argument.done()
            and not argument.cancelled()
        ):
            return argument.exception()
    return None
