"""The default view of one job."""

from __future__ import annotations

from uuid import UUID

from jobgen_runtime.dashboard.components.details import error_card
from jobgen_runtime.dashboard.components.html import Html
from jobgen_runtime.dashboard.components.json_text import FOLDED_LINES, indented_json
from jobgen_runtime.dashboard.components.notices import refused_jobs
from jobgen_runtime.dashboard.components.references import find_references, reference_names
from jobgen_runtime.dashboard.jobs.attempts import MAX_ATTEMPTS, recorded_attempts
from jobgen_runtime.dashboard.jobs.neighbors import MAX_COUNTED, find_neighbors
from jobgen_runtime.dashboard.jobs.rows import read_row
from jobgen_runtime.dashboard.jobs.timeline import timeline
from jobgen_runtime.dashboard.views.view import ViewContext
from jobgen_runtime.dashboard.web.parameters import RequestRefused
from jobgen_runtime.dashboard.web.templating import render
from jobgen_runtime.dashboard.workers.workers import worker_names

JSON_TYPES = frozenset({"json", "jsonb"})


async def detail_view(context: ViewContext, job_id: UUID) -> Html:
    """Render a job's row and the actions on it.

    Raises:
        RequestRefused: There is no such job (404).
    """
    conn, table = context.conn, context.table
    job = await read_row(conn, table, job_id)
    if job is None:
        raise RequestRefused(404, f"There is no job {job_id} in {table.key}.")
    refused = await refused_jobs(conn, table, job=job_id)
    refusal = refused[0] if refused else None
    has_ended = refusal is not None and refusal.has_ended and job.is_running
    return render(
        "detail",
        context=context,
        job=job,
        error=(
            Html()
            if job.last_error is None
            else error_card(job.last_error, "error", table.redact_error)
        ),
        names=await reference_names(conn, await find_references(conn, table), [job]),
        json={
            column.name: indented_json(value)
            for column, value in job.own
            if column.base in JSON_TYPES and isinstance(value, str)
        },
        folded_lines=FOLDED_LINES,
        steps=timeline(job, context.now),
        attempts=await recorded_attempts(conn, table, job_id),
        max_attempts=MAX_ATTEMPTS,
        neighbors=await find_neighbors(conn, table, job),
        max_counted=MAX_COUNTED,
        worker=(await worker_names(conn, [job.locked_by])).get(job.locked_by or ""),
        refusal=refusal,
        is_running=job.is_running and not has_ended,
    )
