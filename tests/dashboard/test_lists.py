"""The overview and the lists: content, order and cost."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.control.kinds import FIRST_ROWS
from jobgen_runtime.dashboard.lists import counts as counting
from jobgen_runtime.dashboard.lists.counts import UNKNOWN, Summary, count_large

from tests.dashboard.sites import DashboardSite, Database, MakeSite

TABLE = "email_customers_jobs"
STATES = ["not_started", "running", "retry", "failed", "timed_out", "succeeded"]
NOT_STARTED, RUNNING, RETRY = JobStatus.NOT_STARTED, JobStatus.RUNNING, JobStatus.RETRY
FAILED, TIMED_OUT, SUCCEEDED = JobStatus.FAILED, JobStatus.TIMED_OUT, JobStatus.SUCCEEDED
LINK = re.compile(
    r'<th scope="row" class="job"><a href="/jobs/ViewJob\?tableName=\w+&amp;id=([0-9a-f-]{36})"'
)
COUNT = re.compile(r"<span>([\w ]+)</span> <b>([^<]+)</b>")


def shown(page: str) -> list[str]:
    """Return the ids in a page's table, in order."""
    return LINK.findall(page)


def counts(page: str) -> dict[str, str]:
    """Return the number on each status's link."""
    return dict(COUNT.findall(page))


def link(page: str, text: str) -> str | None:
    """Return the address of the link with this text."""
    found = re.search(rf'href="([^"]+)">{text}</a>', page)
    return found[1].replace("&amp;", "&") if found else None


@pytest.fixture
def jobs(shop: Database) -> list[str]:
    """Return sixty jobs, ten of each status, oldest first."""
    shop.job_table(TABLE)
    return [shop.insert(TABLE, status=STATES[number % 6]) for number in range(60)]


def test_overview_shows_ten_newest_jobs_and_counts_by_status(
    site: DashboardSite, jobs: list[str]
) -> None:
    page = site.get("/jobs/").text
    assert shown(page) == jobs[:-11:-1]
    assert counts(page) == {
        "Not started": "10",
        "Running": "10",
        "Will retry": "10",
        "Failed": "10",
        "Timed out": "10",
        "Succeeded": "10",
    }
    same = site.get("/jobs/ListJobs").text
    assert (shown(same), counts(same)) == (shown(page), counts(page))


def test_overview_of_many_kinds_has_a_row_for_each_those_with_problems_first(
    site: DashboardSite, shop: Database
) -> None:
    for name in ("a", "b", "c", "d", "e", "f"):
        shop.job_table(f"{name}_jobs")
    waiting = shop.insert("b_jobs")
    shop.insert("d_jobs", status="failed")
    shop.insert("f_jobs", status="succeeded")
    page = site.get("/jobs/").text
    kinds = re.findall(r'<th scope="row" class="job"><a href="[^"]+">(\w)</a>', page)
    assert kinds == ["B", "D", "A", "C", "E", "F"]
    assert '<span class="badge failed">no worker</span>' in page
    assert 'href="/jobs/ListJob?tableName=d_jobs&amp;status=failed">1<' in page
    assert waiting not in page
    shop.run("DROP TABLE f_jobs")
    assert waiting in site.get("/jobs/").text


def test_pages_lead_from_newest_to_oldest_job_and_back(
    make_site: MakeSite, jobs: list[str]
) -> None:
    site = make_site(page_size=25)
    address: str | None = f"/jobs/ListJob?tableName={TABLE}"
    pages, last = [], ""
    while address is not None:
        page = site.get(address).text
        pages.append(shown(page))
        address, last = link(page, "Next →"), page
    assert pages == [jobs[:34:-1], jobs[34:9:-1], jobs[9::-1]]
    first = link(last, "First")
    assert first is not None
    assert shown(site.get(first).text) == pages[0]
    for expected in (pages[1], pages[0]):
        address = link(last, "← Previous")
        assert address is not None
        last = site.get(address).text
        assert shown(last) == expected
    assert link(last, "← Previous") is None
    second = f"/jobs/ListJob?tableName={TABLE}&page=2"
    assert shown(site.get(second).text) == pages[1]


@pytest.mark.parametrize("status", STATES)
def test_tab_shows_the_jobs_with_one_status(
    make_site: MakeSite, jobs: list[str], status: str
) -> None:
    site = make_site(page_size=7)
    page = site.get(f"/jobs/ListJob?tableName={TABLE}&status={status}").text
    following = link(page, "Next →")
    assert following is not None
    wanted = [job for number, job in enumerate(jobs) if STATES[number % 6] == status]
    if status not in {"not_started", "retry", "running"}:
        wanted.reverse()
    assert shown(page) + shown(site.get(following).text) == wanted
    assert counts(page)["All"] == "60"


