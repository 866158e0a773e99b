"""The views of one kind of job, to be subclassed for custom views."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Generic, TypeVar, cast, get_args, get_origin
from uuid import UUID

from jobgen_runtime.dashboard.changes.insert import insert_job
from jobgen_runtime.dashboard.components.html import Html
from jobgen_runtime.dashboard.database.statements import statement
from jobgen_runtime.dashboard.views import default_views
from jobgen_runtime.dashboard.views.definitions import require_async
from jobgen_runtime.dashboard.views.detail_view import detail_view
from jobgen_runtime.dashboard.views.further_columns import FurtherColumns
from jobgen_runtime.dashboard.views.view import View
from jobgen_runtime.record import JobRecord
from jobgen_runtime.table import quote_name

R = TypeVar("R", bound=JobRecord)

VIEWS = (
    "make_dashboard_section",
    "make_page_view",
    "list_cells",
    "make_detail_view",
    "make_new_job_view",
    "create_new_job",
)
"""The methods that subclasses override."""


class DisplayableJob(View, Generic[R]):
    """The views of one kind of job. Override any of them; the others keep the default.

    Each request gets an instance. `self.request`, `self.conn`, `self.param(…)`, `self.addresses`
    and `self.table_name` are available in every method.
    """

    record: ClassVar[type[JobRecord]]
    """The record named in `DisplayableJob[Record]`."""

    list_headers: ClassVar[Sequence[str]] = ()
    """The headings of further columns of the default list, which `list_cells` fills."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        require_async(cls, *VIEWS)
        if bool(cls.list_headers) != (cls.list_cells is not DisplayableJob.list_cells):
            raise TypeError(
                f"{cls.__qualname__}: write both `list_headers = (…)` and "
                "`async def list_cells(self, jobs)`."
            )
        for base in getattr(cls, "__orig_bases__", ()):
            origin = get_origin(base)
            if isinstance(origin, type) and issubclass(origin, DisplayableJob):
                (argument,) = get_args(base)
                if isinstance(argument, type) and issubclass(argument, JobRecord):
                    cls.record = argument

    async def make_dashboard_section(self) -> Html:
        """Render the table's section of the overview."""
        return await default_views.dashboard_section(self.context)

    async def make_page_view(self, page: int, page_size: int) -> Html:
        """Render one page of the list of jobs; `page` counts from 1."""
        return await default_views.page_view(self.context, page, page_size, self._read_columns)

    async def list_cells(self, jobs: Sequence[R]) -> Sequence[Sequence[object]]:
        """Return a cell for each of `list_headers`, for each job of a page of the default list.

        Args:
            jobs: The records of the page.

        Returns:
            The cells of each job, in the order of `jobs`. Text is escaped; None is a dash.
        """
        return [() for _ in jobs]

    async def _read_columns(self, ids: Sequence[UUID]) -> FurtherColumns:
        """Return the further columns of the jobs with these ids.

        Raises:
            ValueError: `list_cells` has not returned one cell for each heading and job.
        """
        if not self.list_headers:
            return FurtherColumns()
        table = self.context.table
        query = statement("read_rows_by_key").format(table=table.identifier, key=quote_name("id"))
        found = {
            record.id: cast("R", record)
            for record in await self.record.fetch_all(query, {"keys": [*ids]}, conn=self.conn)
        }
        jobs = [found[each] for each in ids if each in found]
        rows = await self.list_cells(jobs)
        if [len(row) for row in rows] != [len(self.list_headers)] * len(jobs):
            raise ValueError(
                f"{type(self).__qualname__}.list_cells must return {len(self.list_headers)} cells "
                f"for each of {len(jobs)} jobs, as list_headers says."
            )
        return FurtherColumns(
            self.list_headers, {job.id: row for job, row in zip(jobs, rows, strict=True)}
        )

    async def make_detail_view(self, job: R) -> Html:
        """Render the page of one job."""
        return await detail_view(self.context, job.id)

    async def make_new_job_view(self) -> Html:
        """Render the form for a new job, which posts `tableName` and its fields to CreateJob."""
        return await default_views.new_job_view(self.context)

    async def create_new_job(self) -> UUID | None:
        """Insert the job that the form describes, over `self.conn`.

        Returns:
            The job's id, for the log; None if it is not known.

        Raises:
            InvalidForm: The form is incomplete or wrong; the page shows the messages.
        """
        return await insert_job(self.conn, self.context.table, self.context.parameters)
