"""Which jobs `run-jobs` runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from jobgen_runtime import Job, JobRecord, Table
from jobgen_runtime.contract.errors import UnknownName
from jobgen_runtime.project import application_of
from jobgen_runtime.supervisor import JobSelection, select_jobs

from tests.support.application import Application
from tests.support.rows import Rows


def job(application: str, name: str, table: str) -> type[Job[Any]]:
    record = type(
        f"{name}Job",
        (JobRecord,),
        {"__table__": Table(table, schema="shop", columns=()), "__module__": "Generated.Types"},
    )

    def perform(self: object, job: JobRecord) -> None: ...

    body = {"__module__": f"{application}.Job.{name}", "perform": perform, "record": record}
    return type(name, (Job,), body)


EMAIL = job("Web", "EmailCustomers", "email_customers_jobs")
WEB_REPORT = job("Web", "Report", "report_jobs")
ADMIN_REPORT = job("Admin", "Report", "admin_report_jobs")
ALL = [EMAIL, WEB_REPORT, ADMIN_REPORT]


def chosen(
    jobs: Sequence[str] = (), apps: Sequence[str] = (), excepted: Sequence[str] = ()
) -> list[type[Job[Any]]]:
    return select_jobs(ALL, JobSelection(jobs, apps, excepted), lambda module: module.split(".")[0])


@pytest.mark.parametrize(
    "name",
    [
        "EmailCustomers",
        "EmailCustomersJob",
        "email_customers",
        "email-customers",
        "email_customers_jobs",
        "shop.email_customers_jobs",
        "Web.EmailCustomers",
        "web.email_customers_jobs",
    ],
)
def test_a_job_may_be_called_as_the_generator_takes_it(name: str) -> None:
    assert chosen([name]) == [EMAIL]
    assert chosen(excepted=[name]) == [WEB_REPORT, ADMIN_REPORT]


def test_jobs_and_applications_add_up_and_exceptions_are_taken_away() -> None:
    assert chosen() == ALL
    assert chosen(["EmailCustomers", "Admin.Report"]) == [EMAIL, ADMIN_REPORT]
    assert chosen(apps=["web"]) == [EMAIL, WEB_REPORT]
    assert chosen(["Admin.Report"], ["Web"], ["EmailCustomers"]) == [WEB_REPORT, ADMIN_REPORT]


@pytest.mark.parametrize(
    ("jobs", "apps", "message"),
    [
        (["EmialCustomer"], [], "no job called EmialCustomer. Did you mean Web.EmailCustomers?"),
        (["Reprot"], [], "Did you mean Web.Report or Admin.Report?"),
        (["Ship"], [], "Known names: Web.EmailCustomers, Web.Report, Admin.Report."),
        (["Admin.EmailCustomers"], [], "no job called Admin.EmailCustomers"),
        (["Report"], [], "Report is ambiguous: it may be Web.Report or Admin.Report"),
        ([], ["Wep"], "no application with a job called Wep. Did you mean Web?"),
    ],
)
def test_a_wrong_name_is_refused_with_what_may_be_meant(
    jobs: list[str], apps: list[str], message: str
) -> None:
    with pytest.raises(UnknownName) as caught:
        chosen(jobs, apps)
    assert message in str(caught.value)


def test_nothing_left_is_refused() -> None:
    with pytest.raises(UnknownName, match="leaves no job"):
        chosen(["Web.Report"], excepted=["Web.Report"])


@pytest.mark.parametrize(
    ("project", "module", "application"),
    [
        ("", "Web.Job.EmailCustomers", "Web"),
        ("", "Web.Mail.EmailCustomers", None),
        ('source = "src"\npaths.job = "src/{app}/jobs/{name}.py"', "shop.jobs.email", "Shop"),
        (
            'application = "HTTPShop"\npaths.job = "{app}/jobs/{name}.py"',
            "http_shop.jobs.email",
            "HTTPShop",
        ),
        ('application = "Admin"\npaths.job = "jobs/{name}.py"', "jobs.email", "Admin"),
        ('paths.job = "jobs/{name}.py"', "jobs.email", "Web"),
    ],
)
def test_the_application_is_told_by_the_modules_path(
    tmp_path: Path, project: str, module: str, application: str | None
) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.jobgen]\n{project}\n")
    assert application_of(module, tmp_path) == application


OTHER = """
from dataclasses import replace
from Generated.Types import ProbeJob
from jobgen_runtime import Job


class OtherJob(ProbeJob):
    __table__ = replace(ProbeJob.__table__, name="other_jobs")


class Other(Job[OtherJob]):
    async def perform(self, job):
        print("ran the other")
"""


def test_only_what_was_asked_for_runs(app: Application, rows: Rows) -> None:
    app.write("Admin/Job/Other.py", OTHER)
    workers = "from Web.Job.Probe import Probe\nfrom Admin.Job.Other import Other\n"
    app.write("WorkerMain.py", f"{workers}workers = [Probe, Other]\n")
    rows.conn.execute("CREATE TABLE other_jobs (LIKE probe_jobs INCLUDING ALL)")
    rows.conn.execute("INSERT INTO other_jobs DEFAULT VALUES")
    [job] = rows.insert()
    output = app.start("run-jobs", "--drain", "--app", "Admin", "--processes", "2").wait_for_exit()
    assert "ran the other" in output
    assert rows.get(job).status == "job_status_not_started"
    assert (
        "ready: Probe ("
        in app.start("run-jobs", "--drain", "--except", "Admin.Other").wait_for_exit()
    )
    rows.wait_for_status([job], "succeeded")
    output = app.start("run-jobs", "Prob", "--processes", "2").wait_for_exit(2)
    assert output.count("There is no job called Prob. Did you mean Web.Probe?") == 1
