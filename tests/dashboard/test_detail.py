"""The page of one job: its error with the application's frames, and the rows that it references."""

from __future__ import annotations

import json
import math
import re
import time
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.dashboard.components.details import error_block
from jobgen_runtime.dashboard.components.frames import error_parts
from jobgen_runtime.dashboard.components.json_text import indented_json
from jobgen_runtime.dashboard.components.times import Moment
from jobgen_runtime.dashboard.jobs.job_view import JobView
from jobgen_runtime.dashboard.jobs.timeline import timeline

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
    assert f"manage-jobs run scrape_jobs {job} --rollback</code>" in page
    assert "<mark>  File &#34;/srv/shop/Web/card.py&#34;, line 2" in page
    assert "&lt;Phish&gt;" in page
    assert f'href="/jobs/ListJob?tableName=scrape_jobs&amp;where_band_id={band}"' in page
    assert "where_place_id" not in page.split("</h1>")[1]
    shop.run("UPDATE scrape_jobs SET band_id = NULL")
    assert site.get(f"/jobs/ViewJob?tableName=scrape_jobs&id={job}").status_code == 200


def test_frames_of_libraries_are_folded_between_those_of_the_application() -> None:
    block = error_block(TRACEBACK)
    assert block.count("<details>") == 1
    folded = block.partition("<details>")[2].partition("</details>")[0]
    assert "<summary>2 frames of libraries</summary>" in folded
    assert "stripe/api.py" in folded
    assert "asyncio/tasks.py" in folded
    assert "/srv/shop/Web" not in folded
    texts = re.findall(r"<pre>\n(.*?)</pre>", block, re.DOTALL)
    assert "".join(unescape(re.sub(r"<[^>]*>", "", text)) for text in texts) == TRACEBACK
    lines = TRACEBACK.splitlines(keepends=True)
    assert "<details>" not in error_block("".join(lines[:1] + lines[4:8] + lines[-2:]))
    assert "<details>" not in error_block("".join(lines[:6] + lines[-2:]))


def job(status: str, **moments: float | None) -> JobView:
    given = {"created_at": 0.0, "run_at": 10.0, "locked_at": 12.5, "updated_at": 15.0, **moments}
    at = {name: None if moment is None else Moment(moment) for name, moment in given.items()}
    return JobView(
        cursor=None,
        id=None,
        status=JobStatus(f"job_status_{status}"),
        attempts_count=1,
        last_error=None,
        locked_by=None,
        own=(),
        created_at=at["created_at"],
        updated_at=at["updated_at"],
        locked_at=at["locked_at"],
        run_at=at["run_at"],
    )


@pytest.mark.parametrize(
    ("shown", "steps"),
    [
        (
            job("failed"),
            ["Created", "Due 10.0 s later", "Started waited 2.5 s", "Failed ran 2.5 s"],
        ),
        (job("failed", locked_at=None), ["Created", "Due 10.0 s later", "Failed"]),
        (job("running"), ["Created", "Due 10.0 s later", "Started waited 2.5 s"]),
        (
            job("retry", run_at=90.0, locked_at=None),
            ["Created", "Last attempt ended", "Due 1 min later*"],
        ),
        (job("not_started", run_at=0.5), ["Created", "Due"]),
        (job("not_started", run_at=math.inf), ["Created", "Due*"]),
        (job("succeeded", created_at=None, run_at=None), ["Started", "Succeeded ran 2.5 s"]),
        (
            job("succeeded", locked_at=16.0),
            ["Created", "Due 10.0 s later", "Started waited 6.0 s", "Succeeded"],
        ),
    ],
)
def test_timeline_has_the_moments_in_order_with_the_time_between(
    shown: JobView, steps: list[str]
) -> None:
    found = timeline(shown, Moment(20.0))
    assert [f"{step.label} {step.after}".strip() + "*" * step.is_ahead for step in found] == steps


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=20,
)


@given(JSON)
def test_indented_json_is_the_same_value(value: object) -> None:
    text = json.dumps(value)
    assert indented_json(text) == json.dumps(value, indent=2)
    for end in range(len(text)):
        cut = indented_json(text[:end])
        assert "".join(cut.split()) == "".join(text[:end].split())


