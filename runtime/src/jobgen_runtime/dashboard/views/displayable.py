"""The views of one kind of job, to be subclassed for custom views."""

from __future__ import annotations

from typing import Any, ClassVar, Generic, TypeVar, get_args, get_origin
from uuid import UUID

from jobgen_runtime.dashboard.changes.insert import insert_job
from jobgen_runtime.dashboard.components.html import Html
from jobgen_runtime.dashboard.views import default_views
from jobgen_runtime.dashboard.views.definitions import require_async
from jobgen_runtime.dashboard.views.view import View
from jobgen_runtime.record import JobRecord

R = TypeVar("R", bound=JobRecord)

VIEWS = (
    "make_dashboard_section",
    "make_page_view",
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

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        require_async(cls, *VIEWS)
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
        return await default_views.page_view(self.context, page, page_size)

    async def make_detail_view(self, job: R) -> Html:
        """Render the page of one job."""
        return await default_views.detail_view(self.context, job.id)

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
