"""The built wheels in a new environment, outside of the checkout."""

from __future__ import annotations

import venv
from pathlib import Path

import pytest

from tests.application.commands import PIP, run

pytestmark = pytest.mark.xdist_group("wheels")

RENDER_PAGE = """
from pathlib import Path
from jobgen.ide.assets import assets
from jobgen.ide.page import Frame
from jobgen.ide.serve import ide_server
assert {asset.media_type.partition(";")[0] for asset in assets().values()} == {
    "text/css", "text/javascript"
}
assert "No such page" in Frame(Path.cwd(), ()).problem(404, "No such page", "", None).body.decode()
ide_server(Path.cwd(), "token")
"""
"""A program that needs every kind of file behind `jobgen ide`."""


def test_installed_wheels_create_an_application_and_run_its_job(
    environment: Path, shop: Path
) -> None:
    run("jobgen", "types", "--check", cwd=shop, path=environment)
    run(environment / "python", "-c", RENDER_PAGE, cwd=shop)
    run("jobgen", "postgres", "start", cwd=shop, path=environment)
    try:
        run("jobgen", "migrate", cwd=shop, path=environment)
        run("Application/Script/RunEmailCustomersJob.py", cwd=shop, path=environment)
        run("run-jobs", "--drain", cwd=shop, path=environment)
        status = run("manage-jobs", "status", cwd=shop, path=environment)
        rows = run(
            *("jobgen", "postgres", "psql", "--", "--tuples-only", "--command"),
            "SELECT status, attempts_count FROM email_customers_jobs",
            cwd=shop,
            path=environment,
        )
    finally:
        run("jobgen", "postgres", "stop", cwd=shop, path=environment)

    database, row = rows.strip().splitlines()
    assert database == "Database: shop on the project's own server"
    assert row.split() == ["job_status_succeeded", "|", "1"]
    assert status.startswith("EmailCustomers: 0 waiting, 0 running")


def test_new_application_installs_jobgen_from_the_same_wheels(shop: Path) -> None:
    venv.create(shop / ".venv", with_pip=False)
    run(*PIP, shop / ".venv/bin/python", "install", "--quiet", "--editable", ".", cwd=shop)

    shown = run(shop / ".venv/bin/run-jobs", "--help", cwd=shop)

    assert "--drain" in shown
