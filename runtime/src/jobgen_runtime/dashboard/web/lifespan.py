"""The ASGI lifespan protocol, which a server uses only for an application that is not mounted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.types import Receive, Send


async def lifespan(
    receive: Receive, send: Send, *, shutdown: Callable[[], Awaitable[None]]
) -> None:
    """Acknowledge the start-up, and call `shutdown` at the end."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await shutdown()
            await send({"type": "lifespan.shutdown.complete"})
            return
