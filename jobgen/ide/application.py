"""The ASGI application: who may see the pages, and which function answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from jobgen.errors import JobgenError
from jobgen.ide.access import cookie_name, is_loopback, is_own_request, is_token
from jobgen.ide.assets import assets
from jobgen.ide.changes import Changes
from jobgen.ide.job_database import JobDatabase
from jobgen.ide.page import Frame, Handler, Page, PageRequest, Tab, see_other
from jobgen.ide.pages import PAGES
from jobgen.ide.parameters import read_parameters
from jobgen.ide.previews import Previews
from jobgen.ide.refusal import Refused
from jobgen.ide.templating import render

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: with that, browsers send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

TITLES = {
    400: "Invalid request",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "Form too large",
    415: "Unsupported content type",
}
NO_TOKEN = "This browser does not have the token of the project's pages."  # noqa: S105 -- a message
OPEN_THE_ADDRESS = "Open the address that the terminal shows, with its token."
OTHER_SITE = "The request comes from another site or another port."
WRONG_HOST = "These pages are served only to 127.0.0.1 and localhost."
NOT_FOUND = "There is no page at this address."
NOT_ALLOWED = "This address cannot be used in this way."
FAULT = "jobgen has a fault: the terminal shows where it is."

_YEAR = "public, max-age=31536000, immutable"


def ide_application(root: Path, token: str, pages: Sequence[Page] = PAGES) -> ASGIApp:
    """Return the pages of the project at `root`, for browsers that have the token."""
    frame = Frame(root, tuple(Tab(page.address, page.title) for page in pages))
    previews, changes, database = Previews(), Changes(root), JobDatabase(root)
    routes = [Route("/", lambda _: see_other(pages[0].address))]
    routes += [Route(each.address, _asset) for each in assets().values()]
    for page in pages:
        request = PageRequest(replace(frame, current=page.address), previews, changes, database)
        routes += _routes(page, request)
    return _Access(Starlette(routes=routes, exception_handlers=_failures(frame)), token)


def _routes(page: Page, blank: PageRequest) -> list[Route]:
    def route(pattern: str, method: str, handler: Handler) -> Route:
        async def answer(request: Request) -> Response:
            parameters = await read_parameters(request)
            path = dict(request.path_params)
            return await run_in_threadpool(
                handler, replace(blank, path=path, parameters=parameters)
            )

        return Route(page.address + pattern, answer, methods=[method])

    return [
        *(route(pattern, "GET", handler) for pattern, handler in page.reads.items()),
        *(route(pattern, "POST", handler) for pattern, handler in page.writes.items()),
    ]


def _asset(request: Request) -> Response:
    asset = next(each for each in assets().values() if each.address == request.url.path)
    return Response(asset.content, media_type=asset.media_type, headers={"Cache-Control": _YEAR})


def _failures(
    frame: Frame,
) -> dict[object, Callable[[Request, Exception], Response | Awaitable[Response]]]:
    """Return the pages that say what is wrong, by the exception."""

    def http(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 -- it is registered for that
        title = TITLES.get(error.status_code, error.detail)
        message = NOT_ALLOWED if error.status_code == 405 else NOT_FOUND
        return frame.problem(error.status_code, title, message, None)

    def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)  # noqa: S101 -- it is registered for that
        return frame.problem(error.status, TITLES[error.status], error.message, None)

    def expected(_: Request, error: Exception) -> Response:
        assert isinstance(error, JobgenError)  # noqa: S101 -- it is registered for that
        return frame.problem(409, "This project has a problem", error.message, error.hint)

    def fault(_: Request, _error: Exception) -> Response:
        return frame.problem(500, "Fault", FAULT, None)

    return {HTTPException: http, Refused: refused, JobgenError: expected, Exception: fault}


class _Access:
    """Lets a request through if it is allowed, and adds the headers to each answer."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"no {scope['type']}")

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        app = self._answer(Request(scope)) or self._app
        await app(scope, receive, send_with_headers)

    def _answer(self, request: Request) -> Response | None:
        """Return the answer to a request that does not reach the pages; None if it does."""
        headers = request.headers
        if not is_loopback(headers.get("host", "")):
            return self._forbidden(WRONG_HOST)
        if not is_own_request(request.method, headers):
            return self._forbidden(OTHER_SITE)
        given = request.query_params.get("token")
        if request.url.path == "/" and given is not None and is_token(given, self._token):
            return self._enter()
        if request.url.path in {each.address for each in assets().values()}:
            return None
        if not is_token(request.cookies.get(cookie_name(self._token)), self._token):
            return self._forbidden(NO_TOKEN)
        return None

    def _forbidden(self, message: str) -> Response:
        text = render("forbidden.html", message=message, hint=OPEN_THE_ADDRESS)
        return HTMLResponse(text, status_code=403)

    def _enter(self) -> Response:
        """Set the cookie, and go to the pages.

        A redirect would not do: after a link on another site the browser would not send a strict
        cookie with it.
        """
        response = HTMLResponse(render("enter.html"))
        response.set_cookie(
            cookie_name(self._token), self._token, httponly=True, samesite="strict", path="/"
        )
        return response