def test_numbers_of_json_are_kept_and_deep_values_left_alone() -> None:
    assert indented_json('{"a": 1.10, "b": 1e400}') == '{\n  "a": 1.10,\n  "b": 1e400\n}'
    deep = "[" * 50_000 + "]" * 50_000
    assert indented_json(deep) == deep


@pytest.mark.parametrize("part", ['"', '\\"', "[", "1,", '{"a": ', " ", '"\\'])
def test_json_is_indented_in_linear_time(part: str) -> None:
    for text in (part, '"' + part):
        began = time.process_time()
        indented_json(text + part * (100_000 // len(part)))
        assert time.process_time() - began < 1


def test_page_of_a_job_folds_json_and_leads_to_the_jobs_near_it(
    site: DashboardSite, shop: Database
) -> None:
    shop.run("CREATE TABLE bands (id UUID PRIMARY KEY DEFAULT uuidv7(), name TEXT)")
    band, other = shop.insert("bands"), shop.insert("bands")
    shop.job_table(
        "scrape_jobs",
        "band_id UUID REFERENCES bands (id)",
        "guest_id UUID REFERENCES bands (id)",
        "payload JSONB",
        "small JSON",
    )
    shop.run("CREATE INDEX ON scrape_jobs (band_id)")
    values = {"payload": json.dumps({str(n): "<b>" for n in range(9)}), "small": '{"a":1.10}'}
    jobs = [
        shop.insert("scrape_jobs", band_id=band, guest_id=other, status=status, **values)
        for status in ("failed", "succeeded", "failed", "failed")
    ]
    shop.insert("scrape_jobs", band_id=other, status="failed")
    page = site.get(f"/jobs/ViewJob?tableName=scrape_jobs&id={jobs[2]}").text
    near = page.partition('id="near"')[2]
    order = [near.index(f"id={job}") for job in (jobs[1], jobs[3])]
    assert order == sorted(order)
    assert jobs[0] not in near
    assert f'status=failed&amp;where_band_id={band}">2 failed</a>' in near
    assert f'status=succeeded&amp;where_band_id={band}">1 succeeded</a>' in near
    assert "Same guest" not in near
    assert page.count('<details class="json">') == 1
    assert "11 lines" in page
    assert "&#34;0&#34;: &#34;&lt;b&gt;&#34;,\n" in page
    assert "&#34;a&#34;: 1.10\n}" in page
    first = site.get(f"/jobs/ViewJob?tableName=scrape_jobs&id={jobs[0]}").text
    assert "Previous job" not in first
    assert "Next job" in first


def test_page_of_a_job_shows_its_latest_recorded_attempts(
    site: DashboardSite, shop: Database
) -> None:
    shop.job_table("moon_jobs")
    job = shop.insert("moon_jobs")
    assert "Attempts</h2>" not in site.get(f"/jobs/ViewJob?tableName=moon_jobs&id={job}").text
    shop.run(
        "INSERT INTO job_attempts"
        " (job_table, job_id, attempt, started_at, ended_at, outcome, error)"
        " SELECT 'moon_jobs', id, n, now() - interval '1 hour' + n * interval '1 minute',"
        " now() - interval '1 hour' + n * interval '1 minute' + interval '2 s',"
        " CASE n WHEN 25 THEN 'succeeded' WHEN 24 THEN 'expired' ELSE 'timed_out' END,"
        " CASE WHEN n < 25 THEN 'The <b>cause</b>, password=hunter2' END"
        " FROM moon_jobs, generate_series(1, 25) AS n"
    )
    page = site.get(f"/jobs/ViewJob?tableName=moon_jobs&id={job}").text
    shown = re.findall(r">Attempt (\d+)</th><td[^>]*>([a-z ]+) <", page)
    earlier = [(str(n), "timed out") for n in range(23, 5, -1)]
    assert shown == [("25", "succeeded"), ("24", "expired"), *earlier]
    # An expired attempt was not begun.
    assert page.count("ran 2.0 s") == 19
    assert page.count("The &lt;b&gt;cause&lt;/b&gt;, password=") == 19
    assert "hunter2" not in page
