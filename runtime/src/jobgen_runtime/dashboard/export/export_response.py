"""The answer that sends an export while it is read."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncGenerator

from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from jobgen_runtime.dashboard.web.parameters import RequestRefused

MAX_EXPORTS = 2
"""Exports of a dashboard that are under way at a time: pages need its connections, too."""

STALLED_SECONDS = 60.0
"""After how long an export is broken off if its recipient takes nothing of it."""

BUSY = "Other exports are under way. Try again when they have ended."


class Exports:
    """The exports that are under way in this process."""

    def __init__(self) -> None:
        self.count = 0

    def begin(self) -> None:
        """Count another one.

        Raises:
            RequestRefused: There are too many (503).
        """
        if self.count >= MAX_EXPORTS:
            raise RequestRefused(503, BUSY)
        self.count += 1

    def end(self) -> None:
        """Count one less."""
        self.count -= 1


class ExportResponse(StreamingResponse):
    """A file that is sent while it is read. It counts as under way until it is sent or given up."""

    def __init__(
        self,
        chunks: AsyncGenerator[bytes, None],
        exports: Exports,
        *,
        media_type: str,
        filename: str,
    ) -> None:
        disposition = f'attachment; filename="{filename}"'
        super().__init__(
            chunks, media_type=media_type, headers={"Content-Disposition": disposition}
        )
        self._chunks = chunks
        exports.begin()
        # Also ends an export whose answer is never sent.
        self._end = weakref.finalize(self, exports.end)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file."""

        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(STALLED_SECONDS):
                await send(message)

        try:
            await super().__call__(scope, receive, send_in_time)
        finally:
            await self._chunks.aclose()
            self._end()
