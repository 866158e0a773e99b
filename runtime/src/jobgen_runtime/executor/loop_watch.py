"""Detect jobs that block the event loop, and log where they are."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager, nullcontext
from contextvars import Context
from dataclasses import dataclass
from types import FrameType

from jobgen_runtime.contract.context import JobContext, current_job
from jobgen_runtime.executor.execution import Execution
from jobgen_runtime.executor.log_context import log_as
from jobgen_runtime.executor.stacks import LOOP_CALLERS, Frames, format_frames

log = logging.getLogger("jobgen.job")

BLOCKED_SECONDS = 1.0
"""Seconds that a job may keep the event loop from running anything else before it is logged."""

_TICK_SECONDS = 0.25
_IDLE_TICK_SECONDS = 0.5
_REMEMBERED_JOBS = 1000

_PACKAGE_FOLDER = __file__.rsplit("executor", 1)[0]
_OWN_CODE = tuple(
    f"{_PACKAGE_FOLDER}{folder}/" for folder in ("executor", "listener", "supervisor", "worker")
)


@dataclass(slots=True)
class _Block:
    """What keeps the event loop busy, and for how long.

    `job` is None if that is not known, as for the callbacks of a library.
    """

    job: JobContext | None
    key: Hashable
    seconds: float = 0.0
    is_reported: bool = False


class LoopWatch:
    """Call the event loop from a thread at intervals, and look at its stack if it does not answer.

    While the worker is idle, the loop is not called: nothing could block it.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, *, is_idle: Callable[[], bool]) -> None:
        """Prepare to watch `loop`. To be called in its thread.

        Args:
            loop: The running loop.
            is_idle: Returns whether no job runs. Called in the thread of the watch.
        """
        self._loop = loop
        self._loop_thread = threading.get_ident()
        self._is_idle = is_idle
        self._has_answered = True
        self._stopping = threading.Event()
        self._reported: deque[Hashable] = deque(maxlen=_REMEMBERED_JOBS)
        self._thread = threading.Thread(target=self._watch, name="loop watch", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread, without waiting for it."""
        self._stopping.set()

    def _watch(self) -> None:
        clock = _Clock(self._loop_thread)
        block: _Block | None = None
        tick = _IDLE_TICK_SECONDS
        while not self._stopping.wait(tick):
            seconds = clock.tick(expected=tick)
            # A job that holds the interpreter lock keeps this thread from running, too.
            has_answered = self._has_answered and seconds < BLOCKED_SECONDS
            found = None if has_answered else self._find_block(block, seconds)
            # The loop may run something else by now without having answered.
            if block is not None and block.is_reported and found is not block:
                _log_end(block, block.seconds + seconds)
            block = found
            tick = self._call_loop()

    def _call_loop(self) -> float:
        """Ask the loop for an answer, unless one is outstanding; return when to check for it."""
        if self._has_answered:
            if self._is_idle():
                return _IDLE_TICK_SECONDS
            self._has_answered = False
            try:
                self._loop.call_soon_threadsafe(self._answer)
            except RuntimeError:
                # The loop is closed.
                self.stop()
        return _TICK_SECONDS

    def _answer(self) -> None:
        self._has_answered = True

    def _find_block(self, block: _Block | None, seconds: float) -> _Block | None:
        """Return what blocks the loop, if anything does; log it after BLOCKED_SECONDS."""
        frame = sys._current_frames().get(self._loop_thread)  # noqa: SLF001 -- documented
        frames = [] if frame is None else _users_frames(frame)
        if frame is None or not frames:
            return None
        job = job_on_loop(self._loop, frame)
        key = frames[0][0].f_code if job is None else job.id
        if block is None or block.key != key:
            block = _Block(job, key)
        block.seconds += seconds
        if block.seconds >= BLOCKED_SECONDS and key not in self._reported:
            self._reported.append(key)
            block.is_reported = True
            _log_block(block, frames)
        return block


class _Clock:
    """The seconds in which the process could run: only in these can a job block the loop."""

    def __init__(self, thread: int) -> None:
        """Start the clock; `thread` is the id of the thread of the loop."""
        self._cpu_clock = (
            time.pthread_getcpuclockid(thread)
            if hasattr(time, "pthread_getcpuclockid")
            else time.CLOCK_PROCESS_CPUTIME_ID
        )
        self._read()

    def tick(self, *, expected: float) -> float:
        """Return the seconds since the last tick.

        If they are many more than expected, because the process or the machine was stopped, or is
        busy with others, only those count in which the loop's thread ran.
        """
        before, cpu_before = self._at, self._cpu_at
        self._read()
        seconds = self._at - before
        return seconds if seconds < 2 * expected else min(self._cpu_at - cpu_before, seconds)

    def _read(self) -> None:
        self._at, self._cpu_at = time.monotonic(), time.clock_gettime(self._cpu_clock)


def job_on_loop(loop: asyncio.AbstractEventLoop, frame: FrameType) -> JobContext | None:
    """Return the job that the loop's thread is running; None if it runs no job.

    Args:
        loop: The event loop.
        frame: The innermost frame of its thread.
    """
    task = asyncio.current_task(loop)
    if sys.version_info >= (3, 12) and task is not None:
        outermost = getattr(task.get_coro(), "cr_frame", None)
        # The loop may have gone on to this task since the frame was its thread's.
        is_below = any(each is outermost for each, _ in traceback.walk_stack(frame))
        return task.get_context().get(current_job) if is_below or outermost is None else None
    # Before Python 3.12, a task does not expose its context variables.
    for each, _ in traceback.walk_stack(frame):
        caller = each.f_locals.get("self") if each.f_code.co_name == "_run" else None
        if isinstance(caller, Execution):
            return caller.context
        if isinstance(caller, asyncio.Handle):
            variables: Context = getattr(caller, "_context")  # noqa: B009 -- not in its stub
            return variables.get(current_job)
    return None


def _users_frames(frame: FrameType) -> Frames:
    """Return the frames that the event loop has called, with their lines, outermost first.

    Empty if it waits, or runs the worker's own code.
    """
    frames: Frames = []
    for each, line in traceback.walk_stack(frame):
        file = each.f_code.co_filename
        if file.startswith(LOOP_CALLERS):
            break
        if file.startswith(_OWN_CODE):
            return []
        frames.append((each, line))
    return frames[::-1]


def _log_block(block: _Block, frames: Frames) -> None:
    with _logging_as(block.job):
        log.warning(
            "%s blocked the event loop for %.1f s: no other async job of this worker runs "
            "meanwhile. Write `def perform`, which runs in a thread, or call what takes long with "
            "`await asyncio.to_thread(…)`. It is at:\n%s",
            "has" if block.job is not None else "code of a job or a library has",
            block.seconds,
            format_frames(frames),
        )


def _log_end(block: _Block, seconds: float) -> None:
    with _logging_as(block.job):
        log.info("the event loop runs again, after about %.1f s", seconds)


def _logging_as(job: JobContext | None) -> AbstractContextManager[None]:
    return nullcontext() if job is None else log_as(job)
