"""Read figures again apart from the requests that show them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable
from contextlib import AbstractAsyncContextManager

from psycopg import Error

from jobgen_runtime.dashboard.database.connections import Session, TimeIsUp

log = logging.getLogger("jobgen.dashboard")

Read = Callable[[Session], Awaitable[None]]


class BackgroundReads:
    """Reads that pages have asked for, one at a time, over one connection.

    A page shows what was read before, and is not held up. What fails is left to a later page, which
    reads it itself and shows the reason.
    """

    def __init__(self, session: Callable[[], AbstractAsyncContextManager[Session]]) -> None:
        """Create it without a connection.

        Args:
            session: Opens a session that changes nothing.
        """
        self._session = session
        self._wanted: dict[Hashable, Read] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self, key: Hashable, read: Read) -> None:
        """Run `read` soon, unless one with the same key waits or runs."""
        loop = asyncio.get_running_loop()
        if self._task is None or self._task.done() or self._task.get_loop() is not loop:
            # What another event loop has left undone is wanted again if a page still shows it.
            self._wanted.clear()
            self._task = loop.create_task(self._run())
        self._wanted.setdefault(key, read)

    def stop(self) -> None:
        """Cancel what is read, and forget what waits."""
        self._wanted.clear()
        if self._task is not None and self._task.get_loop() is asyncio.get_running_loop():
            self._task.cancel()

    async def _run(self) -> None:
        while self._wanted:
            key, read = next(iter(self._wanted.items()))
            try:
                async with self._session() as session:
                    await read(session)
            except (Error, OSError, TimeIsUp) as error:
                log.debug("figures of the dashboard could not be read: %s", error)
            finally:
                self._wanted.pop(key, None)
