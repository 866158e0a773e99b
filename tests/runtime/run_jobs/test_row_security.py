"""Rows that row security hides: what `--check`, a start and `manage-jobs status` say about them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from psycopg.conninfo import make_conninfo

from tests.support.application import Application
from tests.support.roles import use_worker_role
from tests.support.rows import Rows

MakeRole = Callable[[], str]

SELECT_ONLY = "CREATE POLICY p ON probe_jobs FOR SELECT TO {} USING (true)"
OWN_JOBS = "CREATE POLICY p ON probe_jobs TO {} USING (what = 'mine')"
WHILE_IT_WAITS = """
CREATE POLICY s ON probe_jobs FOR SELECT TO {0} USING (true);
CREATE POLICY w ON probe_jobs FOR UPDATE TO {0}
    USING (status IN ('job_status_not_started', 'job_status_retry')) WITH CHECK (true)
"""
INSERT_ONLY = "CREATE POLICY p ON job_workers FOR INSERT TO {} WITH CHECK (true)"


def protect(rows: Rows, table: str, policies: str, role: str) -> None:
    rows.conn.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY".encode())
    for policy in filter(None, policies.split(";")):
        rows.conn.execute(policy.format(role).encode())


@pytest.mark.parametrize(
    ("protection", "message"),
    [
        (("probe_jobs", ""), "SELECT and UPDATE no row of probe_jobs"),
        (("probe_jobs", SELECT_ONLY), "UPDATE no row of probe_jobs"),
        (("probe_jobs", WHILE_IT_WAITS), "UPDATE only some rows of probe_jobs"),
        (("job_workers", ""), "SELECT and INSERT and UPDATE and DELETE no row of job_workers"),
        (("job_workers", INSERT_ONLY), "SELECT and UPDATE and DELETE no row of job_workers"),
        (("job_pauses", ""), "SELECT no row of job_pauses"),
        (("job_refusals", ""), "no row of job_refusals"),
        (("job_cancellations", ""), "no row of job_cancellations"),
        (("job_runtime_schema", ""), "SELECT no row of job_runtime_schema"),
    ],
)
def test_worker_whose_rows_are_hidden_starts_once_the_sql_of_check_has_run(
    app: Application,
    rows: Rows,
    make_role: MakeRole,
    protection: tuple[str, str],
    message: str,
) -> None:
    role = use_worker_role(app, rows, make_role)
    protect(rows, *protection, role)
    rows.insert(n=2)
    output = app.start("run-jobs", "--drain").wait_for_exit(1)
    assert f"Row security lets the role {role}" in output
    assert message in output
    script = app.start("run-jobs", "--check").wait_for_exit(3)
    assert message in script
    for line in script.splitlines():
        if not line.startswith("--"):
            rows.conn.execute(line.encode())
    assert "Nothing is missing" in app.start("run-jobs", "--check").wait_for_exit()
    app.start("run-jobs", "--drain").wait_for_exit()
    assert rows.conn.execute(
        "SELECT count(*) FROM probe_jobs WHERE status = 'job_status_succeeded'"
    ).fetchone() == (2,)


def test_worker_that_may_see_some_jobs_only_says_so_and_runs_them(
    app: Application, rows: Rows, make_role: MakeRole
) -> None:
    role = use_worker_role(app, rows, make_role)
    protect(rows, "probe_jobs", OWN_JOBS, role)
    [mine], [other] = rows.insert("mine"), rows.insert("other")
    output = app.start("run-jobs", "--drain").wait_for_exit()
    assert "only some rows of probe_jobs" in output
    assert "not started by this worker" in output
    assert rows.get(mine).status == "job_status_succeeded"
    assert rows.get(other).status == "job_status_not_started"


def test_restrictive_policy_is_fixed_by_bypassing_row_security(
    app: Application, rows: Rows, make_role: MakeRole
) -> None:
    role = use_worker_role(app, rows, make_role)
    restrictive = "CREATE POLICY r ON job_pauses AS RESTRICTIVE TO {} USING (job_table IS NULL)"
    protect(rows, "job_pauses", f"CREATE POLICY a ON job_pauses USING (true);{restrictive}", role)
    script = app.start("run-jobs", "--check").wait_for_exit(3)
    assert f'\nALTER ROLE "{role}" BYPASSRLS;' in script


def test_role_that_a_policy_lets_see_all_rows_has_no_problem(
    app: Application, rows: Rows, make_role: MakeRole
) -> None:
    role = use_worker_role(app, rows, make_role)
    protect(rows, "probe_jobs", "CREATE POLICY p ON probe_jobs USING (true)", role)
    assert "Nothing is missing" in app.start("run-jobs", "--check").wait_for_exit()


def test_status_says_that_row_security_hides_jobs(
    app: Application, rows: Rows, make_role: MakeRole
) -> None:
    role = make_role()
    rows.conn.execute(f'GRANT SELECT ON ALL TABLES IN SCHEMA public TO "{role}"'.encode())
    rows.insert()
    app.env["DATABASE_URL"] = make_conninfo(app.env["DATABASE_URL"], user=role)
    assert "Row security" not in app.start("manage-jobs", "status").wait_for_exit()
    protect(rows, "probe_jobs", "", role)
    output = app.start("manage-jobs", "status").wait_for_exit()
    assert "Row security hides rows of probe_jobs from this role" in output
