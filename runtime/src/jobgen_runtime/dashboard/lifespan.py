"""The ASGI lifespan, which a server runs only with an application that is not mounted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.types import Receive, Send


async def lifespan(
    receive: Receive, send: Send, *, shutdown: Callable[[], Awaitable[None]]
) -> None:
    """Nothing to do at the start; `shutdown` at the end."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await shutdown()
            await send({"type": "lifespan.shutdown.complete"})
            return
