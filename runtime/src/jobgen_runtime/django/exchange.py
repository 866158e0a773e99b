"""One request of Django that an ASGI application answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, MutableMapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from starlette.types import ASGIApp, Message

from jobgen_runtime.django.loop_thread import submit

_AHEAD = 4
"""Parts of an answer that are kept for a recipient that is slow to take them."""


def respond(
    app: ASGIApp, request: HttpRequest, scope: MutableMapping[str, Any]
) -> HttpResponseBase:
    """Return the application's answer, which is streamed if it comes in several parts.

    Args:
        app: The application. It runs on the loop of `submit`.
        request: Django's request.
        scope: The same as an ASGI scope.
    """
    exchange = _Exchange(request.body)
    status, headers, first = submit(exchange.begin(app, scope)).result()
    if not exchange.has_more:
        return _with_headers(HttpResponse(first, status=status), headers)
    kind = _AsyncParts if hasattr(request, "scope") else _Parts
    return _with_headers(StreamingHttpResponse(kind(exchange, first), status=status), headers)


def _with_headers(
    response: HttpResponseBase, headers: list[tuple[bytes, bytes]]
) -> HttpResponseBase:
    for name, value in (
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in headers
    ):
        if name == "set-cookie":
            response.cookies.load(value)
        else:
            response[name] = value
    return response


class _Exchange:
    """A request on its way through the application; its methods run on the loop."""

    def __init__(self, body: bytes) -> None:
        self.has_more = True
        self._body: bytes | None = body
        self._sent: asyncio.Queue[Message] = asyncio.Queue(_AHEAD)
        self._task: asyncio.Future[Any] | None = None

    async def begin(
        self, app: ASGIApp, scope: MutableMapping[str, Any]
    ) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """Return the status, the headers, and the first part of the body."""
        self._task = asyncio.ensure_future(app(scope, self._receive, self._sent.put))
        start = await self._next_message()
        return start["status"], list(start["headers"]), await self.next_part()

    async def next_part(self) -> bytes:
        """Return the next part of the body; an empty one after the last."""
        message = await self._next_message() if self.has_more else {}
        self.has_more = bool(message.get("more_body"))
        return bytes(message.get("body", b""))

    async def cancel(self) -> None:
        """Give up: the recipient is gone, or has everything."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _receive(self) -> Message:
        if self._body is None:
            # Until the recipient is gone, which cancels this.
            await asyncio.get_running_loop().create_future()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def _next_message(self) -> Message:
        assert self._task is not None  # noqa: S101 -- `begin` was called
        message = asyncio.ensure_future(self._sent.get())
        await asyncio.wait([message, self._task], return_when=asyncio.FIRST_COMPLETED)
        if message.done():
            return message.result()
        message.cancel()
        self._task.result()
        return self._sent.get_nowait()


class _Parts(Iterator[bytes]):
    """The body for a server that takes it synchronously."""

    def __init__(self, exchange: _Exchange, first: bytes) -> None:
        self._exchange = exchange
        self._first: bytes | None = first

    def __next__(self) -> bytes:
        first, self._first = self._first, None
        if first is not None:
            return first
        if not self._exchange.has_more:
            raise StopIteration
        return submit(self._exchange.next_part()).result()

    def close(self) -> None:
        """Free what the answer holds; Django calls it at the end, and if the recipient is gone."""
        submit(self._exchange.cancel()).result()


class _AsyncParts(AsyncIterator[bytes]):
    """The body for a server that takes it asynchronously."""

    def __init__(self, exchange: _Exchange, first: bytes) -> None:
        self._exchange = exchange
        self._first: bytes | None = first

    async def __anext__(self) -> bytes:
        first, self._first = self._first, None
        if first is not None:
            return first
        if not self._exchange.has_more:
            raise StopAsyncIteration
        return await asyncio.wrap_future(submit(self._exchange.next_part()))

    def close(self) -> None:
        """Free what the answer holds."""
        submit(self._exchange.cancel())
