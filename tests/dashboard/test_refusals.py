"""Refusals and values that cannot be computed: the reason is next to the form, row or job."""

from __future__ import annotations

import pytest

from tests.dashboard.sites import DashboardSite, Database, MakeSite

TRIGGER = """
CREATE FUNCTION {0}.refuse() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the moon is full' USING ERRCODE = '{1}', DETAIL = 'come back tomorrow';
END
$$;
CREATE {2} TRIGGER refuse {3} INSERT OR UPDATE OR DELETE ON {0}.moon_jobs {4}
    FOR EACH ROW EXECUTE FUNCTION {0}.refuse();
"""


def add_trigger(shop: Database, code: str = "P0001", *, deferred: bool = False) -> None:
    parts = ("CONSTRAINT", "AFTER", "INITIALLY DEFERRED") if deferred else ("", "BEFORE", "")
    shop.run(TRIGGER.format(shop.schema, code, *parts).replace("%", "%%"))


@pytest.mark.parametrize("deferred", [False, True])
@pytest.mark.parametrize(
    "code",
    ["P0001", "P0004", "23514", "23505", "0A000", "42P01", "42501", "57014", "ZX001", "45000"],
)
def test_orders_and_forms_that_a_trigger_refuses_show_its_reason(
    shop: Database, site: DashboardSite, code: str, deferred: bool
) -> None:
    shop.job_table("moon_jobs")
    job = shop.insert("moon_jobs")
    add_trigger(shop, code, deferred=deferred)
    for action in ("RetryJob", "CancelJob", "DeleteJob"):
        answer = site.post(f"/jobs/{action}", {"tableName": "moon_jobs", "id": job})
        assert answer.status_code == 409, action
        assert "the moon is full" in answer.text
        assert "being changed" not in answer.text
        assert "come back tomorrow" in answer.text
        assert job in answer.text
    answer = site.post("/jobs/CreateJob", {"tableName": "moon_jobs"})
    assert answer.status_code == 422
    assert "the moon is full (come back tomorrow)" in answer.text
    [row] = shop.rows("moon_jobs")
    assert row["status"] == "job_status_not_started"


def test_order_that_a_trigger_suppresses_is_not_reported_as_done(
    shop: Database, site: DashboardSite
) -> None:
    shop.job_table("moon_jobs")
    job = shop.insert("moon_jobs")
    shop.run(
        f"CREATE FUNCTION {shop.schema}.suppress() RETURNS TRIGGER LANGUAGE plpgsql"
        " AS 'BEGIN RETURN NULL; END'"
    )
    shop.run(
        "CREATE TRIGGER suppress BEFORE UPDATE OR DELETE ON moon_jobs FOR EACH ROW"
        f" EXECUTE FUNCTION {shop.schema}.suppress()"
    )
    for action in ("RetryJob", "CancelJob", "DeleteJob"):
        answer = site.post(f"/jobs/{action}", {"tableName": "moon_jobs", "id": job})
        assert answer.status_code == 409
        assert "was not changed" in answer.text


def test_value_that_cannot_be_computed_hides_no_other_value(
    shop: Database, site: DashboardSite
) -> None:
    [server] = shop.run("SHOW server_version_num")
    if int(server["server_version_num"]) < 180000:
        pytest.skip("needs virtual columns: PostgreSQL 18 or newer")
    shop.job_table("moon_jobs", "amount INT", "phase TEXT")
    shop.run("ALTER TABLE moon_jobs ADD share INT GENERATED ALWAYS AS (100 / amount) VIRTUAL")
    bad = shop.insert("moon_jobs", amount=0, phase="waning")
    shop.insert("moon_jobs", amount=5, phase="waxing")
    for address in ("/jobs/ListJobs", "/jobs/ListJob?tableName=moon_jobs"):
        answer = site.get(address)
        assert answer.status_code == 200
        assert answer.text.count("cannot be computed: division by zero") == 1
        assert "waning" in answer.text
        assert "waxing" in answer.text
    answer = site.get(f"/jobs/ViewJob?tableName=moon_jobs&id={bad}")
    assert answer.status_code == 200
    assert answer.text.count("cannot be computed: division by zero") == 1
    assert "waning" in answer.text
    assert site.post("/jobs/DeleteJob", {"tableName": "moon_jobs", "id": bad}).status_code == 303


