"""A list of jobs as a table with custom columns and rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Generic, TypeVar

from jobgen_runtime.dashboard.access.visitor import Right
from jobgen_runtime.dashboard.components.html import Html, html, joined
from jobgen_runtime.dashboard.views.default_views import NEWEST, last_page
from jobgen_runtime.dashboard.views.definitions import (
    require_async,
    require_attributes,
    require_parameters,
    require_sync,
)
from jobgen_runtime.dashboard.views.view import View
from jobgen_runtime.dashboard.web.templating import render

Row = TypeVar("Row")

ABSTRACT = ("render_table_row", "get_page")
GET_PAGE = "async def get_page(self, limit: int, offset: int)"


class TableViewable(View, ABC, Generic[Row]):
    """A table of rows of any type.

    Create it inside a view, from that view's context: `InitialScrapes(self.context)`.

    Raises:
        TypeError: A subclass without a title, a table's name or headers, with a method that is
            async where it must not be or the reverse, or with another `get_page`: when it is
            defined.
    """

    table_title: ClassVar[str]
    """The title above the table."""
    model_table_name: ClassVar[str]
    """The job table's name in the database."""
    table_headers: ClassVar[Sequence[str]]
    """The heading of each column; an empty one for the column of links or buttons."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if any(hasattr(getattr(cls, name), "__isabstractmethod__") for name in ABSTRACT):
            return  # a base class of further tables
        require_attributes(
            cls,
            table_title='"Initial scrapes"',
            model_table_name='"initial_scrape_jobs"',
            table_headers='("Band", "Status")',
        )
        require_async(cls, "get_index", "get_page")
        require_sync(cls, "render_table_row", "new_job_link")
        require_parameters(cls, "get_page", GET_PAGE, "limit", "offset")

    @abstractmethod
    def render_table_row(self, row: Row) -> Html:
        """Render a row as `<tr>…</tr>`, with a cell for each heading."""

    @abstractmethod
    async def get_page(self, limit: int, offset: int) -> Sequence[Row]:
        """Return up to `limit` rows of the list, without the first `offset` ones."""

    async def get_index(self) -> Sequence[Row]:
        """Return the rows that the overview shows: by default, the first ten of the list."""
        return await self.get_page(limit=NEWEST, offset=0)

    def new_job_link(self) -> Html:
        """Render the link to the form for a new job, for whoever may create one."""
        if not self.may(Right.CREATE):
            return Html()
        return html(
            '<a class="button primary" href="{}">New job<span class="unseen"> in {}</span></a>',
            self.addresses.create_job(self.model_table_name),
            self.table_title,
        )


async def make_dashboard_section_from_table_viewable(viewable: TableViewable[Any]) -> Html:
    """Render a section of the overview from `get_index`."""
    return _rendered(viewable, await viewable.get_index(), None)


async def make_list_page_from_table_viewable(
    viewable: TableViewable[Any], page: int, page_size: int
) -> Html:
    """Render a page of the list from `get_page`; `page` counts from 1."""
    # With one row more than it shows, a page knows whether there is another.
    rows = await viewable.get_page(limit=page_size + 1, offset=(page - 1) * page_size)
    has_more = len(rows) > page_size and page < last_page(page_size)
    return _rendered(viewable, rows[:page_size], (page, has_more))


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
        page=None if pages is None else pages[0],
        newer=newer,
        older=older,
    )
