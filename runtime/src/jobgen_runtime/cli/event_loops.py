"""The event loops that a worker can run on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from jobgen_runtime.contract.errors import JobgenRuntimeError

EVENT_LOOPS = ("auto", "asyncio", "uvloop")


@dataclass(frozen=True, slots=True)
class EventLoop:
    """An event loop's name, and its factory for `asyncio.Runner`."""

    name: str
    factory: Callable[[], asyncio.AbstractEventLoop]


def choose_event_loop(choice: str) -> EventLoop:
    """Return the event loop for one of EVENT_LOOPS; `auto` is uvloop if it is installed.

    Raises:
        JobgenRuntimeError: uvloop was chosen but is not installed.
    """
    if choice == "asyncio" or (choice == "auto" and find_spec("uvloop") is None):
        return EventLoop("asyncio", asyncio.new_event_loop)
    try:
        new_event_loop = import_module("uvloop").new_event_loop
    except ImportError as error:
        raise JobgenRuntimeError(
            f"uvloop cannot be used: {error}.",
            hint="Install it with `pip install 'jobgen-runtime[uvloop]'`, or use `--loop asyncio`.",
        ) from None
    return EventLoop("uvloop", new_event_loop)
