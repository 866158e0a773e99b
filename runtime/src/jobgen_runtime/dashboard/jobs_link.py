"""Link from the application's pages to the dashboard, wherever it is mounted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from jobgen_runtime.dashboard.app import JobsDashboard
from jobgen_runtime.dashboard.web.addresses import Addresses, mount_path


class HasScope(Protocol):
    """A request of Starlette or FastAPI, or one that Django got from an ASGI server."""

    @property
    def scope(self) -> Mapping[str, Any]:
        """The request's ASGI scope."""


def jobs_link(request: HasScope, dashboard: JobsDashboard | None = None) -> str:
    """Return the address of the dashboard's overview, for a link in the application's layout.

        <a href="{{ jobs_link(request) }}">Jobs</a>

    It is right under any mounts, and with a root path or behind a proxy that removes a prefix.

    Args:
        request: A request to the application that the dashboard is mounted in. Django's has what
            this needs if the dashboard's and its own routes are those of a Starlette `Router`.
        dashboard: Which dashboard, if the application has several.

    Raises:
        LookupError: The application has no such dashboard.
    """
    scope = request.scope
    for path, found in _dashboards(scope.get("router"), ""):
        if dashboard is None or found is dashboard:
            root = scope.get("app_root_path", scope.get("root_path", ""))
            return Addresses(mount_path({"root_path": root + path})).list_jobs()
    raise LookupError(
        "jobs_link: no JobsDashboard is mounted in the application of this request. Add "
        'Mount("/jobs", MyJobDashboard) to its routes, or write the address yourself.'
    )


def _dashboards(app: object, prefix: str) -> Iterator[tuple[str, JobsDashboard]]:
    """Yield each dashboard in an application, also below mounts and middlewares, and its path."""
    if isinstance(app, JobsDashboard):
        yield prefix, app
    elif routes := getattr(app, "routes", None):
        for route in routes:
            path = prefix + getattr(route, "path", "")
            yield from _dashboards(getattr(route, "app", None), path)
    elif inner := getattr(app, "app", None):
        yield from _dashboards(inner, prefix)
