"""Start tasks without the factory that a job may have given the event loop.

Such a factory may take no context, or raise.
"""

from __future__ import annotations

import asyncio
import sys
from asyncio import Task
from collections.abc import Coroutine
from contextvars import Context
from typing import Any, TypeVar

T = TypeVar("T")

Work = Coroutine[None, None, None]


def start_own_task(work: Coroutine[Any, Any, T]) -> Task[T]:
    """Return a task for the worker's own work, which starts in the loop's next iteration."""
    return asyncio.Task(work, loop=asyncio.get_running_loop())


if sys.version_info >= (3, 12):

    def start_task(work: Work, variables: Context) -> Task[None]:
        """Return a task with these context variables that has run to its first wait.

        An attempt that never waits is over then, without an iteration of the loop.
        """
        loop = asyncio.get_running_loop()
        return asyncio.Task(work, loop=loop, context=variables, eager_start=True)

else:

    def start_task(work: Work, variables: Context) -> Task[None]:
        """Return a task with these context variables that starts in the loop's next iteration."""
        return asyncio.Task(work, loop=asyncio.get_running_loop(), context=variables)
