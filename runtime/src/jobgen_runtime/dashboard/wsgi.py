"""The dashboard as a WSGI application, for Flask and others. Requires the extra `wsgi`."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from starlette.types import Receive, Scope, Send

from jobgen_runtime.dashboard.access.view_auth import VISITOR, ViewAuth
from jobgen_runtime.dashboard.access.visitor import Visitor
from jobgen_runtime.dashboard.app import JobsDashboard

try:
    from a2wsgi import ASGIMiddleware
except ImportError as error:
    raise ImportError(
        "The dashboard in a WSGI application needs a2wsgi. Install it: "
        'pip install "jobgen-runtime[wsgi]"'
    ) from error

__all__ = ["ViewAuth", "WsgiDashboard"]

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_VISITOR = "jobgen.visitor"
"""Its name in the WSGI environment. A server sets no such name, and a header begins with HTTP_."""

_ASCII = "".join(map(chr, range(128)))

_TASKS = "jobgen.tasks"
"""The list in the WSGI environment that gets the task that runs the dashboard."""


@dataclass(frozen=True)
class _Thread:
    """The thread of a process that runs the dashboard, and the bridge to it."""

    loop: asyncio.AbstractEventLoop
    thread: threading.Thread
    bridge: Any


class WsgiDashboard:
    """A WSGI application that is the dashboard.

    It runs the dashboard in a thread with an event loop. Each process starts its own at its first
    request to the dashboard, so servers may load the application before they fork (`gunicorn
    --preload`), and tests may create many applications.

    Args:
        dashboard: The dashboard to run.
    """

    def __init__(self, dashboard: JobsDashboard) -> None:
        self._dashboard = dashboard
        self._threads: dict[int, _Thread] = {}
        self._starting = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request. The `auth` of the dashboard decides whom to let in."""
        started = self._started()
        tasks: list[asyncio.Task[None]] = []
        try:
            yield from started.bridge({**_readable(environ), _TASKS: tasks}, start_response)
        finally:
            # A client that hangs up would leave the dashboard waiting for it to read on.
            for task in tasks:
                started.loop.call_soon_threadsafe(task.cancel)

    def for_visitor(self, visitor: Visitor, path: str) -> WSGIApplication:
        """Return a WSGI application that answers the request of a visitor who is logged in.

        A view of Flask may return it. The dashboard needs `auth=ViewAuth()`.

        Args:
            visitor: Who it is, and what they may do.
            path: The part of the request's path that follows the dashboard's address and a slash,
                such as "ListJobs"; "" for the overview.
        """

        def respond(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            whole = environ.get("PATH_INFO", "")
            # Not by its length: a framework may have decoded or quoted it in another way.
            page = "/" + "/".join(whole.split("/")[-1 - path.count("/") :])
            if page.isascii() and page != f"/{path}":
                raise ValueError(f"for_visitor: the path {whole!r} does not end with '/{path}'.")
            mount = environ.get("SCRIPT_NAME", "") + whole.removesuffix(page)
            named = {**environ, "SCRIPT_NAME": mount, "PATH_INFO": page, _VISITOR: visitor}
            return self(named, start_response)

        return respond

    def close(self) -> None:
        """Close the connections of this process, and end its thread."""
        found = self._threads.pop(os.getpid(), None)
        if found is not None:
            asyncio.run_coroutine_threadsafe(self._dashboard.close(), found.loop).result()
            found.loop.call_soon_threadsafe(found.loop.stop)
            found.thread.join()
            found.loop.close()

    def _started(self) -> _Thread:
        process = os.getpid()
        if process not in self._threads:
            with self._starting:
                if process not in self._threads:
                    self._threads[process] = self._start()
        return self._threads[process]

    def _start(self) -> _Thread:
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="jobs dashboard", daemon=True)
        thread.start()
        # Its types and those of Starlette describe the same protocol differently.
        return _Thread(loop, thread, ASGIMiddleware(cast("Any", self._run), loop=loop))

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        environ = scope["wsgi_environ"]
        environ[_TASKS].append(asyncio.current_task())
        await self._dashboard({**scope, VISITOR: environ.get(_VISITOR)}, receive, send)


def _readable(environ: WSGIEnvironment) -> WSGIEnvironment:
    """Return an environment with an address that is UTF-8, as the bridge expects of each client."""
    path = environ.get("PATH_INFO", "").encode("latin-1").decode(errors="replace")
    query = quote(environ.get("QUERY_STRING", "").encode("latin-1"), safe=_ASCII)
    return {**environ, "PATH_INFO": path.encode().decode("latin-1"), "QUERY_STRING": query}
