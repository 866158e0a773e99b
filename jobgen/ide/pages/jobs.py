"""Jobs: what the project has, whether it is in order, how many wait, and running one."""

from __future__ import annotations

import re

from starlette.responses import Response

from jobgen.errors import JobgenError
from jobgen.ide.form import Field
from jobgen.ide.job_database import DatabaseAnswer
from jobgen.ide.job_tables import UPDATE_COMMAND, JobTable
from jobgen.ide.job_view import JobView, job_table, job_views, other_findings
from jobgen.ide.page import Page, PageRequest, see_other
from jobgen.ide.refusal import Refused
from jobgen.info import ColumnInfo, ProjectInfo, read_info
from jobgen.project.session_file import session_addresses

_ID = re.compile(r"[0-9a-f-]{1,64}")
_VALUE = "value."
"""What the names of the fields with a column's value begin with."""


def _show(request: PageRequest) -> Response:
    info = read_info(request.project(), with_environment=False)
    answer = _ask(request, info)
    views = job_views(info, answer.states, session_addresses(request.root))
    created = request.parameters.first("created")
    return request.frame.page(
        "jobs.html",
        "Jobs",
        views=views,
        findings=other_findings(info, views),
        not_read=None if info.tables is not None else info.not_checked[0],
        answer=answer,
        upgrade_command=info.project.upgrade_command,
        address=info.database.address,
        created=created if _ID.fullmatch(created) else None,
        created_job=_named(views, request.parameters.first("job")),
    )


def _run_form(request: PageRequest) -> Response:
    view = _find(request)
    return _run_page(request, view)


def _run(request: PageRequest) -> Response:
    """Insert a row with the values of the form; an empty field gets the column's default."""
    view = _find(request)
    given = {
        column.name: request.parameters.first(_VALUE + column.name)
        for column in view.columns
        if request.parameters.first(_VALUE + column.name)
    }
    missing = [
        column.name
        for column in view.columns
        if _is_required(column) and not given.get(column.name)
    ]
    if missing:
        return _run_page(request, view, problem=f"Fill in {', '.join(missing)}.")
    try:
        created = request.database.insert(_table(view), given)
    except JobgenError as error:
        command = request.project().upgrade_command or "jobgen migrate"
        hint = (error.hint or "").replace(UPDATE_COMMAND, command)
        problem = f"{error.message} {hint}".strip()
        return _run_page(request, view, problem=problem)
    return see_other(f"/jobs?{view.query}&created={created}")


def _run_page(request: PageRequest, view: JobView, problem: str | None = None) -> Response:
    fields = [_field(column, request) for column in view.columns]
    status = 200 if problem is None else 409
    return request.frame.page(
        "run.html", f"Run {view.job.name}", status, view=view, fields=fields, problem=problem
    )


def _field(column: ColumnInfo, request: PageRequest) -> Field:
    is_list = column.type.endswith("[]")
    parts = [column.type]
    if is_list:
        parts.append("as {first,second}")
    if column.references:
        parts.append(f"the key of a row of {column.references}")
    if column.default is not None:
        parts.append(f"{column.default or 'an empty text'} if empty")
    elif column.has_default:
        parts.append("its default if empty")
    elif column.nullable:
        parts.append("NULL if empty")
    name = _VALUE + column.name
    return Field(
        name,
        column.name,
        ", ".join(parts),
        "lines" if is_list or column.type in {"JSON", "JSONB", "XML"} else "text",
        request.parameters.first(name),
        required=_is_required(column),
    )


def _is_required(column: ColumnInfo) -> bool:
    return not column.nullable and not column.has_default


def _find(request: PageRequest) -> JobView:
    """Return the job that the parameters name, without asking the database."""
    info = read_info(request.project(), with_environment=False)
    views = job_views(info, {}, session_addresses(request.root))
    app = request.parameters.first("app")
    views = tuple(view for view in views if view.job.app == app)
    found = _named(views, request.parameters.first("job"))
    if found is None:
        raise Refused(404, "There is no such job. It may have been removed.")
    if found.table is None:
        raise Refused(409, f"The job {found.job.name} has no table in Schema.sql.")
    return found


def _named(views: tuple[JobView, ...], name: str) -> JobView | None:
    return next((view for view in views if view.job.name == name), None)


def _table(view: JobView) -> JobTable:
    assert view.table is not None  # noqa: S101 -- _find has made sure
    return view.table


def _ask(request: PageRequest, info: ProjectInfo) -> DatabaseAnswer:
    tables = [table for job in info.jobs if (table := job_table(job)) is not None]
    return request.database.ask(tables)


JOBS = Page("/jobs", "Jobs", reads={"": _show, "/run": _run_form}, writes={"/run": _run})
