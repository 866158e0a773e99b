"""Explain how jobs are added to a project of Django: its settings, its URLs and its database."""

from __future__ import annotations

from pathlib import PurePosixPath

from jobgen.project.existing import ExistingProject

_APPLICATION = "jobgen_runtime.django"


def application_steps(
    existing: ExistingProject, front_controller: PurePosixPath, module: str, *, has_dashboard: bool
) -> list[str]:
    """Return the lines that install jobgen's application, and show the dashboard.

    Args:
        existing: The project.
        front_controller: The file with the dashboard.
        module: Its module.
        has_dashboard: Whether the file makes a dashboard.
    """
    steps: list[str] = []
    if not existing.has_django_app:
        steps.append(
            f"Add jobgen's application to the end of {existing.settings_path}:\n"
            f'INSTALLED_APPS = [*INSTALLED_APPS, "{_APPLICATION}"]'
        )
    if not has_dashboard:
        steps.append(
            f"{front_controller} was not changed. For a dashboard, add this to it:\n"
            "from jobgen_runtime.dashboard import JobsDashboard\n"
            "from jobgen_runtime.django import StaffMember\n"
            "\n"
            "MyJobDashboard = JobsDashboard(auth=StaffMember(), jobs=[])"
        )
    steps.append(
        "Show the dashboard at /jobs/ to members of the staff: add this to the end of"
        f" {existing.urls_path}.\n"
        "from django.urls import path\n"
        f"from {_APPLICATION} import dashboard_urls\n"
        f"from {module} import MyJobDashboard\n"
        "\n"
        'urlpatterns = [path("jobs/", dashboard_urls(MyJobDashboard)), *urlpatterns]'
    )
    return steps


def database_steps(existing: ExistingProject) -> list[str]:
    """Return which database jobs are in, and how they are run."""
    database = "Jobs are in the database of DATABASES; DATABASE_URL need not be set."
    if existing.uses_sqlite:
        database = (
            "Django's settings use SQLite, and jobs are in PostgreSQL. Use PostgreSQL in DATABASES,"
            ' or add such a database there and name it: JOBGEN = {"DATABASE": "…"}. A job and a'
            " model can be saved in one transaction only in the same database."
        )
    run = (
        "Create the tables of the workers: python manage.py migrate. Run the jobs:"
        " python manage.py run_jobs"
    )
    return [database, run]
