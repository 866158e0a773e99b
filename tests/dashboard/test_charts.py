"""The charts: of all kinds or one, over each span, with their numbers as text."""

from __future__ import annotations

import re

import pytest
from jobgen_runtime.dashboard.charts.time_charts import ROUND, time_charts
from jobgen_runtime.dashboard.components.chart import Chart, Series, chart, round_number
from jobgen_runtime.dashboard.components.html import html
from jobgen_runtime.dashboard.components.times import Moment
from jobgen_runtime.dashboard.figures.histogram import Histogram
from jobgen_runtime.dashboard.figures.samples import Bucket, Figures
from jobgen_runtime.dashboard.figures.spans import HOUR, SPANS

from tests.dashboard.sites import DashboardSite, Database

MAIL, INVOICE, RANDOM = "email_customers_jobs", "send_invoice_jobs", "random_jobs"
NOW = 1_800_000_050.0


def heights(drawn: str, name: str) -> list[float]:
    """Return the heights of the bars with a CSS class, in percent."""
    found = re.search(f'path class="{name}"[^>]* d="([^"]*)"', drawn)
    return [float(each) for each in re.findall(r"v-([\d.]+)", found[1])] if found else []


def test_bars_are_drawn_to_the_scale_of_the_axis() -> None:
    good, bad = Series("Good", "good", [10, 30, None]), Series("<Bad>", "bad", [10, 0, 0])
    stacked = Chart("Title", "words", [bad, good], "{:g}".format, round_number, stacked=True)
    assert stacked.highest == 50
    drawn = chart(stacked, [html("then"), html("now")], ["one", "two", "three"])
    assert heights(drawn, "good") == [20, 60]
    assert heights(drawn, "bad") == [20]
    assert "M5 80v-20" in drawn
    assert "<span>50</span><span>0</span>" in drawn
    assert "<title>one: &lt;Bad&gt; 10, Good 10</title>" in drawn
    assert drawn.count("<title>") == 2
    assert 'aria-label="Title: words"' in drawn
    beside = Chart("Title", "words", [bad, good], "{:g}".format, round_number)
    assert beside.highest == 50
    assert chart(beside, [], ["one", "two", "three"]).count("M5 100v-20") == 2


@pytest.mark.parametrize(
    ("number", "expected"), [(0, 1), (1, 1), (1.2, 2), (3, 5), (50, 50), (51, 100), (999, 1000)]
)
def test_axis_ends_at_a_round_number(number: float, expected: float) -> None:
    assert round_number(number) == expected


def test_axis_of_time_ends_at_a_round_length() -> None:
    for seconds, words in ((0.03, "50 ms"), (24, "30 s"), (100, "2 min"), (4_000, "2 h")):
        bucket = Bucket(NOW, 1, succeeded=1, durations=Histogram({}))
        found = next(
            number for number in range(-80, 200) if (Histogram({number: 1}).median or 0) >= seconds
        )
        figures = Figures(HOUR, (bucket, Bucket(NOW, 1, durations=Histogram({found: 1}))))
        taken = time_charts(figures, Moment(NOW)).charts[3]
        assert f"<span>{words}</span><span>0</span>" in taken
    assert list(ROUND) == sorted(ROUND)


def test_figures_of_kinds_are_added_by_their_time() -> None:
    early = Figures(HOUR, (Bucket(0, 2, succeeded=1), Bucket(2, 2, succeeded=2)))
    late = Figures(HOUR, (Bucket(2, 2, failed=3), Bucket(4, 1, waiting=4, is_exact=False)))
    merged = Figures.merged([early, late])
    assert [(b.start, b.succeeded, b.failed, b.waiting) for b in merged.buckets] == [
        (2, 2, 3, 0),
        (4, 0, 0, 4),
    ]
    assert merged.total.in_words == "~9 created, ~2 succeeded, ~3 failed, ~4 not ended"


@pytest.mark.parametrize("span", SPANS)
def test_page_has_the_charts_of_all_kinds_or_one_and_their_numbers(
    site: DashboardSite, shop: Database, span: str
) -> None:
    for table in (MAIL, INVOICE):
        shop.job_table(table)
        shop.insert(table, status="failed")
    shop.insert(MAIL, status="succeeded")
    page = site.get(f"/jobs/ViewCharts?range={span}").text
    assert "Jobs created: 3 created, 1 succeeded, 2 failed, 0 not ended" in page
    assert "Failures: 2 failed, 66.7 % of those that ended" in page
    assert f'range={span}" aria-current="true">{SPANS[span].label}<' in page
    rows = page.split("<tbody>")[1].count("<tr>")
    assert rows == len(SPANS[span].starts(NOW))
    one = site.get(f"/jobs/ViewCharts?range={span}&tableName={INVOICE}").text
    assert "Jobs created: 1 created, 0 succeeded, 1 failed, 0 not ended" in one
    assert f'<option value="{INVOICE}" selected>' in one


def test_page_names_kinds_without_figures_and_shows_the_others(
    site: DashboardSite, shop: Database
) -> None:
    shop.job_table(MAIL)
    shop.insert(MAIL)
    shop.job_table(RANDOM)
    shop.run(f"ALTER TABLE {RANDOM} ALTER id SET DEFAULT gen_random_uuid()")
    shop.run("INSERT INTO random_jobs SELECT FROM generate_series(1, 10001)")
    page = site.get("/jobs/ViewCharts").text
    assert "Random (<code>random_jobs</code>) has no figures here: no index finds" in page
    assert "1 created" in page
    alone = site.get(f"/jobs/ViewCharts?tableName={RANDOM}").text
    assert "<svg" not in alone


def test_range_that_is_not_known_is_refused(site: DashboardSite, shop: Database) -> None:
    shop.job_table(MAIL)
    assert site.get("/jobs/ViewCharts?range=year").status_code == 400
    assert site.get("/jobs/ViewCharts?tableName=nothing_jobs").status_code == 404


def test_page_without_kinds_says_so(site: DashboardSite) -> None:
    assert "no job tables yet" in site.get("/jobs/ViewCharts").text
