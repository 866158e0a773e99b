"""Generate: a form for each generator, its plan while the form is filled in, and applying it."""

from __future__ import annotations

from starlette.responses import Response

from jobgen.errors import ConflictError, JobgenError
from jobgen.generate.generator import Generator
from jobgen.generate.run import open_project
from jobgen.generate.table import GENERATORS
from jobgen.ide.choices import read_choices
from jobgen.ide.form import form_fields, missing_fields, read_arguments
from jobgen.ide.page import Page, PageRequest, see_other
from jobgen.ide.previews import Preview, is_current, make_preview
from jobgen.ide.refusal import Refused
from jobgen.project import Project

STALE = (
    "Nothing was written: the project has changed since this plan was shown. This is the plan now."
)


def _show(request: PageRequest) -> Response:
    return _page(request, request.project())


def _generate(request: PageRequest) -> Response:
    """Apply the plan that the browser shows; if it is not current, show the current one."""
    project = open_project(request.project().root, writes=True)
    digest = request.parameters.first("plan.digest")
    # After a restart, a plan that was shown before is made again.
    preview = request.previews.find(digest) or _preview(request, project)
    if preview is None or preview.digest != digest:
        return _page(request, project, problem=STALE, status=409)
    try:
        return see_other(request.changes.apply(preview).address)
    except ConflictError:
        return _page(request, project, problem=STALE, status=409)
    except JobgenError as error:
        problem = f"{error.message} {error.hint or ''}".strip()
        return _page(request, project, problem=problem, status=409)


def _is_current(request: PageRequest) -> Response:
    """Answer 204 if a preview is current, and 410 if it is outdated or not known."""
    preview = request.previews.find(request.path["digest"])
    is_known = preview is not None and is_current(request.root, preview)
    return Response(status_code=204 if is_known else 410)


def _page(
    request: PageRequest, project: Project, *, problem: str | None = None, status: int = 200
) -> Response:
    generator = _generator(request)
    fields = form_fields(generator.schema(project), request.parameters)
    missing = missing_fields(fields)
    preview = None if missing else _preview(request, project)
    if preview is not None:
        request.previews.keep(preview)
    return request.frame.page(
        "generate.html",
        generator.title,
        status,
        generators=[each for each in GENERATORS if each.in_project],
        generator=generator,
        fields=fields,
        missing=missing,
        preview=preview,
        problem=problem,
    )


def _preview(request: PageRequest, project: Project) -> Preview | None:
    """Return the preview for the form; None if a required field is empty."""
    generator = _generator(request)
    schema = generator.schema(project)
    if missing_fields(form_fields(schema, request.parameters)):
        return None
    arguments = read_arguments(schema, request.parameters)
    return make_preview(project, generator, arguments, read_choices(request.parameters))


def _generator(request: PageRequest) -> Generator:
    word = request.path.get("generator")
    generators = [each for each in GENERATORS if each.in_project]
    if word is None:
        return generators[0]
    for generator in generators:
        if generator.name.replace(" ", "-") == word:
            return generator
    raise Refused(404, "There is no such generator.")


GENERATE = Page(
    "/generate",
    "Generate",
    reads={"": _show, "/{generator}": _show, "/{generator}/{digest}": _is_current},
    writes={"/{generator}": _generate},
)
