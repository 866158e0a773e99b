"""A line where jobs are due that no live worker has."""

from __future__ import annotations

from collections.abc import Callable

from tests.dashboard.sites import DashboardSite, Database, MakeSite

NOTICE = "no running worker has this kind"
WORKER = """
INSERT INTO job_workers (id, expires_at, host, pid, version, tables)
VALUES (gen_random_uuid(), now() + %s::INTERVAL, 'host', 1, '1', %s)
"""


def test_due_jobs_that_no_live_worker_has_are_reported(shop: Database, site: DashboardSite) -> None:
    shop.job_table("moon_jobs")
    pages = ("/jobs/", "/jobs/ListJob?tableName=moon_jobs")
    assert all(NOTICE not in site.get(page).text for page in pages)
    shop.insert("moon_jobs", run_at="infinity")
    assert all(NOTICE not in site.get(page).text for page in pages)
    shop.insert("moon_jobs")
    shop.run(WORKER, "1 hour", ["sun_jobs"])
    shop.run(WORKER, "-1 hour", ["moon_jobs"])
    assert all(NOTICE in site.get(page).text for page in pages)
    for name in ("moon_jobs", f"{shop.schema}.moon_jobs"):
        shop.run("DELETE FROM job_workers")
        shop.run(WORKER, "1 hour", [name])
        assert all(NOTICE not in site.get(page).text for page in pages)


def test_role_that_cannot_read_the_workers_is_shown_no_guess(
    shop: Database, make_site: MakeSite, reader: Callable[[str], str]
) -> None:
    shop.job_table("moon_jobs")
    shop.insert("moon_jobs")
    site = make_site(conninfo=shop.address(role=reader("moon_jobs")))
    answer = site.get("/jobs/")
    assert answer.status_code == 200
    assert NOTICE not in answer.text
