"""Answer a browser while the program that serves it does not run."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

_REQUEST_SECONDS = 2.0
_BODY = b"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="1">
<title>Not running</title>
<p>Nothing serves this page at the moment. The terminal of <code>jobgen dev</code> says why.</p>
<p>This page loads again by itself.</p>
</html>
"""
_ANSWER = (
    b"HTTP/1.1 503 Service Unavailable\r\n"
    b"Content-Type: text/html; charset=utf-8\r\n"
    b"Cache-Control: no-store\r\n"
    b"Connection: close\r\n"
    b"Content-Length: %d\r\n\r\n" % len(_BODY)
)


class Placeholder:
    """Accepts connections on the program's socket, and answers each with 503."""

    def __init__(self, listening: socket.socket) -> None:
        """Prepare to answer on a listening socket, which stays open."""
        self._listening = listening
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Answer from now on."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._serve())

    def close(self) -> None:
        """Leave the connections to the program."""
        if self._task is not None:
            self._task.cancel()
        self._task = None

    async def _serve(self) -> None:
        server = await asyncio.start_server(_answer, sock=self._listening.dup())
        try:
            await server.serve_forever()
        finally:
            server.close()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _REQUEST_SECONDS)
        writer.write(_ANSWER + _BODY)
        await writer.drain()
    writer.close()
