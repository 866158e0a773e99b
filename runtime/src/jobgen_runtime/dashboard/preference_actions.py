"""Keep what a visitor chooses about the looks of pages. Nothing in the database changes."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.responses import Response

from jobgen_runtime.dashboard.dashboard_request import DashboardRequest
from jobgen_runtime.dashboard.lists.columns import (
    COLUMNS_COOKIE,
    changed_columns,
    forgotten_columns,
)
from jobgen_runtime.dashboard.lists.selection import list_parameters
from jobgen_runtime.dashboard.web.pages import see_other
from jobgen_runtime.dashboard.web.preferences import (
    THEME_COOKIE,
    Theme,
    read_cookie,
    read_theme,
    write_cookie,
)

MAX_ADDRESS = 16_384
"""Characters of the longest address that a visitor is led back to."""


async def save_theme(request: DashboardRequest) -> Response:
    """Keep the theme, and return to the page that the visitor has chosen it on."""
    theme = read_theme(request.parameters.get("theme", ""))
    response = see_other(_page_before(request))
    write_cookie(
        request.request, response, THEME_COOKIE, "" if theme is Theme.SYSTEM else theme.value
    )
    return response


async def save_columns(request: DashboardRequest) -> Response:
    """Keep which columns a table's list has, and return to the list."""
    table = await request.table()
    cookie = read_cookie(request.request, COLUMNS_COOKIE)
    if "reset" in request.parameters:
        changed = forgotten_columns(cookie, table)
    else:
        changed = changed_columns(cookie, table, request.parameters)
    selection = list_parameters(request.parameters)
    if sum(map(len, selection.values())) > MAX_ADDRESS:
        selection = {}
    response = see_other(request.addresses.list_job(table.key, **selection))
    write_cookie(request.request, response, COLUMNS_COOKIE, changed)
    return response


def _page_before(request: DashboardRequest) -> str:
    """Return the address of the page that the form was on, as a path below the dashboard's."""
    root = request.addresses.root
    referer = request.request.headers.get("referer", "")
    if len(referer) > MAX_ADDRESS:
        return request.addresses.list_jobs()
    try:
        parts = urlsplit(referer)
    except ValueError:
        return request.addresses.list_jobs()
    action = parts.path.removeprefix(f"{root}/")
    if not (action.isascii() and action.isalpha()):
        return request.addresses.list_jobs()
    return f"{root}/{action}?{parts.query}"
