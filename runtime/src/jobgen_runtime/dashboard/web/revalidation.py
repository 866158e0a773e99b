"""Answer the script's question whether a page has changed, without sending the page again."""

from __future__ import annotations

import re
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

RELATIVE_TIME = re.compile(r"(<time\b[^<>]*>)[^<]*")
"""What passes by itself, as in "3 min ago": the script counts on from the moment in `datetime`."""


def content_tag(*parts: str) -> str:
    """Return the entity tag of a page, which does not change while only time passes.

    It is a weak one, which survives a proxy that compresses pages.
    """
    digest = sha256()
    for part in parts:
        digest.update(RELATIVE_TIME.sub(r"\1", part).encode(errors="surrogatepass") + b"\0")
    return f'W/"{digest.hexdigest()[:32]}"'


def revalidated(request: Request, response: Response) -> Response:
    """Return the response, or 304 if the request names its entity tag in If-None-Match."""
    tag = response.headers.get("etag")
    if tag is None or request.headers.get("if-none-match") != tag:
        return response
    return Response(status_code=304, headers={"ETag": tag})
