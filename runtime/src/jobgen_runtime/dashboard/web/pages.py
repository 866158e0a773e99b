"""Responses: pages, error pages and redirects."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import HTMLResponse, RedirectResponse, Response

from jobgen_runtime.dashboard.access.visitor import current_visitor
from jobgen_runtime.dashboard.components.html import Html
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.dashboard.web.addresses import Addresses
from jobgen_runtime.dashboard.web.assets import script
from jobgen_runtime.dashboard.web.navigation import SECTIONS
from jobgen_runtime.dashboard.web.preferences import Theme, current_theme
from jobgen_runtime.dashboard.web.revalidation import content_tag
from jobgen_runtime.dashboard.web.templating import render

HEADERS = {
    "Content-Security-Policy": (
        # The hash allows the dashboard's own script alone: 'self' would let a custom view load any
        # script of the site that the dashboard is mounted in.
        f"default-src 'none'; script-src '{script().integrity}'; connect-src 'self'; "
        "style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: with that, browsers send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

NOTICES = {
    "cancelled": "The job was cancelled.",
    "cancelling": "Cancellation requested; the worker stops the job.",
    "created": "The job was created.",
    "deleted": "The job was deleted.",
    "all_paused": "All kinds are paused: no job starts. Running jobs continue.",
    "allowed_paused": "The kinds that you may pause are paused: none of their jobs starts.",
    "allowed_resumed": "The kinds that you may resume are resumed: jobs that are due start.",
    "all_resumed": "All kinds are resumed: jobs that are due start.",
    "paused": "The kind is paused: none of its jobs starts. Running jobs continue.",
    "resumed": "The kind is resumed: its jobs that are due start.",
    "retried": "The job is due again now.",
    "schedule_added": "The schedule was added.",
    "schedule_changed": "The schedule was changed.",
    "schedule_paused": "The schedule is paused: it creates no jobs.",
    "schedule_removed": "The schedule was removed.",
    "schedule_resumed": "The schedule is resumed. What it has missed is not made up for.",
}
"""The messages that a redirect may put on the next page, by the parameter `notice`."""

JSON_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&'"}

TITLES = {
    400: "Invalid request",
    401: "Login required",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "Form too large",
    414: "Address too long",
    415: "Unsupported content type",
    422: "Invalid values",
    429: "Too many failed logins",
    500: "The dashboard failed",
    503: "Unavailable",
}


def page(
    addresses: Addresses,
    title: str,
    content: Html | str,
    *,
    table: JobTable | None = None,
    job: str | None = None,
    section: str | None = None,
    notice: str | None = None,
    problems: tuple[str, ...] = (),
    status: int = 200,
    live: bool = False,
) -> HTMLResponse:
    """Return a whole page.

    Args:
        addresses: The dashboard's addresses.
        title: The title in the browser.
        content: The content below the navigation.
        table: The table that the page belongs to; None for the overview.
        job: The id of the job that the page belongs to, if any.
        section: The action of the page in the navigation (see `Section`); None for the overview
            and the pages of a table.
        notice: A key of NOTICES; any other value shows nothing.
        problems: Error messages to show above the content.
        status: The HTTP status.
        live: Whether the page may be loaded again while it is open, to show what is new. Only for
            a GET.
    """
    tag = content_tag(title, content)
    text = render(
        "page",
        addresses=addresses,
        title=title,
        content=content,
        table=table,
        job=job,
        sections=SECTIONS,
        section=section,
        notice=NOTICES.get(notice or ""),
        problems=problems,
        live=live,
        tag=tag,
        theme=current_theme(),
        themes=[*Theme],
        visitor=current_visitor(),
        now=f"{time.time():.3f}",
    )
    return HTMLResponse(text, status_code=status, headers={"ETag": tag} if live else None)


def problem(
    addresses: Addresses,
    status: int,
    message: str,
    *,
    table: JobTable | None = None,
    job: str | None = None,
) -> HTMLResponse:
    """Return the page that says why a request was not carried out."""
    content = render("problem", title=TITLES[status], message=message, addresses=addresses)
    return page(addresses, TITLES[status], content, table=table, job=job, status=status)


def refusal(status: int, message: str, headers: Mapping[str, str] | None = None) -> HTMLResponse:
    """Return a page for somebody who may not see the dashboard: without links and style sheet."""
    title = TITLES.get(status) or HTTPStatus(status).phrase
    text = render("refusal", title=title, message=message)
    return HTMLResponse(text, status_code=status, headers=headers)


def see_other(address: str) -> Response:
    """Redirect after a POST, so that reloading the next page does not repeat it."""
    return RedirectResponse(address, status_code=303)


def json_answer(value: object) -> Response:
    """Return a value for the dashboard's script, as JSON that could stand in any HTML."""
    return Response(json.dumps(value).translate(JSON_ESCAPES), media_type="application/json")
