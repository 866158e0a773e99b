"""The dashboard as an ASGI application."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import errors
from psycopg_pool import AsyncConnectionPool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from jobgen_runtime.contract import NoDatabase
from jobgen_runtime.dashboard.actions import ACTIONS, Action
from jobgen_runtime.dashboard.addresses import Addresses, mount_path, route_path
from jobgen_runtime.dashboard.assets import style
from jobgen_runtime.dashboard.auth import AuthenticationMethod
from jobgen_runtime.dashboard.call import Call
from jobgen_runtime.dashboard.connections import Connections
from jobgen_runtime.dashboard.lifespan import lifespan
from jobgen_runtime.dashboard.origin import CrossOriginProtection
from jobgen_runtime.dashboard.pages import HEADERS, problem
from jobgen_runtime.dashboard.parameters import RequestRefused, read_parameters
from jobgen_runtime.dashboard.registry import Displayed, Registry

logger = logging.getLogger("jobgen_runtime.dashboard")

NOT_FOUND = "The dashboard has no page of this address."
CROSS_SITE = (
    "This request comes from another site. If it was you, behind a proxy that changes the Host "
    "header: name the site in JobsDashboard(trusted_origins=[…])."
)
UNREACHABLE = "The database cannot be reached, or took too long. Reload the page in a moment."
FORBIDDEN = "The database does not allow its user, the dashboard, to do this."
CHANGED = "The table is being changed. Reload the page."


class JobsDashboard:
    """Shows every job's table of the database; jobs can be retried, cancelled, deleted and created.

    An ASGI application, to be mounted under any prefix: `Mount("/jobs", MyJobDashboard)`.

    `auth` decides who gets in. `jobs` are classes of `Job` or `DisplayableJob`: their tables come
    first and use their views; all others are shown too. `trusted_origins` ("https://example.com")
    may post to the dashboard although the Host header does not name them. The database is the
    records' one, unless `pool` or `conninfo` says otherwise; a pool is not closed here.
    `page_size` is the number of jobs on one page of a list.
    """

    def __init__(
        self,
        *,
        auth: AuthenticationMethod,
        jobs: Sequence[Displayed] = (),
        trusted_origins: Sequence[str] = (),
        pool: AsyncConnectionPool[Any] | None = None,
        conninfo: str | None = None,
        page_size: int = 25,
    ) -> None:
        if not isinstance(auth, AuthenticationMethod):
            raise TypeError(f"JobsDashboard: auth must be an AuthenticationMethod, not {auth!r}")
        if not 1 <= page_size <= 500:
            raise ValueError(f"JobsDashboard: page_size must be from 1 to 500, not {page_size}")
        self._auth = auth
        self._registry = Registry(jobs)
        self._protection = CrossOriginProtection.trusting(trusted_origins)
        self._connections = Connections(pool, conninfo)
        self._page_size = page_size

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            response = await self._respond(Request(scope, receive))
            await response(scope, receive, send)
        elif scope["type"] == "lifespan":
            await lifespan(receive, send, shutdown=self.close)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})

    async def close(self) -> None:
        """Close the connections that this dashboard opened on the running event loop."""
        await self._connections.close()

    async def _respond(self, request: Request) -> Response:
        """The one way in: nothing is looked at before `auth` has let the request in."""
        refusal = await self._auth.authenticate(request)
        if refusal is not None:
            refusal.headers.setdefault("Cache-Control", "no-store")
            return refusal
        addresses = Addresses(mount_path(request.scope))
        try:
            response = await self._act(request, addresses)
        except RequestRefused as refused:
            response = problem(addresses, refused.status, refused.message)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    async def _act(self, request: Request, addresses: Addresses) -> Response:
        headers = request.headers
        if not self._protection.allows(
            request.method,
            host=headers.get("host", ""),
            origin=headers.get("origin"),
            sec_fetch_site=headers.get("sec-fetch-site"),
        ):
            raise RequestRefused(403, CROSS_SITE)
        path = route_path(request.scope).removeprefix("/")
        if path == f"assets/{style().name}":
            return asset(request)
        methods = ACTIONS.get(path)
        if methods is None:
            raise RequestRefused(404, NOT_FOUND)
        action = methods.get("GET" if request.method == "HEAD" else request.method)
        if action is None:
            return not_allowed(addresses, methods)
        return await self._run(action, request, addresses)

    async def _run(self, action: Action, request: Request, addresses: Addresses) -> Response:
        """Run an action in one transaction; the database's troubles become pages."""
        parameters = await read_parameters(request)
        try:
            async with self._connections.session() as session:
                return await action(
                    Call(request, addresses, parameters, session, self._registry, self._page_size)
                )
        except NoDatabase as error:
            raise RequestRefused(503, str(error)) from error
        except errors.InsufficientPrivilege as error:
            raise RequestRefused(403, FORBIDDEN) from error
        except (errors.UndefinedTable, errors.UndefinedColumn, errors.FeatureNotSupported) as error:
            logger.exception("a job's table changed while the dashboard read it")
            raise RequestRefused(409, CHANGED) from error
        except psycopg.OperationalError as error:
            logger.exception("the dashboard's database failed")
            raise RequestRefused(503, UNREACHABLE) from error


def asset(request: Request) -> Response:
    """The style sheet, for good: its name changes with its content."""
    if request.method not in {"GET", "HEAD"}:
        raise RequestRefused(404, NOT_FOUND)
    return Response(
        style().content,
        media_type=style().media_type,
        headers={"Cache-Control": "private, max-age=31536000, immutable"},
    )


def not_allowed(addresses: Addresses, methods: Mapping[str, Action]) -> Response:
    """405, with the methods that there are."""
    response = problem(addresses, 405, "This address does not take requests of this kind.")
    allowed = ["HEAD", *methods] if "GET" in methods else list(methods)
    response.headers["Allow"] = ", ".join(sorted(allowed))
    return response
