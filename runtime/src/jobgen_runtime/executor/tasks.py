"""Start the task of an attempt, as cheaply as this version of Python allows."""

from __future__ import annotations

import asyncio
import sys
from asyncio import AbstractEventLoop, Task
from collections.abc import Coroutine
from contextvars import Context

Work = Coroutine[None, None, None]

if sys.version_info >= (3, 12):

    def start_task(work: Work, loop: AbstractEventLoop, variables: Context) -> Task[None]:
        """Return a task with these context variables that has run to its first wait.

        An attempt that never waits is over then, without an iteration of the loop.
        """
        return asyncio.Task(work, loop=loop, context=variables, eager_start=True)

else:

    def start_task(work: Work, loop: AbstractEventLoop, variables: Context) -> Task[None]:
        """Return a task with these context variables that starts in the loop's next iteration."""
        return loop.create_task(work, context=variables)
