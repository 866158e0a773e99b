"""The dashboard as an ASGI application."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from inspect import iscoroutinefunction

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from jobgen_runtime.dashboard.access.auth import AuthenticationMethod
from jobgen_runtime.dashboard.access.hosts import ANY_HOST, AllowedHosts
from jobgen_runtime.dashboard.access.origin import CrossOriginProtection
from jobgen_runtime.dashboard.access.redaction import Redaction
from jobgen_runtime.dashboard.access.view_auth import VisitorResponse
from jobgen_runtime.dashboard.access.visitor import (
    ALL_RIGHTS,
    ANYBODY,
    READ_ONLY,
    Visitor,
    answering,
)
from jobgen_runtime.dashboard.actions import ACTIONS, Action
from jobgen_runtime.dashboard.changes.change import Audit, Change
from jobgen_runtime.dashboard.dashboard_request import DashboardRequest
from jobgen_runtime.dashboard.database.connections import ConnectionPool, Connections
from jobgen_runtime.dashboard.database.database_failures import DATABASE_FAILURES, database_failure
from jobgen_runtime.dashboard.database.known_tables import KnownTables
from jobgen_runtime.dashboard.errors.failures import CauseCache
from jobgen_runtime.dashboard.export.export_response import Exports
from jobgen_runtime.dashboard.figures.background import BackgroundReads
from jobgen_runtime.dashboard.figures.kept import Kept
from jobgen_runtime.dashboard.views.table_displays import Displayed, TableDisplays
from jobgen_runtime.dashboard.web.addresses import Addresses, mount_path, route_path
from jobgen_runtime.dashboard.web.assets import Asset, assets
from jobgen_runtime.dashboard.web.compression import accepts_gzip, compress_page
from jobgen_runtime.dashboard.web.lifespan import lifespan
from jobgen_runtime.dashboard.web.pages import HEADERS, problem, refusal
from jobgen_runtime.dashboard.web.parameters import RequestRefused, read_parameters
from jobgen_runtime.dashboard.web.preferences import theme_of
from jobgen_runtime.dashboard.web.revalidation import revalidated

log = logging.getLogger("jobgen.dashboard")

NOT_FOUND = "The dashboard has no page at this address."
CROSS_SITE = (
    "This request comes from another site. If you are behind a proxy that changes the Host header, "
    "add the site to JobsDashboard(trusted_origins=[…])."
)
WRONG_HOST = (
    "The dashboard does not answer to the host in this address. Add it to "
    "JobsDashboard(allowed_hosts=[…]), or to jobs-dashboard --allowed-host."
)
AUTHENTICATION_FAILED = "The authentication method failed. The application's log says why."
FAILED = "This page could not be made. The application's log says why."


class JobsDashboard:
    """An ASGI application that shows every job table of the database.

    Jobs can be created, retried, cancelled and deleted. Mount it under any prefix:
    `Mount("/jobs", MyJobDashboard)`.
    """

    def __init__(
        self,
        *,
        auth: AuthenticationMethod,
        jobs: Sequence[Displayed] = (),
        trusted_origins: Sequence[str] = (),
        allowed_hosts: Sequence[str] | None = None,
        read_only: bool = False,
        audit: Audit | None = None,
        redacted_columns: Collection[str] = (),
        revealed_columns: Collection[str] = (),
        redact_errors: bool = True,
        pool: ConnectionPool | None = None,
        conninfo: str | None = None,
        page_size: int = 25,
    ) -> None:
        """Configure the dashboard; it connects at the first request.

        Args:
            auth: Decides who may use it.
            jobs: Subclasses of `Job` or `DisplayableJob`. Their tables come first and use their
                views; all other job tables are shown too.
            trusted_origins: Origins ("https://example.com") that may post to the dashboard although
                the Host header does not name them.
            allowed_hosts: The hosts that the dashboard answers for: "jobs.example.com",
                ".example.com" for all hosts of a domain, or "*" for any. None means any, but with
                an `auth` that accepts everyone (`NoAuth`) only names of this machine.
            read_only: Whether no visitor may change anything, whatever `auth` says.
            audit: An async function that is called with each `Change` in its transaction. If it
                raises, nothing is changed.
            redacted_columns: Columns whose values no page shows, such as "iban" or
                "send_invoice_jobs.iban", besides those whose names are those of secrets.
            revealed_columns: Columns that are shown although their names are those of secrets.
            redact_errors: Whether passwords, tokens and keys in the errors of jobs are redacted.
            pool: The application's own pool, which is not closed here.
            conninfo: The address of a database other than the records'. Without `pool`, the
                dashboard opens its own pool of up to 4 connections.
            page_size: Jobs on one page of a list, from 1 to 500.

        Raises:
            TypeError: An argument has a wrong type.
            ValueError: Another argument is invalid.
        """
        if not isinstance(auth, AuthenticationMethod):
            raise TypeError(f"JobsDashboard: auth must be an AuthenticationMethod, not {auth!r}.")
        if not 1 <= page_size <= 500:
            raise ValueError(f"JobsDashboard: page_size must be from 1 to 500, not {page_size}.")
        if audit is not None and not iscoroutinefunction(audit):
            raise TypeError(f"JobsDashboard: audit must be an async function, not {audit!r}.")
        self._auth = auth
        self._read_only = read_only
        self._audit = audit
        self._displays = TableDisplays(jobs)
        self._known_tables = KnownTables(
            self._displays.qualified_tables,
            Redaction.of(redacted_columns, revealed_columns, errors=redact_errors),
        )
        self._protection = CrossOriginProtection.trusting(trusted_origins)
        if allowed_hosts is None and not auth.accepts_everyone:
            allowed_hosts = [ANY_HOST]
        self._hosts = AllowedHosts() if allowed_hosts is None else AllowedHosts.of(allowed_hosts)
        self._connections = Connections(pool, conninfo, read_only=read_only)
        self._background = BackgroundReads(partial(self._connections.session, writes=False))
        self._kept = Kept(self._background)
        self._exports = Exports()
        self._page_size = page_size
        self._causes = CauseCache()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request or a lifespan event; refuse websockets."""
        if scope["type"] == "http":
            response = await self._respond(Request(scope, receive))
            await response(scope, receive, send)
        elif scope["type"] == "lifespan":
            await lifespan(receive, send, shutdown=self.close)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})

    def for_visitor(self, visitor: Visitor, path: str) -> Response:
        """Return the answer to the request of a visitor who is logged in, for a view to return.

        The dashboard needs `auth=ViewAuth()`.

        Args:
            visitor: Who it is, and what they may do.
            path: The part of the request's path that follows the dashboard's address and a slash,
                such as "ListJobs"; "" for the overview.
        """
        return VisitorResponse(self, visitor, path)

    async def close(self) -> None:
        """Close the connections that the dashboard opened on the running event loop."""
        self._background.stop()
        await self._connections.close()

    async def _respond(self, request: Request) -> Response:
        """Answer a request. Whatever happens, the answer has the security headers."""
        with theme_of(request):
            visitor = await self._visitor(request)
            if isinstance(visitor, Visitor):
                with answering(visitor):
                    response = await self._answer(request, visitor)
            else:
                response = visitor
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        compress_page(request, response)
        return response

    async def _answer(self, request: Request, visitor: Visitor) -> Response:
        addresses = Addresses(mount_path(request.scope))
        try:
            return revalidated(request, await self._act(request, visitor, addresses))
        except RequestRefused as refused:
            return problem(addresses, refused.status, refused.message)
        except Exception:
            log.exception("the dashboard failed to answer a request")
            return problem(addresses, 500, FAILED)

    async def _visitor(self, request: Request) -> Visitor | Response:
        """Return who is let in, or the answer to others. Nothing else is read before."""
        if not self._hosts.allow(request.headers.get("host", "")):
            return refusal(400, WRONG_HOST)
        try:
            found = await self._auth.authenticate(request)
            if isinstance(found, Response):
                return found
            visitor = ANYBODY if found is None else found
            return visitor.limited_to(READ_ONLY if self._read_only else ALL_RIGHTS)
        except HTTPException as refused:
            return refusal(refused.status_code, str(refused.detail), refused.headers)
        except Exception:
            log.exception("the authentication method of the dashboard failed")
            return refusal(500, AUTHENTICATION_FAILED)

    async def _act(self, request: Request, visitor: Visitor, addresses: Addresses) -> Response:
        if not self._protection.allow(request.method, request.headers):
            raise RequestRefused(403, CROSS_SITE)
        path = route_path(request.scope).removeprefix("/")
        folder, _, name = path.partition("/")
        if folder == "assets" and name in assets():
            return asset(request, assets()[name])
        methods = ACTIONS.get(path)
        if methods is None:
            raise RequestRefused(404, NOT_FOUND)
        action = methods.get("GET" if request.method == "HEAD" else request.method)
        if action is None:
            return not_allowed(addresses, methods)
        return await self._run(action, request, visitor, addresses)

    async def _run(
        self, action: Action, request: Request, visitor: Visitor, addresses: Addresses
    ) -> Response:
        """Run an action in one transaction, log its changes, and turn errors into pages."""
        parameters = await read_parameters(request)
        changes: list[Change] = []
        try:
            async with self._connections.session(writes=request.method == "POST") as session:
                response = await action.run(
                    DashboardRequest(
                        request=request,
                        visitor=visitor,
                        right=action.right,
                        addresses=addresses,
                        parameters=parameters,
                        session=session,
                        connections=self._connections,
                        displays=self._displays,
                        page_size=self._page_size,
                        known_tables=self._known_tables,
                        kept=self._kept,
                        audit=self._audit,
                        causes=self._causes,
                        exports=self._exports,
                        changes=changes,
                    )
                )
        except DATABASE_FAILURES as error:
            raise database_failure(error) from error
        for change in changes:
            self._kept.forget(change.table)
            change.log()
        return response


def asset(request: Request, found: Asset) -> Response:
    """Return a file. Browsers cache it forever: its name changes with its content."""
    if request.method not in {"GET", "HEAD"}:
        raise RequestRefused(404, NOT_FOUND)
    headers = {"Cache-Control": "private, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if accepts_gzip(request):
        headers["Content-Encoding"] = "gzip"
        return Response(found.compressed, media_type=found.media_type, headers=headers)
    return Response(found.content, media_type=found.media_type, headers=headers)


def not_allowed(addresses: Addresses, methods: Mapping[str, Action]) -> Response:
    """Return a 405 response with the methods that are allowed."""
    response = problem(addresses, 405, "This address does not support this method.")
    allowed = ["HEAD", *methods] if "GET" in methods else list(methods)
    response.headers["Allow"] = ", ".join(sorted(allowed))
    return response