def test_jobs_with_a_status_that_is_not_known_are_shown_with_it(
    shop: Database, site: DashboardSite
) -> None:
    shop.job_table("moon_jobs")
    shop.run("ALTER TYPE job_status ADD VALUE 'job_status_archived'")
    shop.run("ALTER TYPE job_status ADD VALUE 'Something else'")
    job, other = (shop.insert("moon_jobs") for _ in range(2))
    shop.run("UPDATE moon_jobs SET status = 'job_status_archived' WHERE id = %s", job)
    shop.run("UPDATE moon_jobs SET status = 'Something else' WHERE id = %s", other)
    for address in (
        "/jobs/ListJobs",
        "/jobs/ListJob?tableName=moon_jobs",
        "/jobs/ListJob?tableName=moon_jobs&status=archived",
        f"/jobs/ViewJob?tableName=moon_jobs&id={job}",
    ):
        answer = site.get(address)
        assert answer.status_code == 200, address
        assert "job_status_archived" in answer.text
    # The last page is that of the job.
    assert "RetryJob" in answer.text
    assert "CancelJob" not in answer.text
    listed = site.get("/jobs/ListJob?tableName=moon_jobs&status=archived").text
    assert job in listed
    assert other not in listed
    assert site.get("/jobs/ListJob?tableName=moon_jobs&status=failed").status_code == 200
    answer = site.post("/jobs/CancelJob", {"tableName": "moon_jobs", "id": job})
    assert "already ended" in answer.text
    answer = site.post("/jobs/RetryJob", {"tableName": "moon_jobs", "id": job})
    assert answer.status_code == 303
    answer = site.post("/jobs/DeleteJob", {"tableName": "moon_jobs", "id": other})
    assert answer.status_code == 303


def test_list_is_newest_first_even_if_ids_are_random(shop: Database, site: DashboardSite) -> None:
    shop.job_table("moon_jobs", "number INT")
    shop.run("ALTER TABLE moon_jobs ALTER id SET DEFAULT gen_random_uuid()")
    shop.run(
        "INSERT INTO moon_jobs (number, created_at)"
        " SELECT n, now() - n * INTERVAL '1 min' FROM generate_series(100, 160) AS n"
    )
    pages = [site.get(f"/jobs/ListJob?tableName=moon_jobs&page={page}").text for page in (1, 2, 3)]
    assert "newest first" in pages[0]
    text = "".join(pages)
    positions = [text.index(f'data-label="Number">{number}') for number in range(100, 161)]
    assert positions == sorted(positions)


def test_order_of_a_large_list_is_named_as_it_is(
    shop: Database, site: DashboardSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobgen_runtime.dashboard.lists.counts.CAP", 10)
    shop.job_table("moon_jobs")
    shop.run("INSERT INTO moon_jobs (last_error) SELECT 'e' FROM generate_series(1, 20)")
    assert "newest first" in site.get("/jobs/ListJob?tableName=moon_jobs").text
    shop.run("ALTER TABLE moon_jobs ALTER id SET DEFAULT gen_random_uuid()")
    text = site.get("/jobs/ListJob?tableName=moon_jobs").text
    assert "newest first" not in text
    assert "by Id, descending" in text
    shop.run("CREATE INDEX ON moon_jobs (created_at)")
    assert "newest first" in site.get("/jobs/ListJob?tableName=moon_jobs").text


def refuse(shop: Database, job: str, wanted: str) -> None:
    shop.run(
        "INSERT INTO job_refusals (job_table, job_id, wanted_status, reason)"
        " VALUES ('moon_jobs', %s, %s, 'the moon is full')",
        job,
        f"job_status_{wanted}",
    )


def test_refused_jobs_are_shown_with_the_reason(shop: Database, site: DashboardSite) -> None:
    shop.job_table("moon_jobs")
    job = shop.insert("moon_jobs")
    refuse(shop, job, "running")
    for address in ("/jobs/ListJobs", "/jobs/ListJob?tableName=moon_jobs"):
        text = site.get(address).text
        assert "The database refuses 1 job:" in text
        assert "cannot start: the moon is full" in text
    text = site.get(f"/jobs/ViewJob?tableName=moon_jobs&id={job}").text
    assert "it cannot start: the moon is full" in text
    shop.run("UPDATE moon_jobs SET status = 'job_status_failed'")
    assert "the moon is full" not in site.get("/jobs/ListJobs").text


def test_refused_job_that_has_ended_can_be_deleted(shop: Database, site: DashboardSite) -> None:
    shop.job_table("moon_jobs")
    job = shop.insert("moon_jobs", status="running")
    shop.run("UPDATE moon_jobs SET locked_at = now(), locked_by = id")
    address = f"/jobs/ViewJob?tableName=moon_jobs&id={job}"
    assert "Delete this job" not in site.get(address).text
    refuse(shop, job, "succeeded")
    text = site.get(address).text
    assert "it has ended and cannot become succeeded: the moon is full" in text
    assert "Delete this job" in text
    assert site.post("/jobs/DeleteJob", {"tableName": "moon_jobs", "id": job}).status_code == 303
    assert shop.job("moon_jobs", job) is None


def test_dashboard_says_that_row_security_hides_jobs(
    shop: Database, make_site: MakeSite, reader: object
) -> None:
    assert callable(reader)
    shop.job_table("moon_jobs")
    shop.insert("moon_jobs")
    role = reader("moon_jobs")
    site = make_site(conninfo=shop.address(role=role))
    assert "Row security" not in site.get("/jobs/ListJobs").text
    shop.run("ALTER TABLE moon_jobs ENABLE ROW LEVEL SECURITY")
    for address in ("/jobs/ListJobs", "/jobs/ListJob?tableName=moon_jobs"):
        assert "Row security hides rows of <code>moon_jobs</code>" in site.get(address).text
