"""A task of its own for each attempt, as cheap as this Python can make it."""

from __future__ import annotations

import asyncio
import sys
from asyncio import AbstractEventLoop, Task
from collections.abc import Coroutine

Work = Coroutine[None, None, None]

if sys.version_info >= (3, 12):

    def start_task(work: Work, loop: AbstractEventLoop) -> Task[None]:
        """A task that has come to its first wait: what never waits costs no turn of the loop."""
        return asyncio.Task(work, loop=loop, eager_start=True)

else:

    def start_task(work: Work, loop: AbstractEventLoop) -> Task[None]:
        """A task that begins at the loop's next turn."""
        return loop.create_task(work)
