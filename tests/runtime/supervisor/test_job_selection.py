"""Select jobs by their names and applications."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from jobgen_runtime import Job, JobRecord, Table
from jobgen_runtime.contract.errors import UnknownName
from jobgen_runtime.project import application_of
from jobgen_runtime.supervisor import JobSelection, select_jobs


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


def select(
    jobs: Sequence[str] = (), apps: Sequence[str] = (), excluded: Sequence[str] = ()
) -> list[type[Job[Any]]]:
    return select_jobs(ALL, JobSelection(jobs, apps, excluded), lambda module: module.split(".")[0])


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
def test_job_is_selected_by_each_of_its_names(name: str) -> None:
    assert select([name]) == [EMAIL]
    assert select(excluded=[name]) == [WEB_REPORT, ADMIN_REPORT]


def test_selection_adds_jobs_and_applications_and_subtracts_exclusions() -> None:
    assert select() == ALL
    assert select(["EmailCustomers", "Admin.Report"]) == [EMAIL, ADMIN_REPORT]
    assert select(apps=["web"]) == [EMAIL, WEB_REPORT]
    assert select(["Admin.Report"], ["Web"], ["EmailCustomers"]) == [WEB_REPORT, ADMIN_REPORT]


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
def test_unknown_name_is_rejected_with_similar_names(
    jobs: list[str], apps: list[str], message: str
) -> None:
    with pytest.raises(UnknownName) as caught:
        select(jobs, apps)
    assert message in str(caught.value)


def test_selection_without_any_job_is_rejected() -> None:
    with pytest.raises(UnknownName, match="leaves no job"):
        select(["Web.Report"], excluded=["Web.Report"])


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
def test_application_of_a_module_follows_from_its_path(
    tmp_path: Path, project: str, module: str, application: str | None
) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.jobgen]\n{project}\n")
    assert application_of(module, tmp_path) == application
