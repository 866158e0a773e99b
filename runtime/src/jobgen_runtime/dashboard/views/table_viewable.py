"""A list of jobs as a table with custom columns and rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Generic, TypeVar

from jobgen_runtime.dashboard.access.visitor import Right
from jobgen_runtime.dashboard.components.html import Html, html, joined
from jobgen_runtime.dashboard.views.default_views import last_page
from jobgen_runtime.dashboard.views.view import View
from jobgen_runtime.dashboard.web.templating import render

Row = TypeVar("Row")


class TableViewable(View, ABC, Generic[Row]):
    """A table of rows of any type.

    Create it inside a view, from that view's context: `InitialScrapes(self.context)`.
    """

    table_title: ClassVar[str]
    """The title above the table."""
    model_table_name: ClassVar[str]
    """The job table's name in the database."""
    table_headers: ClassVar[Sequence[str]]
    """The heading of each column; an empty one for the column of links or buttons."""

    @abstractmethod
    def render_table_row(self, row: Row) -> Html:
        """Render a row as `<tr>…</tr>`, with a cell for each heading."""

    @abstractmethod
    async def get_index(self) -> Sequence[Row]:
        """Return the rows that the overview shows."""

    @abstractmethod
    async def get_page(self, page: int, page_size: int) -> Sequence[Row]:
        """Return the rows of one page. `page` counts from 0: the offset is `page * page_size`."""

    def new_job_link(self) -> Html:
        """Render the link to the form for a new job, for whoever may create one."""
        if not self.may(Right.CREATE):
            return Html()
        return html(
            '<a class="button primary" href="{}">New job</a>',
            self.addresses.create_job(self.model_table_name),
        )


async def make_dashboard_section_from_table_viewable(viewable: TableViewable[Any]) -> Html:
    """Render a section of the overview from `get_index`."""
    return _rendered(viewable, await viewable.get_index(), None)


async def make_list_page_from_table_viewable(
    viewable: TableViewable[Any], page: int, page_size: int
) -> Html:
    """Render a page of the list from `get_page`; `page` counts from 1."""
    rows = await viewable.get_page(page - 1, page_size)
    pages = (page, len(rows) >= page_size and page < last_page(page_size))
    return _rendered(viewable, rows, pages)


def _rendered(
    viewable: TableViewable[Any], rows: Sequence[Any], pages: tuple[int, bool] | None
) -> Html:
    """Render the table; `pages` has the page's number and whether there may be more."""
    address = viewable.addresses.list_job
    newer = older = None
    if pages is not None:
        page, more = pages
        newer = address(viewable.model_table_name, page=page - 1) if page > 1 else None
        older = address(viewable.model_table_name, page=page + 1) if more else None
    return render(
        "table_viewable",
        title=viewable.table_title,
        headers=viewable.table_headers,
        body=joined([viewable.render_table_row(row) for row in rows]),
        new_job_link=viewable.new_job_link(),
        all_jobs=address(viewable.model_table_name),
        is_section=pages is None,
        newer=newer,
        older=older,
    )