def test_list_continues_beyond_its_numbered_pages_and_back(
    make_site: MakeSite, shop: Database
) -> None:
    shop.job_table(TABLE)
    shop.run(
        "INSERT INTO email_customers_jobs (status)"
        " SELECT 'job_status_failed' FROM generate_series(1, 10120)"
    )
    site = make_site(page_size=50)
    last = site.get(f"/jobs/ListJob?tableName={TABLE}&status=failed&page=200").text
    beyond = site.get(f"/jobs/ListJob?tableName={TABLE}&status=failed&page=99999999").text
    assert shown(last) == shown(beyond)
    everything = sorted((str(row["id"]) for row in shop.rows(TABLE)), reverse=True)
    assert shown(last) == everything[9_950:10_000]
    assert counts(last)["Failed"] == "10,000+"
    page, at = last, 9_950
    while following := link(page, "Next →"):
        page, at = site.get(following).text, at + 50
        assert shown(page) == everything[at : at + 50]
    assert at == 10_100
    for _ in range(4):
        previous = link(page, "← Previous")
        assert previous is not None
        page, at = site.get(previous).text, at - 50
        assert shown(page) == everything[at : at + 50]
    newest = link(page, "First")
    assert newest is not None
    assert shown(site.get(newest).text) == everything[:50]


def test_waiting_jobs_are_listed_by_when_they_are_due(make_site: MakeSite, shop: Database) -> None:
    shop.job_table(TABLE)
    due = [
        shop.insert(TABLE, status="retry", run_at=moment)
        for moment in ("infinity", "4713-01-01 BC", "2026-11-30 10:00:00.000002+00", "294276-01-01")
    ]
    same = [
        shop.insert(TABLE, status="retry", run_at="2026-11-30 10:00:00.000001+00") for _ in range(2)
    ]
    wanted = [due[1], *same, due[2], due[3], due[0]]
    site = make_site(page_size=2)
    address: str | None = f"/jobs/ListJob?tableName={TABLE}&status=retry"
    found = []
    while address is not None:
        page = site.get(address).text
        found += shown(page)
        address = link(page, "Next →")
    assert found == wanted
    previous = link(page, "← Previous")
    assert previous is not None
    assert shown(site.get(previous).text) == wanted[2:4]
    jumped = site.get(f"/jobs/ListJob?tableName={TABLE}&status=retry&at=2026-11-30T10:01").text
    assert shown(jumped) == wanted[4:]


@pytest.mark.parametrize("rows", [3, 10_050])
def test_list_jumps_to_a_moment(make_site: MakeSite, shop: Database, rows: int) -> None:
    shop.job_table(TABLE)
    shop.run(
        "INSERT INTO email_customers_jobs (id, created_at)"
        " SELECT uuidv7(age), now() + age"
        " FROM (SELECT -n * interval '1 minute' AS age FROM generate_series(1, %s) n) ages",
        rows,
    )
    everything = sorted((str(row["id"]) for row in shop.rows(TABLE)), reverse=True)
    [row] = shop.run("SELECT to_char(now() - interval '90 s', 'YYYY-MM-DD HH24:MI:SS') AS at")
    site = make_site(page_size=25)
    page = site.get(f"/jobs/ListJob?tableName={TABLE}&at={row['at']}").text
    assert shown(page) == everything[1:26]
    previous = link(page, "← Previous")
    assert previous is not None
    assert everything[0] in shown(site.get(previous).text)
    future = site.get(f"/jobs/ListJob?tableName={TABLE}&at=9999-12-31T23:59").text
    assert shown(future) == everything[:25]
    assert (
        "There are no more jobs" in site.get(f"/jobs/ListJob?tableName={TABLE}&at=0001-01-01").text
    )


