"""Changes: what jobgen has done to the project, what is left to do, and undoing it."""

from __future__ import annotations

from itertools import islice

from starlette.responses import Response

from jobgen.errors import ConflictError
from jobgen.generate.run import open_project
from jobgen.ide.changes import Change
from jobgen.ide.page import Page, PageRequest, see_other
from jobgen.ide.refusal import Refused

_LISTED = 50
_GONE = "This change is not kept: it was undone, or it was made too long ago."
_NOT_LATEST = "Nothing was undone: a later change must be undone first."
_CREATED_THE_PROJECT = "This created the project: `jobgen undo` removes it."
_EDITED = "Nothing was undone."


def _list(request: PageRequest) -> Response:
    changes = list(islice(request.changes.all(), _LISTED))
    return request.frame.page("changes.html", "Changes", changes=changes)


def _show(request: PageRequest) -> Response:
    change = _find(request)
    return _page(request, change)


def _undo(request: PageRequest) -> Response:
    """Undo the change that the browser shows, if it is the latest."""
    open_project(request.project().root, writes=True)
    change = _find(request)
    if change.is_undone:
        return see_other(change.address)
    if change.digest != request.parameters.first("change.digest"):
        raise Refused(409, _GONE)
    if not _is_latest(request, change):
        return _page(request, change, problem=_NOT_LATEST)
    if not change.is_undoable:
        return _page(request, change, problem=_CREATED_THE_PROJECT)
    try:
        undone = request.changes.undo(change)
    except ConflictError as error:
        return _page(request, change, problem=error.message)
    if undone.is_undone:
        return see_other(undone.address)
    return _page(request, undone, problem=_EDITED)


def _page(request: PageRequest, change: Change, problem: str | None = None) -> Response:
    return request.frame.page(
        "change.html",
        change.command,
        200 if problem is None else 409,
        change=change,
        can_undo=change.is_undoable and _is_latest(request, change),
        problem=problem,
    )


def _is_latest(request: PageRequest, change: Change) -> bool:
    latest = next(request.changes.all(), None)
    return latest is not None and latest.digest == change.digest


def _find(request: PageRequest) -> Change:
    word = request.path["number"]
    is_number = word.isascii() and word.isdigit() and len(word) < 10
    change = request.changes.find(int(word)) if is_number else None
    if change is None:
        raise Refused(404, _GONE)
    return change


CHANGES = Page(
    "/changes",
    "Changes",
    reads={"": _list, "/{number}": _show},
    writes={"/{number}/undo": _undo},
)
