"""Further columns of the default list, from the application's code."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from jobgen_runtime.dashboard import DisplayableJob, Html, fetch_related, html

from tests.dashboard.attics import Band, InitialScrapeJob
from tests.dashboard.conftest import MakeSite
from tests.dashboard.sites import Database
from tests.dashboard.test_definitions import defined

TABLE = "initial_scrape_jobs"


class WithBands(DisplayableJob[InitialScrapeJob]):
    """The default list with the band's name and its length."""

    list_headers = ("Band's name", "Letters")

    async def list_cells(self, jobs: Sequence[InitialScrapeJob]) -> Sequence[Sequence[object]]:
        related = await fetch_related(jobs, lambda job: job.band_id, Band, conn=self.conn)
        return [(band.name, html("<i>{}</i>", len(band.name))) for _, band in related]


def test_default_list_has_further_columns_and_keeps_its_tabs_and_filters(
    make_site: MakeSite, shop: Database, phish: str
) -> None:
    dead = str(shop.run("SELECT id FROM bands WHERE name = '<b>Dead</b>'")[0]["id"])
    shop.insert(TABLE, band_id=phish, status="failed")
    shop.insert(TABLE, band_id=dead)
    site = make_site(jobs=[WithBands])
    address = f"/jobs/ListJob?tableName={TABLE}"
    assert cells(site.get(address).text) == [
        ("&lt;b&gt;Dead&lt;/b&gt;", "<i>11</i>"),
        ("Phish", "<i>5</i>"),
    ]
    failed = site.get(f"{address}&status=failed").text
    assert cells(failed) == [("Phish", "<i>5</i>")]
    assert '<th scope="col">Band&#39;s name</th>' in failed
    assert 'name="q"' in failed
    assert cells(site.get(f"{address}&where_band_id={dead}").text)[0][1] == "<i>11</i>"


def cells(page: str) -> list[tuple[str, ...]]:
    """Return the further cells of each row of a page."""
    cell = r'<td class="value" data-label="{}">(.*?)</td>'
    return re.findall(
        cell.format("Band&#39;s name") + r"\s*" + cell.format("Letters"), page, re.DOTALL
    )


@pytest.mark.parametrize("cells", [[], [("one",)], [("one", "two", "three")]])
def test_default_list_is_shown_without_the_columns_if_their_cells_do_not_fit(
    make_site: MakeSite,
    shop: Database,
    phish: str,
    caplog: pytest.LogCaptureFixture,
    cells: Sequence[Sequence[object]],
) -> None:
    class Wrong(WithBands):
        async def list_cells(self, jobs: Sequence[object]) -> Sequence[Sequence[object]]:
            return cells if jobs else []

    job = shop.insert(TABLE, band_id=phish)
    page = make_site(jobs=[Wrong]).get(f"/jobs/ListJob?tableName={TABLE}")
    assert page.status_code == 200
    assert job in page.text
    assert "Letters" not in page.text
    assert "Wrong.list_cells must return 2 cells for each of 1 jobs" in caplog.text


def test_headers_without_cells_and_cells_without_headers_are_refused_at_the_definition() -> None:
    async def list_cells(self: object, jobs: Sequence[object]) -> list[tuple[Html]]:
        return [(Html(),) for _ in jobs]

    for attributes in ({"list_headers": ("Band",)}, {"list_cells": list_cells}):
        with pytest.raises(TypeError, match="Own: write both `list_headers = "):
            defined(DisplayableJob, **attributes)
    defined(DisplayableJob, list_headers=("Band",), list_cells=list_cells)
