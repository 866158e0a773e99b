"""Answers: whole pages, redirects, and the page that says what is wrong."""

from __future__ import annotations

from starlette.responses import HTMLResponse, RedirectResponse, Response

from jobgen_runtime.dashboard.addresses import Addresses
from jobgen_runtime.dashboard.discovery import JobTable
from jobgen_runtime.dashboard.html import Html
from jobgen_runtime.dashboard.templating import render

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: with that, browsers send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}

NOTICES = {
    "cancelled": "The job was cancelled.",
    "cancelling": "Its worker has been told to end the job.",
    "created": "The job was created.",
    "deleted": "The job was deleted.",
    "retried": "The job starts over and is due now.",
}
"""What a redirect may make the next page say: never the request's own words."""

TITLES = {
    400: "That cannot be read",
    403: "Not allowed",
    404: "Not found",
    405: "Not this way",
    409: "Not possible now",
    413: "Too large",
    415: "Not a form",
    422: "Not inserted",
    503: "The database does not answer",
}


def page(
    addresses: Addresses,
    title: str,
    content: Html | str,
    *,
    table: JobTable | None = None,
    job: str | None = None,
    notice: str | None = None,
    problems: tuple[str, ...] = (),
    status: int = 200,
) -> HTMLResponse:
    """A page around `content`: `table` and `job` are where it is, `problems` what went wrong."""
    text = render(
        "page",
        addresses=addresses,
        title=title,
        content=content,
        table=table,
        job=job,
        notice=NOTICES.get(notice or ""),
        problems=problems,
    )
    return HTMLResponse(text, status_code=status)


def problem(
    addresses: Addresses,
    status: int,
    message: str,
    *,
    table: JobTable | None = None,
    job: str | None = None,
) -> HTMLResponse:
    """The page that says why a request was not done."""
    content = render("problem", title=TITLES[status], message=message, addresses=addresses)
    return page(addresses, TITLES[status], content, table=table, job=job, status=status)


def see_other(address: str) -> Response:
    """Leads the browser on after a POST, so that reloading the next page repeats nothing."""
    return RedirectResponse(address, status_code=303)
