"""The form of a custom view, and the job that it creates."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from jobgen_runtime import DuplicateJob
from jobgen_runtime.dashboard import DisplayableJob, Html, InvalidForm, fields_for, form_for, html
from markupsafe import escape

from tests.dashboard.attics import InitialScrapeJob
from tests.dashboard.conftest import MakeSite
from tests.dashboard.sites import DashboardSite, Database

TABLE = "initial_scrape_jobs"


def test_custom_form_creates_a_job_for_the_chosen_band(
    attics: DashboardSite, shop: Database, phish: str
) -> None:
    form = attics.get(f"/jobs/CreateJob?tableName={TABLE}").text
    assert f'<option value="{phish}">Phish</option>' in form
    assert f'<input type="hidden" name="tableName" value="{TABLE}">' in form
    assert "&lt;b&gt;Dead&lt;/b&gt;</option>" in form
    answer = attics.post(f"/jobs/CreateJob?tableName={TABLE}", {"band_id": phish})
    assert answer.status_code == 303
    assert [str(row["band_id"]) for row in shop.rows(TABLE)] == [phish]


@pytest.mark.parametrize(
    "form", [{}, {"band_id": '"><i>'}, {"band_id": "01890000-0000-7000-8000-000000000000"}]
)
def test_invalid_custom_form_is_shown_again_with_the_reason(
    attics: DashboardSite, shop: Database, form: dict[str, str]
) -> None:
    answer = attics.post(f"/jobs/CreateJob?tableName={TABLE}", form)
    assert answer.status_code == 422
    assert shop.rows(TABLE) == []
    if given := form.get("band_id"):
        assert f'<option value="{escape(given)}" selected>' in answer.text
        is_uuid = given.startswith("0")
        assert ('aria-invalid="true"' in answer.text) is is_uuid
        assert ('<a href="#field-1">Band</a>: ' in answer.text) is is_uuid


def test_address_of_the_form_chooses_an_option(attics: DashboardSite, phish: str) -> None:
    form = attics.get(f"/jobs/CreateJob?tableName={TABLE}&band_id={phish}").text
    assert f'<option value="{phish}" selected>Phish</option>' in form


class Refusing(DisplayableJob[InitialScrapeJob]):
    async def create_new_job(self) -> None:
        await InitialScrapeJob.create(self.conn, band_id=self.param("band_id", UUID))
        raise InvalidForm("Not on Sundays.")


def test_create_new_job_that_raises_inserts_nothing(
    make_site: MakeSite, shop: Database, phish: str
) -> None:
    answer = make_site(jobs=[Refusing]).post(
        "/jobs/CreateJob", {"tableName": TABLE, "band_id": phish}
    )
    assert answer.status_code == 422
    assert "Not on Sundays." in answer.text
    assert shop.rows(TABLE) == []


class Duplicating(DisplayableJob[InitialScrapeJob]):
    async def create_new_job(self) -> None:
        await InitialScrapeJob.create(self.conn, band_id=self.param("band_id", UUID))
        raise DuplicateJob("There is another such job.")


def test_duplicate_is_named_in_the_form(make_site: MakeSite, shop: Database, phish: str) -> None:
    form = {"tableName": TABLE, "band_id": phish}
    answer = make_site(jobs=[Duplicating]).post("/jobs/CreateJob", form)
    assert answer.status_code == 422
    assert "There is another such job." in answer.text
    assert shop.rows(TABLE) == []


class Searching(DisplayableJob[InitialScrapeJob]):
    """A form with the default fields of some columns."""

    columns: tuple[str, ...] = ("pages", "band_id")

    async def make_new_job_view(self) -> Html:
        return html("<h1>New</h1>{}", form_for(self, await fields_for(self, *self.columns)))


def test_fields_of_columns_search_a_large_table_and_are_inserted_by_default(
    make_site: MakeSite, shop: Database, phish: str
) -> None:
    shop.run(f"ALTER TABLE {TABLE} ADD pages INT, ADD note TEXT")
    shop.run("INSERT INTO bands (name) SELECT 'Band ' || n FROM generate_series(1, 300) AS n")
    site = make_site(jobs=[Searching])
    form = site.get(f"/jobs/CreateJob?tableName={TABLE}").text
    names = re.findall(r'name="([^"]+)"', form.partition("<form")[2].partition("</main>")[0])
    assert names == ["tableName", "pages", "find.band_id", "findIn", "band_id"]
    search = {"tableName": TABLE, "pages": "7", "find.band_id": "phish", "findIn": "band_id"}
    found = site.post("/jobs/CreateJob", search).text
    assert f'<option value="{phish}">Phish</option>' in found
    assert 'name="pages" value="7"' in found
    answer = site.post("/jobs/CreateJob", {"tableName": TABLE, "pages": "7", "band_id": phish})
    assert answer.status_code == 303
    assert [(row["pages"], str(row["band_id"])) for row in shop.rows(TABLE)] == [(7, phish)]


@pytest.mark.parametrize("columns", [("id",), ("no_such",)])
def test_fields_of_columns_that_no_form_fills_in_are_refused(
    make_site: MakeSite, phish: str, caplog: pytest.LogCaptureFixture, columns: tuple[str, ...]
) -> None:
    site = make_site(jobs=[type("Wrong", (Searching,), {"columns": columns})])
    assert site.get(f"/jobs/CreateJob?tableName={TABLE}").status_code == 200
    assert f"fields_for: a form cannot fill in {columns[0]} of {TABLE}." in caplog.text
