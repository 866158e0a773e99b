"""What a visitor has chosen about the looks of pages, which their browser keeps in cookies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum

from starlette.requests import Request
from starlette.responses import Response

from jobgen_runtime.dashboard.web.addresses import mount_path

THEME_COOKIE = "jobgen_theme"
MAX_COOKIES = 16_384
"""Characters of the longest Cookie header that is read."""
YEAR = 31_536_000


class Theme(StrEnum):
    """The colors of pages."""

    SYSTEM = "system"
    """Those that the visitor's system asks for."""
    LIGHT = "light"
    DARK = "dark"


# As frameworks keep the language of a request: every page has it, whoever makes the page.
_theme: ContextVar[Theme] = ContextVar("theme", default=Theme.SYSTEM)


def current_theme() -> Theme:
    """Return the theme of the request that is being answered."""
    return _theme.get()


@contextmanager
def theme_of(request: Request) -> Iterator[None]:
    """Let pages have the theme that the request's visitor has chosen."""
    token = _theme.set(read_theme(read_cookie(request, THEME_COOKIE)))
    try:
        yield
    finally:
        _theme.reset(token)


def read_theme(text: str) -> Theme:
    """Return the theme of this name, and the system's for any other text."""
    return Theme(text) if text in {*Theme} else Theme.SYSTEM


def read_cookie(request: Request, name: str) -> str:
    """Return a cookie that `write_cookie` has set; an empty text if there is none."""
    header = request.headers.get("cookie", "")
    if len(header) > MAX_COOKIES:
        return ""
    for part in header.split(";"):
        found, _, value = part.strip().partition("=")
        if found == name:
            return value
    return ""


def write_cookie(request: Request, response: Response, name: str, value: str) -> None:
    """Let the browser keep a value for a year, for the dashboard alone. An empty one is forgotten.

    Args:
        request: The request that is answered.
        response: The answer.
        name: The cookie's name.
        value: The value, of characters that a cookie may have.
    """
    response.set_cookie(
        name,
        value,
        max_age=YEAR if value else 0,
        path=mount_path(request.scope) or "/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
