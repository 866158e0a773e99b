from collections.abc import Sequence
from uuid import UUID

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

from Generated.Types import Band, InitialScrapeJob


class InitialScrapes(TableViewable[tuple[InitialScrapeJob, Band]]):
    table_title = "Initial scrapes"
    model_table_name = "initial_scrape_jobs"
    table_headers = ("Band", "Updated at", "Status", "", "")

    async def get_page(self, limit: int, offset: int) -> Sequence[tuple[InitialScrapeJob, Band]]:
        jobs = await InitialScrapeJob.fetch_all(
            "SELECT * FROM initial_scrape_jobs ORDER BY id DESC LIMIT %s OFFSET %s",
            (limit, offset),
            conn=self.conn,
        )
        return await fetch_related(jobs, lambda job: job.band_id, Band, conn=self.conn)

    def render_table_row(self, row: tuple[InitialScrapeJob, Band]) -> Html:
        job, band = row
        return html(
            """
            <tr>
                <td>{band}</td>
                <td>{updated}</td>
                <td>{status}</td>
                <td><a href="{show}">Show</a></td>
                <td class="action">{retry}</td>
            </tr>
            """,
            band=band.name,
            updated=self.time_ago(job.updated_at),
            status=status_to_badge(job.status),
            show=self.addresses.view_job(self.table_name, job.id),
            retry=self.action_button(
                Right.CREATE, "Retry", {"band_id": band.id}, kind="small", of=band.name
            ),
        )


class DisplayedInitialScrape(DisplayableJob[InitialScrapeJob]):
    async def make_dashboard_section(self) -> Html:
        return await make_dashboard_section_from_table_viewable(InitialScrapes(self.context))

    async def make_page_view(self, page: int, page_size: int) -> Html:
        table = InitialScrapes(self.context)
        return await make_list_page_from_table_viewable(table, page, page_size)

    async def make_detail_view(self, job: InitialScrapeJob) -> Html:
        band = await Band.get(job.band_id, conn=self.conn)
        facts = {
            "Band": band.name,
            "Updated at": job.updated_at,
            "Created at": self.time_ago(job.created_at),
            "Status": status_to_badge(job.status),
        }
        return html(
            """
            <h1>Initial scrape of {band}</h1>
            <div class="actions">{delete} {again}</div>
            {error}
            {facts}
            """,
            band=band.name,
            delete=self.action_button(
                Right.DELETE, "Delete", {"id": job.id}, kind="danger", confirm="The row is deleted."
            ),
            again=self.action_button(
                Right.CREATE, "Run again", {"band_id": band.id}, kind="primary"
            ),
            error=error_block(job.last_error),
            facts=detail_table(facts),
        )

    async def make_new_job_view(self) -> Html:
        bands = await Band.fetch_all("SELECT * FROM bands ORDER BY name", conn=self.conn)
        return html(
            "<h1>New initial scrape</h1>{}", form_for(self, select_field(self, "band_id", bands))
        )

    async def create_new_job(self) -> UUID:
        job = await InitialScrapeJob.create(self.conn, band_id=self.param("band_id", UUID))
        return job.id
