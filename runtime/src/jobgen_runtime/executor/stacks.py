"""Where the code of a job is: the stacks of its task and of its thread, as the log shows them."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import Any

SHOWN_FRAMES = 12
"""Frames of a stack that are shown, the innermost."""

SHOWN_TASKS = 20
"""Tasks that an attempt waits for whose stacks are shown."""

Frames = list[tuple[FrameType, int]]
"""Frames with their current lines, outermost first."""

_PACKAGE_FOLDER = __file__.rsplit("executor", 1)[0]
_CALLERS = tuple(
    f"{_PACKAGE_FOLDER}executor/{name}.py"
    for name in ("child", "execution", "hooks", "results", "runners")
)
"""What calls the code of jobs."""


def format_frames(frames: Frames) -> str:
    """Return a stack as the lines of a traceback, with its innermost frames."""
    shown = traceback.StackSummary.extract(iter(frames[-SHOWN_FRAMES:]))
    return "".join(shown.format()).rstrip()


def thread_stack(thread: int | None) -> str:
    """Return the stack of a thread, from the job's code on; empty if it runs none.

    Args:
        thread: The thread's identifier; None if it is not known.
    """
    frame = None if thread is None else sys._current_frames().get(thread)  # noqa: SLF001 -- documented
    return "" if frame is None else format_frames(_of_job(list(traceback.walk_stack(frame))[::-1]))


def task_stack(task: asyncio.Task[Any], loop_thread: int | None = None) -> str:
    """Return the stack of an attempt's task, and of the tasks that it waits for.

    Args:
        task: The task.
        loop_thread: The thread of the loop, if the caller runs in another one. If the task is
            running, its stack is that of this thread.
    """
    stacks: list[str] = []
    seen: set[asyncio.Future[Any]] = set()
    waiting = [task]
    while waiting and len(seen) < SHOWN_TASKS:
        each = waiting.pop(0)
        if each in seen or each.done():
            continue
        seen.add(each)
        frames = list(_suspended_frames(each.get_coro()))
        if loop_thread is not None and asyncio.current_task(each.get_loop()) is each:
            stack = thread_stack(loop_thread)
        else:
            stack = format_frames(_of_job(frames))
        if stack:
            name = "" if each is task else f"  It waits for the task {each.get_name()}:\n"
            stacks.append(name + stack)
        waiting += _awaited_by(each, frames)
    return "\n".join(stacks)


def _of_job(frames: Frames) -> Frames:
    """Return the frames that this package has called; all if it has called none."""
    last = max(
        (n for n, (frame, _) in enumerate(frames) if _file(frame).startswith(_CALLERS)), default=-1
    )
    return frames[last + 1 :] or frames


def _file(frame: FrameType) -> str:
    return frame.f_code.co_filename


def _suspended_frames(awaited: Any) -> Iterator[tuple[FrameType, int]]:
    """Yield the frames of a coroutine that waits, and of those that it awaits."""
    while awaited is not None:
        for prefix in ("cr", "gi", "ag"):
            frame: FrameType | None = getattr(awaited, f"{prefix}_frame", None)
            if frame is not None:
                yield frame, frame.f_lineno
                name = f"{prefix}_yieldfrom" if prefix == "gi" else f"{prefix}_await"
                awaited = getattr(awaited, name, None)
                break
        else:
            return


def _awaited_by(task: asyncio.Task[Any], frames: Frames) -> Iterable[asyncio.Task[Any]]:
    """Return the tasks that a task waits for: itself, in a `gather`, or in a TaskGroup."""
    waiter: Any = getattr(task, "_fut_waiter", None)
    candidates = [waiter, *getattr(waiter, "_children", ())]
    for frame, _ in frames:
        group = frame.f_locals.get("self")
        if isinstance(group, asyncio.TaskGroup):
            candidates += getattr(group, "_tasks", ())
    return [each for each in candidates if isinstance(each, asyncio.Task)]
