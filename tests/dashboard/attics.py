"""The guide's case study: a job for one band, shown with the band's name.

`Band` and `InitialScrapeJob` are as `jobgen types` writes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Required, Self, TypedDict, Unpack
from uuid import UUID

from jobgen_runtime import Job, JobRecord, JobStatus, Record, Table
from jobgen_runtime.dashboard import (
    DisplayableJob,
    Html,
    TableViewable,
    html,
    make_dashboard_section_from_table_viewable,
    make_list_page_from_table_viewable,
    post_button,
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


@dataclass
class Scrape:
    """A job with its band."""

    job: InitialScrapeJob
    band: Band


class InitialScrapes(TableViewable[Scrape]):
    table_title = "Initial scrapes"
    model_table_name = "initial_scrape_jobs"
    table_headers = ("Band", "Updated at", "Status", "", "")

    async def get_index(self) -> Sequence[Scrape]:
        return await self._scrapes(limit=10, offset=0)

    async def get_page(self, page: int, page_size: int) -> Sequence[Scrape]:
        return await self._scrapes(limit=page_size, offset=page * page_size)

    async def _scrapes(self, limit: int, offset: int) -> list[Scrape]:
        jobs = await InitialScrapeJob.fetch_all(
            "SELECT * FROM initial_scrape_jobs ORDER BY id DESC LIMIT %s OFFSET %s",
            (limit, offset),
            conn=self.conn,
        )
        bands = await Band.fetch_all(
            "SELECT * FROM bands WHERE id = ANY(%s)",
            ([job.band_id for job in jobs],),
            conn=self.conn,
        )
        by_id = {band.id: band for band in bands}
        return [Scrape(job, by_id[job.band_id]) for job in jobs]

    def render_table_row(self, row: Scrape) -> Html:
        return html(
            """
            <tr>
                <td>{band}</td>
                <td>{updated}</td>
                <td>{status}</td>
                <td><a href="{show}">Show</a></td>
                <td>{again}</td>
            </tr>
            """,
            band=row.band.name,
            updated=self.time_ago(row.job.updated_at),
            status=status_to_badge(row.job.status),
            show=self.addresses.view_job(self.table_name, row.job.id),
            again=post_button(
                self.addresses.create_job(self.table_name, bandId=row.band.id),
                "Retry",
                {},
                kind="small",
            ),
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
            """
            <h1>Initial scrape of {band}</h1>
            <div class="card"><table class="facts">
                <tr><th scope="row">Band</th><td>{band}</td></tr>
                <tr><th scope="row">Created at</th><td>{created}</td></tr>
                <tr><th scope="row">Status</th><td>{status}</td></tr>
                <tr><th scope="row">Last error</th><td>{error}</td></tr>
            </table></div>
            {delete} {again}
            """,
            band=band.name,
            created=self.time_ago(job.created_at),
            status=status_to_badge(job.status),
            error=job.last_error or "No error",
            delete=post_button(
                self.addresses.delete_job(),
                "Delete",
                {"tableName": self.table_name, "id": job.id},
                kind="danger",
            ),
            again=post_button(
                self.addresses.create_job(self.table_name),
                "Run again",
                {"bandId": band.id},
                kind="primary",
            ),
        )

    async def make_new_job_view(self) -> Html:
        bands = await Band.fetch_all(sql.SQL("SELECT * FROM bands ORDER BY name"), conn=self.conn)
        options = Html().join(
            html('<option value="{}">{}</option>', band.id, band.name) for band in bands
        )
        return html(
            """
            <h1>New initial scrape</h1>
            <form class="card form" method="post" action="{action}">
                <div class="field">
                    <label for="band">Band</label>
                    <select id="band" name="bandId">{options}</select>
                </div>
                <button type="submit" class="button primary">Run</button>
            </form>
            """,
            action=self.addresses.create_job(self.table_name),
            options=options,
        )

    async def create_new_job(self) -> None:
        await InitialScrapeJob.create(self.conn, band_id=self.param("bandId", UUID))
