"""Which event loop a worker runs on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from jobgen_runtime.contract.errors import JobgenRuntimeError

CHOICES = ("auto", "asyncio", "uvloop")


@dataclass(frozen=True, slots=True)
class Loop:
    """An event loop's name, and what makes one for `asyncio.Runner`."""

    name: str
    factory: Callable[[], asyncio.AbstractEventLoop]


def chosen_loop(choice: str) -> Loop:
    """The loop of that choice; `auto` is uvloop where it is installed.

    Raises JobgenRuntimeError for uvloop where it is not.
    """
    if choice == "asyncio" or (choice == "auto" and find_spec("uvloop") is None):
        return Loop("asyncio", asyncio.new_event_loop)
    try:
        new_event_loop = import_module("uvloop").new_event_loop
    except ImportError as error:
        raise JobgenRuntimeError(
            f"uvloop cannot be used: {error}.",
            hint="Install it: `pip install 'jobgen-runtime[uvloop]'`; else take `--loop asyncio`.",
        ) from None
    return Loop("uvloop", new_event_loop)
