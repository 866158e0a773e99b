"""Filters by the type of a column: ranges, names of referenced rows, and the choice in words."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.dashboard.sites import DashboardSite, Shops

TABLE = "gig_jobs"
CHIP = re.compile(r'<a class="chip" href="([^"]+)"><span class="unseen">Remove </span>([^<]+) <')


@pytest.fixture(scope="module")
def site(shops: Shops) -> Iterator[DashboardSite]:
    """Return a dashboard over gigs of bands, of which there are few, and fans, of which not."""
    with shops.new() as shop:
        shop.run("CREATE TABLE bands (id TEXT PRIMARY KEY, name TEXT)")
        shop.run("CREATE TABLE fans (id INT PRIMARY KEY, name TEXT)")
        shop.run("INSERT INTO bands VALUES ('p', '<Phish>'), ('ph', 'Radiohead'), ('null', 'Null')")
        shop.run("INSERT INTO fans SELECT n, 'Fan ' || n FROM generate_series(1, 50) n")
        shop.run("CREATE TABLE venues (id INT PRIMARY KEY, name TEXT UNIQUE)")
        shop.run("INSERT INTO venues SELECT n, 'Hall ' || n FROM generate_series(1, 50) n")
        shop.job_table(
            TABLE,
            "band_id TEXT REFERENCES bands (id)",
            "fan_id INT REFERENCES fans (id)",
            "venue_id INT REFERENCES venues (id)",
            "price NUMERIC",
            "sold_out BOOLEAN",
            "day DATE",
            "place TEXT",
        )
        rows = [("p", 7, 10), ("ph", 8, 20), (None, None, 30)]
        for band, fan, price in rows:
            shop.insert(TABLE, band_id=band, fan_id=fan, price=price, day=f"2026-11-{price}")
        with DashboardSite(conninfo=shop.conninfo) as opened:
            yield opened


@pytest.mark.parametrize(
    ("query", "jobs", "chips"),
    [
        ({"where_band_id": "p"}, 1, ["Band: &lt;Phish&gt;"]),
        ({"where_band_id": "null"}, 1, ["Band: no value"]),
        ({"where_fan_id": "8"}, 1, ["Fan: Fan 8"]),
        ({"from.price": "10", "to.price": "20"}, 2, ["Price: 10 to 20"]),
        ({"from.price": "20"}, 2, ["Price: from 20"]),
        ({"to.price": " 20 "}, 2, ["Price: up to 20"]),
        ({"from.price": "20", "to.price": "20"}, 1, ["Price: 20"]),
        ({"where_price": "20", "from.price": "1"}, 1, ["Price: 20"]),
        ({"from.day": "2026-11-15", "to.day": ""}, 2, ["Day: from 2026-11-15"]),
        (
            {"to.created_at": "2000-01-01T00:00:00.500Z"},
            0,
            ["Created at: up to 2000-01-01T00:00:00.500Z"],
        ),
        ({"where_sold_out": "true"}, 0, ["Sold out: Yes"]),
        ({"where_place": "x", "to.price": "1"}, 0, ["Price: up to 1", "Place: “x”"]),
    ],
)
def test_filters_are_shown_in_words_and_removed_one_by_one(
    site: DashboardSite, query: dict[str, str], jobs: int, chips: list[str]
) -> None:
    page = site.get("/jobs/ListJob", params={"tableName": TABLE, **query}).text
    assert page.count('class="job"') == jobs
    found = CHIP.findall(page)
    assert len(found) == len(chips)
    for (address, words), expected in zip(found, chips, strict=True):
        assert words == expected
        without = site.get(address.replace("&amp;", "&")).text
        assert len(CHIP.findall(without)) == len(chips) - 1


def test_list_shows_names_with_links_and_offers_rows_to_filter_by(site: DashboardSite) -> None:
    page = site.get(f"/jobs/ListJob?tableName={TABLE}").text
    link = f'<a href="/jobs/ListJob?tableName={TABLE}&amp;where_band_id=p">'
    assert f"{link}&lt;Phish&gt;</a>" in page
    assert '<option value="ph">Radiohead</option>' in page
    assert "Fan 8</a>" in page
    # Its 50 rows are too many for a select in a list of filters.
    assert 'name="find.fan_id"' in page
    assert '<option value="3">' not in page
    section = site.get("/jobs/").text
    assert "Fan 8</a>" in section


def test_rows_are_searched_for_in_the_filters(site: DashboardSite) -> None:
    page = site.get(f"/jobs/ListJob?tableName={TABLE}&find.fan_id=fan+3&to.price=20").text
    assert "<details open>" in page
    assert '<option value="3">Fan 3</option>' in page
    assert "11 found." in page
    assert page.count('class="job"') == 2
    assert "<details open>" not in site.get(f"/jobs/ListJob?tableName={TABLE}&to.price=2").text


@pytest.mark.parametrize(
    "query", [{"from.price": "x"}, {"from.price": "1..2", "to.price": "3"}, {"to.day": "x" * 201}]
)
def test_invalid_range_is_refused(site: DashboardSite, query: dict[str, str]) -> None:
    answer = site.get("/jobs/ListJob", params={"tableName": TABLE, **query})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("RADIO", ["band_id=ph"]),
        ("hall 3", ["venue_id=3"] + [f"venue_id={n}" for n in range(30, 34)]),
        ("31", ["fan_id=31", "venue_id=31"]),
        ("fan 31", ["fan_id=31"]),
        ("no such name", []),
    ],
)
def test_search_suggests_the_jobs_with_rows_of_that_name(
    site: DashboardSite, text: str, links: list[str]
) -> None:
    where = {"tableName": TABLE, "q": text, "status": "failed"}
    page = site.get("/jobs/ListJob", params=where).text
    found = re.findall(r'<a class="chip" href="[^"]*status=failed&amp;where_([^"]+)">', page)
    assert found == links