def test_list_sorts_and_filters_by_columns(make_site: MakeSite, shop: Database) -> None:
    shop.run("CREATE TYPE mood AS ENUM ('calm', 'busy')")
    shop.job_table(TABLE, "amount NUMERIC", "mood mood", "note TEXT", "day DATE", "data JSON")
    amounts = ["3", "20", None, "100", "-1"]
    jobs = [
        shop.insert(
            TABLE,
            amount=amount,
            mood="busy" if number % 2 else None,
            note=f"100% of {number}",
            day=f"2026-11-0{number + 1}",
            data=f'{{"n": {number}}}',
            status="failed" if number == 3 else "succeeded",
        )
        for number, amount in enumerate(amounts)
    ]
    site = make_site(page_size=3)
    rows = {job: number for number, job in enumerate(jobs)}

    def found(query: str) -> list[int]:
        page = site.get(f"/jobs/ListJob?tableName={TABLE}&{query}").text
        following = link(page, "Next →")
        return [rows[each] for each in shown(page)] + (
            [rows[each] for each in shown(site.get(following).text)] if following else []
        )

    assert found("sort=amount") == [4, 0, 1, 3, 2]
    assert found("sort=-amount") == [3, 1, 0, 4, 2]
    assert found("sort=-mood") == [3, 1, 4, 2, 0]
    assert found("where_amount=3..20") == [1, 0]
    assert found("where_amount=..3&sort=amount") == [4, 0]
    assert found("where_amount=20") == [1]
    assert found("where_amount=null") == [2]
    assert found("where_mood=busy") == [3, 1]
    assert found("where_mood=busy&status=failed") == [3]
    assert found("where_day=2026-11-04..") == [4, 3]
    assert found("where_note=OF+2") == [2]
    assert found("where_note=%25+o") == [4, 3, 2, 1, 0]
    assert found("where_note=_") == []
    assert found("where_data=3") == [3]
    assert found("q=of+3") == [3]
    assert found(f"q={jobs[1]}") == [1]
    assert found(f"where_id={jobs[1]}") == [1]
    page = site.get(f"/jobs/ListJob?tableName={TABLE}&where_mood=busy&q=of&sort=amount").text
    tab = "&amp;".join([f"tableName={TABLE}", "status=failed", "q=of", "sort=amount"])
    assert f'href="/jobs/ListJob?{tab}&amp;where_mood=busy"' in page
    assert "No job matches" in site.get(f"/jobs/ListJob?tableName={TABLE}&q=nothing").text
    for query in (
        "where_amount=x",
        "where_amount=1..2..3",
        "where_amount=..",
        "where_mood=sad",
        "where_day=2026-02-31",
        "where_day=x",
        "where_id=x",
        "where_note=" + "x" * 201,
        "q=" + "x" * 201,
        "sort=data",
        "sort=nothing",
        "at=x",
        "at=2026-02-31",
        "after=x",
        f"after=2026-99-99 00:00:00%2B00~{jobs[0]}",
        "before=" + "9" * 500,
    ):
        answer = site.get(f"/jobs/ListJob?tableName={TABLE}&{query}")
        assert answer.status_code == 400, query


def test_search_of_a_large_table_ends_and_can_be_continued(
    make_site: MakeSite, shop: Database
) -> None:
    shop.job_table(TABLE, "note TEXT")
    needle = shop.insert(TABLE, note="needle")
    shop.run("INSERT INTO email_customers_jobs (note) SELECT 'hay' FROM generate_series(1, 20500)")
    site = make_site(page_size=25)
    address = f"/jobs/ListJob?tableName={TABLE}&q=needle"
    for _ in range(2):
        page = site.get(address).text
        assert "10,000 jobs were searched for this page; the next page continues" in page
        following = link(page, "Search on")
        assert following is not None
        address = following
    page = site.get(address).text
    assert shown(page) == [needle]
    assert link(page, "Next →") is None


def test_large_tables_show_estimates_without_counting_all_rows(
    site: DashboardSite, shop: Database
) -> None:
    shop.job_table(TABLE)
    shop.run(
        "INSERT INTO email_customers_jobs (status)"
        " SELECT (CASE n / 20 WHEN 0 THEN 'job_status_failed' ELSE 'job_status_succeeded' END)"
        "::job_status FROM generate_series(0, 19999) n"
    )
    shop.run(f"ANALYZE {TABLE}")
    found = counts(site.get(f"/jobs/ListJob?tableName={TABLE}").text)
    assert found["Failed"] == "20"
    assert found["Running"] == "0"
    assert found["Succeeded"] == "~20k"
    assert found["All"] == "~20k"


@pytest.mark.parametrize(
    ("rows", "shown"),
    [
        (
            [(NOT_STARTED, 9_000, "waiting"), (RETRY, 9_999, "waiting")],
            {NOT_STARTED: "9,000", RETRY: "9,999", RUNNING: "0", FAILED: "0", TIMED_OUT: "0"},
        ),
        (
            [(NOT_STARTED, FIRST_ROWS, "waiting"), (RETRY, 40_000, "estimated")],
            {NOT_STARTED: "10,000+", RETRY: "~40k"},
        ),
        (
            [(FAILED, FIRST_ROWS - 7, "failed"), (TIMED_OUT, 7, "failed")],
            {FAILED: "10,000+", TIMED_OUT: "7+"},
        ),
        ([(FAILED, FIRST_ROWS, "failed")], {FAILED: "10,000+", TIMED_OUT: UNKNOWN}),
        ([(SUCCEEDED, 3_000_000, "estimated")], {SUCCEEDED: "~3.0M", FAILED: "0"}),
    ],
)
def test_each_status_of_a_large_table_is_counted_by_itself(
    rows: list[tuple[JobStatus, int, str]], shown: dict[JobStatus, str]
) -> None:
    counts = Summary(count_large([(each.value, number, group) for each, number, group in rows]))
    assert {status: counts.count(status) for status in shown} == shown


