"""The page of one job: its error with the application's frames, and the rows that it references."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from jobgen_runtime.dashboard.components.frames import error_parts

from tests.dashboard.sites import DashboardSite, Database

TRACEBACK = """\
Traceback (most recent call last):
  File "/srv/shop/Web/Job/Send.py", line 31, in perform
    await self.charge(job)
          ^^^^^^^^^^^
  File "/srv/shop/.venv/lib/python3.12/site-packages/stripe/api.py", line 8, in charge
    raise CardError(message)
  File "/usr/lib/python3.12/asyncio/tasks.py", line 507, in wait_for
    return await fut
  File "/srv/shop/Web/card.py", line 2, in check
    raise CardError("<b>declined</b>")
stripe.error.CardError: <b>declined</b>
Ask the bank.
"""


PIECES = ["a", " ", "\n", "|", "\r", 'File "x", line 1', 'File "<x>", line 1']


def test_frames_of_the_application_are_told_from_those_of_libraries() -> None:
    own = [part.text for part in error_parts(TRACEBACK) if part.is_own]
    lines = TRACEBACK.splitlines(keepends=True)
    assert own == ["".join(lines[1:4]), "".join(lines[8:10])]
    frame = '  |   File "/srv/x.py", line 1, in f\n  |     g()\n'
    group = f"  + Exception Group\n{frame}  | ValueError: a\n"
    [part] = [part for part in error_parts(group) if part.is_own]
    assert part.text == frame


@given(st.lists(st.sampled_from(PIECES)))
def test_parts_of_any_error_are_the_error(pieces: list[str]) -> None:
    error = "".join(pieces)
    assert "".join(part.text for part in error_parts(error)) == error


def test_page_of_a_job_shows_the_reason_its_own_frames_and_names_of_references(
    site: DashboardSite, shop: Database
) -> None:
    shop.run("CREATE TABLE bands (id UUID PRIMARY KEY DEFAULT uuidv7(), name TEXT)")
    shop.run("CREATE TABLE places (id INT PRIMARY KEY, city TEXT)")
    shop.run("INSERT INTO places VALUES (1, 'Rome')")
    band = shop.insert("bands", name="<Phish>")
    shop.job_table(
        "scrape_jobs", "band_id UUID REFERENCES bands (id)", "place_id INT REFERENCES places (id)"
    )
    job = shop.insert(
        "scrape_jobs", status="failed", last_error=TRACEBACK, band_id=band, place_id=1
    )
    page = site.get(f"/jobs/ViewJob?tableName=scrape_jobs&id={job}").text
    assert '<b title="stripe.error.CardError">CardError</b> &lt;b&gt;declined&lt;/b&gt;' in page
    assert page.count("<mark>") == 2
    assert "<mark>  File &#34;/srv/shop/Web/card.py&#34;, line 2" in page
    assert "&lt;Phish&gt;" in page
    assert f'href="/jobs/ListJob?tableName=scrape_jobs&amp;where_band_id={band}"' in page
    assert "where_place_id" not in page.split("</h1>")[1]
    shop.run("UPDATE scrape_jobs SET band_id = NULL")
    assert site.get(f"/jobs/ViewJob?tableName=scrape_jobs&id={job}").status_code == 200
