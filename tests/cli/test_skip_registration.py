"""A list of jobs that cannot be edited stops a command, unless the user takes care of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import Jobgen
from tests.support.tree import read_tree

MODULE = "Web/Job/EmailCustomers.py"
UNEDITABLE = {
    "Web/Worker.py": "OLD = []\nworkers = list(OLD)\n",
    "WorkerMain.py": "def broken(:\n",
    "Web/FrontController.py": "D = JobsDashboard(**OPTIONS)\n",
}


@pytest.fixture(params=UNEDITABLE)
def uneditable(request: pytest.FixtureRequest, shop: Path) -> Path:
    """A file whose list of jobs cannot be edited."""
    path: str = request.param
    file = shop / path
    file.write_text(UNEDITABLE[path])
    return file


def test_list_that_cannot_be_edited_is_left_to_the_user_on_request(
    jobgen: Jobgen, shop: Path, uneditable: Path
) -> None:
    text = uneditable.read_text()
    before = read_tree(shop)
    done = jobgen("job", "EmailCustomers")
    assert done.code == 1
    assert "--skip-registration" in done.err
    assert read_tree(shop) == before

    done = jobgen("job", "EmailCustomers", "--skip-registration")
    assert done.code == 0
    assert f"{uneditable.relative_to(shop)} was not changed: " in done.err
    assert "EmailCustomers" in done.err or "web_workers" in done.err
    assert (shop / MODULE).exists()
    assert uneditable.read_text() == text

    assert jobgen("undo").code == 0
    assert read_tree(shop) == before


def test_plan_that_leaves_a_list_to_the_user_can_be_applied(jobgen: Jobgen, shop: Path) -> None:
    (shop / "Web/Worker.py").write_text(UNEDITABLE["Web/Worker.py"])
    refused = jobgen("job", "EmailCustomers", "--json")
    assert refused.code == 1
    (issue,) = refused.json["issues"]
    assert "--skip-registration" in issue["hint"]
    done = jobgen("apply", "-", stdin=refused.out)
    assert done.code == 1
    assert "--skip-registration" in done.err

    plan = jobgen("job", "EmailCustomers", "--json", "--skip-registration")
    assert (plan.code, plan.json["issues"]) == (0, [])
    assert "workers = [*workers, EmailCustomers]" in plan.json["warnings"][0]
    assert jobgen("apply", "-", stdin=plan.out).code == 0
    assert (shop / MODULE).exists()


def test_job_is_destroyed_although_a_list_cannot_be_edited(jobgen: Jobgen, shop: Path) -> None:
    assert jobgen("job", "EmailCustomers").code == 0
    worker = shop / "Web/Worker.py"
    broken = worker.read_text() + "x = = 1\n"
    worker.write_text(broken)
    done = jobgen("destroy", "job", "EmailCustomers")
    assert (done.code, (shop / MODULE).exists()) == (1, True)
    assert "--skip-registration" in done.err
    done = jobgen("destroy", "job", "EmailCustomers", "--skip-registration")
    assert (done.code, (shop / MODULE).exists()) == (0, False)
    assert "Web/Worker.py was not changed" in done.err
    assert worker.read_text() == broken


def test_other_issues_stop_the_command_as_before(jobgen: Jobgen, shop: Path) -> None:
    (shop / "Application/Schema.sql").write_text("CREATE TABEL x;\n")
    assert jobgen("job", "EmailCustomers", "--skip-registration").code == 1
    assert not (shop / MODULE).exists()