def test_counts_are_exact_up_to_the_cap_however_the_other_statuses_lie(
    site: DashboardSite, shop: Database
) -> None:
    shop.job_table(TABLE)
    shop.run(
        "INSERT INTO email_customers_jobs (status, run_at)"
        " SELECT 'job_status_not_started'::job_status, now() - interval '1 day'"
        " FROM generate_series(1, 20000)"
        " UNION ALL SELECT 'job_status_retry', now() FROM generate_series(1, 4000)"
        " UNION ALL SELECT 'job_status_failed', now() FROM generate_series(1, 3000)"
        " UNION ALL SELECT 'job_status_timed_out', now() FROM generate_series(1, 10000)"
    )
    found = counts(site.get(f"/jobs/ListJob?tableName={TABLE}").text)
    assert (found["Not started"], found["Will retry"]) == ("10,000+", "4,000")
    assert (found["Failed"], found["Timed out"], found["Running"]) == ("3,000", "10,000", "0")


def test_counts_that_take_too_long_are_shown_as_a_dash(
    make_site: MakeSite,
    shop: Database,
    reader: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(counting, "TIMEOUT_MS", 1_000)
    shop.job_table("slow_jobs")
    shop.insert("slow_jobs")
    # A policy simulates a table that is slow to count: each row exceeds the time limit.
    shop.run("ALTER TABLE slow_jobs ENABLE ROW LEVEL SECURITY")
    shop.run(
        "CREATE FUNCTION dawdle() RETURNS BOOLEAN LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM pg_sleep(CASE WHEN current_setting('statement_timeout') = '1s'"
        " THEN 30 ELSE 0 END); RETURN TRUE; END $$"
    )
    shop.run("CREATE POLICY slow ON slow_jobs USING (dawdle())")
    role = reader("slow_jobs")
    page = make_site(conninfo=shop.address(role=role)).get("/jobs/ListJob?tableName=slow_jobs")
    assert page.status_code == 200
    assert set(counts(page.text).values()) == {"\N{EN DASH}"}
    assert len(shown(page.text)) == 1


def test_section_shows_how_long_the_oldest_job_has_waited(
    site: DashboardSite, shop: Database
) -> None:
    shop.job_table(TABLE)
    shop.insert(TABLE, status="succeeded")
    page = site.get("/jobs/").text
    assert "Oldest waiting" not in page
    assert "Next due" not in page
    shop.insert(TABLE)
    for when, words in [
        ("-125 seconds", "Oldest waiting: 2 min"),
        ("3 days 1 hour", "in 3 days"),
        ("infinity", "never"),
        ("-infinity", "Oldest waiting: forever"),
    ]:
        shop.run("UPDATE email_customers_jobs SET run_at = now() + %s::interval", when)
        assert words in re.sub("<[^>]+>", "", site.get("/jobs/").text)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "No jobs yet"),
        ("&status=failed", "No job has the status “Failed”"),
        ("&page=3", "There are no more jobs"),
        ("&q=x", "No job matches"),
    ],
)
def test_empty_list_says_why(site: DashboardSite, shop: Database, query: str, words: str) -> None:
    shop.job_table(TABLE)
    page = site.get(f"/jobs/ListJob?tableName={TABLE}{query}")
    assert page.status_code == 200
    assert words in page.text


def test_ended_job_shows_how_long_its_last_attempt_took(
    site: DashboardSite, shop: Database
) -> None:
    shop.job_table(TABLE)
    job = shop.insert(TABLE, status="succeeded")
    for start, words in (
        ("interval '45 ms'", "took 45 ms"),
        ("interval '1.84 s'", "took 1.8 s"),
        ("interval '3 min 2 s'", "took 3 min"),
        ("interval '-1 s'", ""),
        ("NULL::interval", ""),
    ):
        shop.run(f"UPDATE {TABLE} SET updated_at = now(), locked_at = now() - {start}")  # noqa: S608 -- the test's own
        page = site.get(f"/jobs/ListJob?tableName={TABLE}").text
        assert ("took" in page) == bool(words)
        assert words in page
        detail = site.get(f"/jobs/ViewJob?tableName={TABLE}&id={job}").text
        assert (f" · ran {words.removeprefix('took ')}" in detail) == bool(words)


def test_failed_jobs_have_a_retry_button(site: DashboardSite, jobs: list[str]) -> None:
    page = site.get(f"/jobs/ListJob?tableName={TABLE}&status=failed").text
    assert page.count('action="/jobs/RetryJob"') == 10
    assert (
        'action="/jobs/RetryJob"'
        not in site.get(f"/jobs/ListJob?tableName={TABLE}&status=running").text
    )
