"""The export of the jobs of a list."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncGenerator

from psycopg import DataError
from starlette.responses import Response

from jobgen_runtime.dashboard.dashboard_request import DashboardRequest
from jobgen_runtime.dashboard.errors.find_failures import find_selection
from jobgen_runtime.dashboard.export.export import Export
from jobgen_runtime.dashboard.export.export_response import ExportResponse
from jobgen_runtime.dashboard.export.formats import FORMATS
from jobgen_runtime.dashboard.lists.counts import summarize
from jobgen_runtime.dashboard.lists.selection import Cursor, unsearchable
from jobgen_runtime.dashboard.lists.walk import Walk
from jobgen_runtime.dashboard.web.parameters import RequestRefused

log = logging.getLogger("jobgen.dashboard")

NOT_IN_A_FILE_NAME = re.compile(r"[^A-Za-z0-9_.-]")


async def export_jobs(request: DashboardRequest) -> Response:
    """Send the jobs that match as a file. The parameters are those of a list, and `format`."""
    table = await request.table()
    chosen = FORMATS.get(request.parameters.get("format", "csv"))
    if chosen is None:
        raise RequestRefused(400, f"The parameter format must be one of {', '.join(FORMATS)}.")
    conn = request.session.conn
    selection = await find_selection(conn, table, request.parameters, request.causes)
    export = Export(Walk(conn, table, await summarize(conn, table), selection), chosen)
    try:
        first, after = await export.batch(conn, None)
    except DataError as error:
        raise unsearchable(error, table) from error
    day = (request.session.now.iso or "")[:10]
    name = NOT_IN_A_FILE_NAME.sub("_", table.key)
    if request.request.method == "HEAD":
        after = None
    log.info("%s is exported from the dashboard by %r", table.key, request.visitor.name)
    return ExportResponse(
        _chunks(request, export, first, after),
        request.exports,
        media_type=chosen.media_type,
        filename=f"{name}-{day}.{chosen.extension}",
    )


async def _chunks(
    request: DashboardRequest, export: Export, first: bytes, after: Cursor | None
) -> AsyncGenerator[bytes, None]:
    """Return the parts of the file.

    Each is read in a separate transaction, so that a slow recipient holds no connection. An error
    breaks the answer off, so that a part of the file is not taken for all of it.
    """
    yield export.head + first
    while after is not None:
        async with request.connections.session(writes=False) as session:
            lines, after = await export.batch(session.conn, after)
        if lines:
            yield lines
