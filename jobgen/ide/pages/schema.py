"""The page Schema."""

from __future__ import annotations

from starlette.responses import Response

from jobgen.ide.page import Page, PageRequest


def _show(request: PageRequest) -> Response:
    return request.frame.page("schema.html", "Schema", project=request.project())


SCHEMA = Page("/schema", "Schema", reads={"": _show}, writes={})
