"""Leave the login to a view of the application, which then answers with the dashboard."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from jobgen_runtime.dashboard.access.auth import AuthenticationMethod
from jobgen_runtime.dashboard.access.visitor import Visitor
from jobgen_runtime.dashboard.web.pages import refusal

VISITOR = "jobgen.visitor"
"""The name of the visitor in the ASGI scope, which no request can set."""


class ViewAuth(AuthenticationMethod):
    """Accept the visitors that a view passes to `for_visitor`, and no others."""

    async def authenticate(self, request: Request) -> Response | Visitor:
        """Accept the request if a view of the application has named its visitor."""
        visitor = request.scope.get(VISITOR)
        if isinstance(visitor, Visitor):
            return visitor
        return refusal(
            403,
            "The jobs dashboard is closed here: it is open at the address of the view that calls"
            " `for_visitor`.",
        )


class VisitorResponse(Response):
    """The answer of a dashboard to a visitor who is logged in.

    Args:
        dashboard: The dashboard.
        visitor: Who it is.
        path: The part of the request's path that follows the dashboard's address and a slash.
    """

    def __init__(self, dashboard: ASGIApp, visitor: Visitor, path: str) -> None:
        super().__init__()
        self._dashboard = dashboard
        self._visitor = visitor
        self._page = f"/{path}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the dashboard answer.

        Raises:
            ValueError: The request has another path.
        """
        path, root = str(scope["path"]), str(scope.get("root_path", "")).rstrip("/")
        if not path.endswith(self._page):
            raise ValueError(f"for_visitor: the path {path!r} does not end with {self._page!r}.")
        mount = path.removesuffix(self._page)
        # `FastAPI(root_path=…)` leaves the path as a proxy has cut it.
        whole = mount if f"{mount}/".startswith(f"{root}/") else root + mount
        outer = scope.get("app_root_path", root)
        named = {**scope, "root_path": whole, "app_root_path": outer, VISITOR: self._visitor}
        await self._dashboard(named, receive, send)
        if self.background is not None:
            await self.background()
