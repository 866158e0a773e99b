"""The guide's case study: a job for one band, shown with the band's name.

`Band` and `InitialScrapeJob` are as `jobgen types` writes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, Required, Self, TypedDict, Unpack
from uuid import UUID

from jobgen_runtime import Job, JobRecord, JobStatus, Record, Table
from jobgen_runtime.dashboard import (
    DisplayableJob,
    Html,
    Right,
    TableViewable,
    detail_table,
    error_block,
    fetch_related,
    form_for,
    html,
    make_dashboard_section_from_table_viewable,
    make_list_page_from_table_viewable,
    select_field,
    status_to_badge,
)
from psycopg import AsyncConnection, sql


class Band(Record):
    """A row of `bands`."""

    __table__: ClassVar = Table("bands", columns=("id", "name"), key=("id",))

    id: UUID
    name: str

    @classmethod
    async def get(cls, id: UUID, /, conn: AsyncConnection[Any] | None = None) -> Self:  # noqa: A002 -- the key
        return await cls._get(conn, (id,))


class InitialScrapeJob(JobRecord):
    """A row of `initial_scrape_jobs`."""

    class Values(TypedDict, total=False):
        """The arguments of `create`."""

        band_id: Required[UUID]
        run_at: datetime
        status: JobStatus

    __table__: ClassVar = Table(
        "initial_scrape_jobs",
        columns=(
            "id",
            "created_at",
            "updated_at",
            "status",
            "last_error",
            "attempts_count",
            "locked_at",
            "locked_by",
            "run_at",
            "band_id",
        ),
        key=("id",),
    )

    band_id: UUID

    @classmethod
    async def create(
        cls, conn: AsyncConnection[Any] | None = None, /, **values: Unpack[Values]
    ) -> Self:
        return await cls._create(conn, values)


class InitialScrape(Job[InitialScrapeJob]):
    max_attempts = 3

    async def perform(self, job: InitialScrapeJob) -> None:
        print(job.band_id)


Scrape = tuple[InitialScrapeJob, Band]
"""A job with its band."""


class InitialScrapes(TableViewable[Scrape]):
    table_title = "Initial scrapes"
    model_table_name = "initial_scrape_jobs"
    table_headers = ("Band", "Updated at", "Status", "", "")

    async def get_page(self, limit: int, offset: int) -> Sequence[Scrape]:
        jobs = await InitialScrapeJob.fetch_all(
            "SELECT * FROM initial_scrape_jobs ORDER BY id DESC LIMIT %s OFFSET %s",
            (limit, offset),
            conn=self.conn,
        )
        return await fetch_related(jobs, lambda job: job.band_id, Band, conn=self.conn)

    def render_table_row(self, row: Scrape) -> Html:
        job, band = row
        return html(
            """
            <tr>
                <td>{band}</td>
                <td>{updated}</td>
                <td>{status}</td>
                <td><a href="{show}">Show</a></td>
                <td>{retry}</td>
            </tr>
            """,
            band=band.name,
            updated=self.time_ago(job.updated_at),
            status=status_to_badge(job.status),
            show=self.addresses.view_job(self.table_name, job.id),
            retry=self.action_button(Right.CREATE, "Retry", {"band_id": band.id}, kind="small"),
        )


class DisplayedInitialScrape(DisplayableJob[InitialScrapeJob]):
    async def make_dashboard_section(self) -> Html:
        return await make_dashboard_section_from_table_viewable(InitialScrapes(self.context))

    async def make_page_view(self, page: int, page_size: int) -> Html:
        return await make_list_page_from_table_viewable(
            InitialScrapes(self.context), page, page_size
        )

    async def make_detail_view(self, job: InitialScrapeJob) -> Html:
        band = await Band.get(job.band_id, conn=self.conn)
        return html(
            "<h1>Initial scrape of {}</h1>{}{}{}{}",
            band.name,
            detail_table({"Band": band.name, "Created at": self.time_ago(job.created_at)}),
            error_block(job.last_error),
            self.action_button(Right.DELETE, "Delete", {"id": job.id}, kind="danger"),
            self.action_button(Right.CREATE, "Run again", {"band_id": band.id}, kind="primary"),
        )

    async def make_new_job_view(self) -> Html:
        bands = await Band.fetch_all(sql.SQL("SELECT * FROM bands ORDER BY name"), conn=self.conn)
        return html(
            "<h1>New initial scrape</h1>{}",
            form_for(self, select_field(self, "band_id", bands), submit="Run"),
        )

    async def create_new_job(self) -> UUID:
        job = await InitialScrapeJob.create(self.conn, band_id=self.param("band_id", UUID))
        return job.id
