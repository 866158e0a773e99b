"""`jobgen job` writes a first test in projects that use pytest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from jobgen.apply import apply_plan, last_receipt, plan_undo
from jobgen.errors import JobgenError
from jobgen.project import find_project
from tests.generate.projects import after, apply, destroy_job, job, operations
from tests.support.environment import leave_out_other_plugins
from tests.support.tree import PEP8_SHOP, SHOP, read_tree, write_tree

TEST = "tests/jobs/test_scan_job.py"
DEV = '\n[dependency-groups]\ndev = ["pytest>=8"]\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = write_tree(tmp_path / "shop", SHOP)
    configure(root, "", DEV)
    return root


def configure(root: Path, option: str, more: str) -> None:
    """Add an option to [tool.jobgen], and more text at the end of pyproject.toml."""
    path = root / "pyproject.toml"
    text = path.read_text().replace("[tool.jobgen]\n", f"[tool.jobgen]\n{option}")
    path.write_text(text + more)


def test_test_is_written_undone_and_destroyed_with_the_job(root: Path) -> None:
    plan = apply(root, job(root, "Scan"))
    assert operations(plan)[TEST] == "create"
    assert "def test_scan_runs() -> None:" in after(plan, TEST)
    assert "from Web.Job.Scan import Scan\n" in after(plan, TEST)
    assert not job(root, "Scan").pending

    apply(root, destroy_job(root, "Scan"))
    assert TEST not in read_tree(root)

    before = read_tree(root)
    apply(root, job(root, "Other"))
    receipt = last_receipt(root)
    assert receipt is not None
    apply_plan(root, plan_undo(root, receipt), undoes=receipt)
    assert read_tree(root) == before


def test_edited_or_deleted_test_belongs_to_the_user(root: Path) -> None:
    apply(root, job(root, "Scan"))
    (root / TEST).write_text("# mine\n")
    plan = job(root, "Scan")
    assert not plan.pending
    assert not plan.issues
    assert "was edited" in str(destroy_job(root, "Scan").issues[0].message)

    (root / TEST).unlink()
    assert TEST not in operations(job(root, "Scan"))


def test_existing_file_of_that_name_is_kept(root: Path) -> None:
    (root / TEST).parent.mkdir(parents=True)
    (root / TEST).write_text("# mine\n")
    apply(root, job(root, "Scan"))
    assert (root / TEST).read_text() == "# mine\n"


def test_no_test_is_written_where_none_is_wanted(root: Path) -> None:
    assert TEST not in operations(job(root, "Scan", no_test=True))
    assert TEST not in operations(job(root, "Scan", on_failed=True))
    configure(root, "tests = false\n", "")
    assert TEST not in operations(job(root, "Scan"))


def test_project_without_pytest_gets_a_test_only_if_it_asks_for_one(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "shop", SHOP)
    assert TEST not in operations(job(root, "Scan"))
    configure(root, "tests = true\n", "")
    assert operations(job(root, "Scan"))[TEST] == "create"
    configure(root, "", '\n[tool.jobgen.paths]\ntest = "checks/{Name}_test.py"\n')
    assert operations(job(root, "Scan"))["checks/Scan_test.py"] == "create"


@pytest.mark.parametrize("value", ['"yes"', "1", "[]"])
def test_option_that_is_not_a_boolean_is_refused(root: Path, value: str) -> None:
    configure(root, f"tests = {value}\n", "")
    with pytest.raises(JobgenError, match="tests: it must be true or false"):
        find_project(root)


@pytest.mark.parametrize("tree", [SHOP, PEP8_SHOP], ids=["guide", "pep8"])
def test_tests_pass_as_they_stand(tmp_path: Path, server_url: str, tree: dict[str, str]) -> None:
    root = write_tree(tmp_path / "shop", tree)
    configure(root, "", DEV)
    apply(root, job(root, "Scan", "band:references", "pages:int", "kind:text"))
    apply(root, job(root, "CleanUp"))

    environment = {"PATH": "", "TEST_DATABASE_URL": server_url}
    leave_out_other_plugins(environment)
    done = subprocess.run(
        [Path(sys.executable).parent / "pytest", "-q", "-W", "error"],
        cwd=root,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout
