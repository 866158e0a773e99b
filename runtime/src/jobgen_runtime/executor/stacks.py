"""Where the code of a job is: the stacks of its task and of its thread, as the log shows them."""

from __future__ import annotations

import asyncio
import os
import sys
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

SHOWN_FRAMES = 12
"""Frames of a stack that are shown, the innermost."""

SHOWN_TASKS = 20
"""Tasks that an attempt waits for whose stacks are shown."""

Frames = list[tuple[FrameType, int]]
"""Frames with their current lines, outermost first."""

_PACKAGE_FOLDER = __file__.rsplit("executor", 1)[0]
_STANDARD_FOLDERS = (f"{Path(os.__file__).parent}/", "<frozen ")
_LIBRARY_FOLDERS = tuple(
    f"{_STANDARD_FOLDERS[0]}{name}/" for name in ("site-packages", "dist-packages")
)

CALLERS = tuple(
    f"{_PACKAGE_FOLDER}executor/{name}.py"
    for name in ("child", "execution", "hooks", "results", "runners")
)
"""What calls the code of jobs."""

LOOP_CALLERS = (
    *CALLERS,
    f"{_PACKAGE_FOLDER}cli/event_loops.py",
    *(f"{asyncio.__path__[0]}/{name}.py" for name in ("base_events", "events", "runners")),
)
"""What calls the code of jobs and libraries on the event loop."""


def format_frames(frames: Frames) -> str:
    """Return a stack as the lines of a traceback, with its innermost frames."""
    shown = traceback.StackSummary.extract(iter(frames[-SHOWN_FRAMES:]))
    return "".join(shown.format()).rstrip()


def thread_stack(thread: int | None) -> str:
    """Return the stack of a thread, from the job's code on; empty if it runs none.

    Args:
        thread: The thread's identifier; None if it is not known.
    """
    return format_frames(_called_by(CALLERS, _thread_frames(thread)))


def loop_stack(frame: FrameType) -> str:
    """Return what the event loop has called; all of its thread's stack if nothing.

    Args:
        frame: The innermost frame of the loop's thread.
    """
    return format_frames(_called_by(LOOP_CALLERS, list(traceback.walk_stack(frame))[::-1]))


def other_thread_stack(frame: FrameType) -> str:
    """Return the stack of a thread that runs no job; empty if it runs for Python or this package.

    Args:
        frame: The thread's innermost frame.
    """
    frames = list(traceback.walk_stack(frame))[::-1]
    if any(_file(each).startswith(CALLERS) for each, _ in frames):
        return ""
    frames = _after(LOOP_CALLERS, frames)
    return format_frames(frames) if _is_for_others(frames) else ""


def own_tasks(task: asyncio.Task[Any]) -> list[asyncio.Task[Any]]:
    """Return an attempt's task and the tasks that it waits for, directly or not."""
    found: list[asyncio.Task[Any]] = []
    waiting = [task]
    while waiting and len(found) < SHOWN_TASKS:
        each = waiting.pop(0)
        if each not in found and not each.done():
            found.append(each)
            waiting += _awaited_by(each)
    return found


def runs_others_code(task: asyncio.Task[Any]) -> bool:
    """Return whether a task was begun for code that is neither Python's nor this package's."""
    return _is_for_others(_suspended_frames(task.get_coro()))


def task_stack(task: asyncio.Task[Any], loop_thread: int | None = None) -> str:
    """Return the stack of an attempt's task, and of the tasks that it waits for.

    Args:
        task: The task.
        loop_thread: The thread of the loop, if the caller runs in another one. If the task is
            running, its stack is that of this thread.
    """
    stacks: list[str] = []
    for each in own_tasks(task):
        # The loop goes on meanwhile, so what is asked twice may be answered for two tasks.
        of_thread, own = _thread_frames(loop_thread), list(_suspended_frames(each.get_coro()))
        if own and any(frame is own[0][0] for frame, _ in of_thread):
            stack = format_frames(_called_by(LOOP_CALLERS, of_thread))
        else:
            stack = format_frames(_called_by(CALLERS, own))
        if stack:
            name = "" if each is task else f"  It waits for the task {each.get_name()}:\n"
            stacks.append(name + stack)
    return "\n".join(stacks)


def _thread_frames(thread: int | None) -> Frames:
    frame = None if thread is None else sys._current_frames().get(thread)  # noqa: SLF001 -- documented
    return [] if frame is None else list(traceback.walk_stack(frame))[::-1]


def _called_by(callers: tuple[str, ...], frames: Frames) -> Frames:
    """Return the frames after the last one of these files; all if there is none after it."""
    return _after(callers, frames) or frames


def _after(callers: tuple[str, ...], frames: Frames) -> Frames:
    last = max(
        (n for n, (frame, _) in enumerate(frames) if _file(frame).startswith(callers)), default=-1
    )
    return frames[last + 1 :]


def _is_for_others(frames: Iterable[tuple[FrameType, int]]) -> bool:
    """Return whether others' code is the outermost: the worker's own waits inside the driver."""
    first = next((each for each in frames if not _is_standard(each)), None)
    return first is not None and _is_others(first)


def _is_others(item: tuple[FrameType, int]) -> bool:
    return not _is_standard(item) and not _file(item[0]).startswith(_PACKAGE_FOLDER)


def _is_standard(item: tuple[FrameType, int]) -> bool:
    file = _file(item[0])
    return file.startswith(_STANDARD_FOLDERS) and not file.startswith(_LIBRARY_FOLDERS)


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


def _awaited_by(task: asyncio.Task[Any]) -> Iterable[asyncio.Task[Any]]:
    """Return the tasks that a task waits for: itself, in a `gather`, or in a TaskGroup."""
    waiter: Any = getattr(task, "_fut_waiter", None)
    candidates = [waiter, *getattr(waiter, "_children", ())]
    for frame, _ in _suspended_frames(task.get_coro()):
        group = frame.f_locals.get("self")
        if isinstance(group, asyncio.TaskGroup):
            candidates += getattr(group, "_tasks", ())
    return [each for each in candidates if isinstance(each, asyncio.Task)]
