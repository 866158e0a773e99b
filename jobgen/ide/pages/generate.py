"""The page Generate."""

from __future__ import annotations

from starlette.responses import Response

from jobgen.ide.page import Page, PageRequest


def _show(request: PageRequest) -> Response:
    return request.frame.page("generate.html", "Generate", project=request.project())


GENERATE = Page("/generate", "Generate", reads={"": _show}, writes={})
