"""Pages show every value that a row can hold."""

from __future__ import annotations

import pytest
from jobgen_runtime.dashboard.components.times import Moment, duration, relative
from jobgen_runtime.database import runtime_schema
from psycopg.conninfo import make_conninfo

from tests.dashboard.sites import DashboardSite, Database, MakeSite, connect
from tests.support.database import temporary_database

TABLE = "odd_jobs"
VALUES = [
    ("timestamptz", "'infinity'", "infinity"),
    ("timestamptz", "'294276-12-31 23:59:59+00'", "294276-12-31"),
    ("timestamptz", "'4713-01-01 00:00:00+00 BC'", "4713-01-01"),
    ("date", "'infinity'", "infinity"),
    ("date", "'0044-03-15 BC'", "0044-03-15 BC"),
    ("interval", "'178000000 years'", "178000000 years"),
    ("numeric", "'NaN'", "NaN"),
    ("numeric", "'-Infinity'", "-Infinity"),
    ("float8", "'1e308'", "1e+308"),
    ("bytea", r"'\x00ff00'", r"\x00ff00"),
    ("bytea", "repeat('x', 5000000)::bytea", "…"),
    ("text", "repeat('🦊', 1000000)", "🦊…"),
    ("text", "''", "empty"),
    ("text", r"E'\x01\x1b[31m\u202e'", "\x1b[31m"),
    ("jsonb", """'{"a": "\\u00e9"}'""", "é"),
    ("int[]", "'{{1,2},{3,4}}'", "{{1,2},{3,4}}"),
    ("int4range", "'empty'", "empty"),
    ("time", "'24:00'", "24:00:00"),
    ("money", "'-92233720368547758.08'", "547,758.08"),
    ("point", "'(1,NaN)'", "(1,NaN)"),
    ("tsvector", "'a fat cat'", "fat"),
    ("bit varying", "B'0101'", "0101"),
    ("inet", "'::1/64'", "::1/64"),
    ("record_type", "ROW(1, 'x')", "(1,x)"),
]


@pytest.mark.parametrize(("kind", "value", "words"), VALUES)
def test_pages_show_values_of_any_type(
    site: DashboardSite, shop: Database, kind: str, value: str, words: str
) -> None:
    shop.run("CREATE TYPE record_type AS (a int, b text)")
    shop.job_table(TABLE, f"value {kind}")
    shop.run(f"INSERT INTO {TABLE} (value) VALUES ({value})")  # noqa: S608 -- the test's own text
    job = str(shop.run("SELECT id FROM odd_jobs")[0]["id"])
    for address in (
        "/jobs/",
        f"/jobs/ListJob?tableName={TABLE}",
        f"/jobs/CreateJob?tableName={TABLE}",
        f"/jobs/ViewJob?tableName={TABLE}&id={job}",
    ):
        page = site.get(address)
        assert page.status_code == 200, address
        assert len(page.text) < 450_000
    assert words in page.text


@pytest.mark.parametrize("moment", ["infinity", "-infinity", "4713-01-01 BC", "294276-01-01"])
@pytest.mark.parametrize("column", ["created_at", "updated_at", "run_at", "locked_at"])
def test_pages_show_timestamps_that_python_cannot_hold(
    site: DashboardSite, shop: Database, column: str, moment: str
) -> None:
    shop.job_table(TABLE)
    job = shop.insert(TABLE, status="retry", **{column: moment})
    for address in ("/jobs/", f"/jobs/ListJob?tableName={TABLE}"):
        assert job in site.get(address).text
    where = {"tableName": TABLE, "id": job}
    assert job in site.get("/jobs/ViewJob", params=where).text
    assert site.post("/jobs/RetryJob", where).status_code == 303


@pytest.mark.parametrize(
    "column", ["status", "created_at", "updated_at", "run_at", "attempts_count", "all"]
)
def test_null_in_a_column_of_the_runtime_costs_its_own_cell(
    site: DashboardSite, shop: Database, column: str
) -> None:
    shop.job_table(TABLE, "note TEXT")
    names = ["status", "created_at", "updated_at", "run_at", "attempts_count"]
    odd = names if column == "all" else [column]
    for name in odd:
        shop.run(f"ALTER TABLE {TABLE} ALTER {name} DROP NOT NULL, ALTER {name} DROP DEFAULT")
    job = shop.insert(TABLE, note="odd")
    for name in odd:
        shop.run(f"UPDATE {TABLE} SET {name} = NULL")  # noqa: S608 -- the test's own names
    where = {"tableName": TABLE, "id": job}
    for address in ("/jobs/", f"/jobs/ListJob?tableName={TABLE}"):
        page = site.get(address)
        assert page.status_code == 200
        assert job in page.text
        assert "odd</td>" in page.text
    assert "odd</td>" in site.get("/jobs/ViewJob", params=where).text
    assert site.post("/jobs/DeleteJob", where).status_code == 303


def test_text_that_cannot_be_converted_costs_its_own_cell(
    server_url: str, make_site: MakeSite
) -> None:
    with (
        temporary_database(server_url, "template0", encoding="SQL_ASCII") as conninfo,
        connect(make_conninfo(conninfo, client_encoding="utf8")) as conn,
    ):
        shop = Database(conninfo, "public", conn)
        shop.run(runtime_schema().replace("%", "%%"))
        shop.job_table(TABLE, "note TEXT", "other TEXT")
        job = shop.insert(TABLE, other="kept")
        shop.run(rf"UPDATE {TABLE} SET note = E'caf\xe9', last_error = E'\xff gone'")  # noqa: S608 -- the test's own text
        site = make_site(conninfo=conninfo)
        for address in ("/jobs/", f"/jobs/ViewJob?tableName={TABLE}&id={job}"):
            page = site.get(address)
            assert page.status_code == 200
            assert job in page.text
            assert "The error cannot be read: invalid byte sequence" in page.text
            assert page.text.count("cannot be computed: invalid byte sequence") == 1
            assert "kept" in page.text


def test_list_shows_the_exception_of_a_traceback_and_detail_page_all_of_it(
    site: DashboardSite, shop: Database
) -> None:
    shop.job_table(TABLE)
    head, end = (
        "Traceback (most recent call last):\n",
        "ValueError: the band is unknown\nDETAIL: x\n",
    )
    error = head + '  File "x"\n' * 3_000 + end
    job = shop.insert(TABLE, status="failed", last_error=error)
    assert (
        '<b title="ValueError">ValueError</b> the band is unknown'
        in site.get(f"/jobs/ListJob?tableName={TABLE}").text
    )
    page = site.get("/jobs/ViewJob", params={"tableName": TABLE, "id": job}).text
    assert page.count("  File ") == 3_000


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (-0.5, "just now"),
        (1, "1 s ago"),
        (-90, "in 1 min"),
        (3_600, "1 h ago"),
        (172_800, "2 days ago"),
        (-86_400, "in 1 day"),
        (31_557_600 * 1_200, "1,200 years ago"),
    ],
)
def test_relative_moments(seconds: float, words: str) -> None:
    now = Moment(1_800_000_000)
    assert relative(Moment(now.epoch - seconds), now) == words


def test_durations_are_never_negative() -> None:
    assert duration(-3_661) == duration(3_661) == "1 h"
    assert duration(0) == "0 s"
    assert duration(float("inf")) == "forever"
