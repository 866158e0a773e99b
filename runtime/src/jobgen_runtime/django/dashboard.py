"""The dashboard as a view of Django, under any server."""

from __future__ import annotations

import weakref
from functools import cache
from threading import Lock
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, URLPattern, re_path, reverse
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt

from jobgen_runtime.dashboard import JobsDashboard
from jobgen_runtime.django.auth import SCOPE_KEY, StaffMember, is_staff, visitor_of
from jobgen_runtime.django.exchange import respond
from jobgen_runtime.django.loop_thread import is_running, submit
from jobgen_runtime.django.settings import DASHBOARD, SETTING, read_option

NAMESPACE = "jobgen"
"""The namespace of the addresses, and the label of the application."""

_used = weakref.WeakSet[JobsDashboard]()
"""The dashboards that may have connections open."""

_used_lock = Lock()
"""Held while `_used` is changed or listed: threads of a server do both."""


def dashboard_urls(
    dashboard: JobsDashboard, *, staff_only: bool = True, name: str = NAMESPACE
) -> tuple[list[URLPattern], str, str]:
    """Return the addresses of a dashboard for `path`, as `admin.site.urls` are those of the admin.

        path("jobs/", dashboard_urls(MyJobDashboard))

    Others than members of the staff are led to the login of the admin, or to LOGIN_URL without the
    admin.

    Args:
        dashboard: The dashboard. With `auth=StaffMember()` its visitors have the user's name and
            rights.
        staff_only: Whether only members of the staff get there. Otherwise the dashboard's own
            authentication method decides alone.
        name: The instance namespace, if the project has several dashboards.

    Raises:
        ImproperlyConfigured: The application is not installed.
    """
    if not isinstance(dashboard, JobsDashboard):
        raise ImproperlyConfigured(f"dashboard_urls takes a JobsDashboard, not {dashboard!r}.")
    if not apps.is_installed("jobgen_runtime.django"):
        raise ImproperlyConfigured(
            "The dashboard is part of jobgen's application. "
            'Add "jobgen_runtime.django" to INSTALLED_APPS.'
        )

    # The dashboard has its own protection against requests of other sites.
    @csrf_exempt
    def view(request: HttpRequest, path: str) -> HttpResponseBase:
        visitor = None
        if staff_only:
            user = getattr(request, "user", None)
            if user is None:
                raise ImproperlyConfigured(
                    "The dashboard needs django.contrib.auth.middleware.AuthenticationMiddleware "
                    "in MIDDLEWARE."
                )
            if not is_staff(user):
                return _login_required(request)
            visitor = visitor_of(user)
        with _used_lock:
            _used.add(dashboard)
        return respond(dashboard, request, _scope(request, path, visitor))

    return [re_path(r"^(?P<path>.*)$", view, name="dashboard")], NAMESPACE, name


def dashboard_address(action: str = "") -> str | None:
    """Return the address of a page of the dashboard; None if it is not in the project's URLs."""
    try:
        return str(reverse(f"{NAMESPACE}:dashboard", kwargs={"path": action}))
    except NoReverseMatch:
        return None


@cache
def default_dashboard() -> JobsDashboard:
    """Return the dashboard that the setting names, else one with the default views.

    Raises:
        ImproperlyConfigured: The setting names no dashboard.
    """
    path = read_option(DASHBOARD)
    if path is None:
        return JobsDashboard(auth=StaffMember(), trusted_origins=_trusted_origins())
    try:
        found: object = import_string(path)
    except ImportError as error:
        raise ImproperlyConfigured(
            f"{SETTING}[{DASHBOARD!r}] cannot be imported: {error}."
        ) from error
    if not isinstance(found, JobsDashboard):
        raise ImproperlyConfigured(f"{SETTING}[{DASHBOARD!r}]: {path} is not a JobsDashboard.")
    return found


def close_dashboards() -> None:
    """Close the connections of all dashboards; the next request opens others."""
    if is_running():
        with _used_lock:
            dashboards = list(_used)
        for dashboard in dashboards:
            submit(dashboard.close()).result()


def _trusted_origins() -> list[str]:
    """Return Django's own setting, without its patterns."""
    return [origin for origin in settings.CSRF_TRUSTED_ORIGINS if "*" not in origin]


def _login_required(request: HttpRequest) -> HttpResponseBase:
    if request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate":
        # A page that is open asks for news, and would get the form of the login instead.
        return HttpResponse("Log in again.", status=401, content_type="text/plain")
    return redirect_to_login(request.get_full_path(), _login_address())


def _login_address() -> str:
    try:
        return str(reverse("admin:login"))
    except NoReverseMatch:
        return str(resolve_url(settings.LOGIN_URL))


def _scope(request: HttpRequest, path: str, visitor: object) -> dict[str, Any]:
    """Return the request as an ASGI scope, in which the dashboard is mounted in front of `path`."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    # The name that visitors use, also behind a proxy with USE_X_FORWARDED_HOST; it is checked here.
    headers["host"] = request.get_host()
    address = request.META.get("REMOTE_ADDR")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.scheme,
        "path": request.path,
        "root_path": request.path.removesuffix(path).rstrip("/"),
        "query_string": request.META.get("QUERY_STRING", "").encode("latin-1", "replace"),
        "headers": [
            (name.encode("latin-1"), value.encode("latin-1", "replace"))
            for name, value in headers.items()
        ],
        "client": (address, 0) if address else None,
        SCOPE_KEY: visitor,
    }
