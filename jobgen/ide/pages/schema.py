"""Schema: the tables of Schema.sql, and a form that adds a column to one of them."""

from __future__ import annotations

from starlette.responses import Response

from jobgen.errors import UsageError
from jobgen.generate.inputs import schema_reader
from jobgen.generate.table import find_generator
from jobgen.ide.choices import read_choices
from jobgen.ide.column_form import ColumnForm, read_column_form
from jobgen.ide.page import Page, PageRequest
from jobgen.ide.previews import Preview, make_preview, refused_preview
from jobgen.info.tables import DescribedSchema, read_tables
from jobgen.project import Project


def _show(request: PageRequest) -> Response:
    project = request.project()
    tables = _described(project).tables
    return request.frame.page("schema.html", "Schema", path=project.schema_path, tables=tables)


def _column(request: PageRequest) -> Response:
    """Show the form, and the plan for what is entered; the page Generate applies it."""
    project = request.project()
    form = read_column_form(_described(project), request.parameters)
    preview = None if form.missing else _preview(request, project, form)
    if preview is not None:
        request.previews.keep(preview)
    return request.frame.page(
        "column.html", "Add a column", form=form, missing=form.missing, preview=preview
    )


def _described(project: Project) -> DescribedSchema:
    return read_tables(project, schema_reader(project))


def _preview(request: PageRequest, project: Project, form: ColumnForm) -> Preview:
    generator = find_generator("column")
    assert generator is not None  # noqa: S101 -- it is in the table
    try:
        arguments = form.arguments()
    except UsageError as error:
        return refused_preview(generator, {"table": form.table}, error)
    return make_preview(project, generator, arguments, read_choices(request.parameters))


SCHEMA = Page("/schema", "Schema", reads={"": _show, "/column": _column}, writes={})
