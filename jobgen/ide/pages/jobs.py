"""The page Jobs."""

from __future__ import annotations

from starlette.responses import Response

from jobgen.ide.page import Page, PageRequest


def _show(request: PageRequest) -> Response:
    return request.frame.page("jobs.html", "Jobs", project=request.project())


JOBS = Page("/jobs", "Jobs", reads={"": _show}, writes={})
