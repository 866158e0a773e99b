"""Applying a plan keeps modes and links, and refuses a plan that does not fit the files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from stat import S_IMODE

import pytest

from jobgen.apply import apply_plan
from jobgen.errors import ConflictError, JobgenError
from jobgen.plan.model import Issue, IssueKind, Plan
from tests.apply.plans import change, every_change, make_tree
from tests.support.tree import read_tree, write_tree


def test_changed_files_keep_their_modes_and_new_scripts_are_executable(tmp_path: Path) -> None:
    root = make_tree(tmp_path)
    apply_plan(root, every_change())
    modes = {path: entry[1] for path, entry in read_tree(root).items()}
    assert modes["run.py"] == 0o751
    assert modes["Schema.sql"] == 0o600
    assert modes["old/script.py"] & 0o111


def test_new_file_gets_its_mode_less_the_umask(tmp_path: Path) -> None:
    old = os.umask(0o077)
    try:
        apply_plan(tmp_path, Plan("t", changes=(change("a.sh", None, "#!\n", mode=0o755),)))
    finally:
        os.umask(old)
    assert S_IMODE((tmp_path / "a.sh").stat().st_mode) == 0o700


def test_plan_without_changes_writes_nothing(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.py": "a"})
    apply_plan(tmp_path, Plan("t", changes=(change("a.py", "a", "a"),)))
    assert not (tmp_path / ".jobgen").exists()


def test_plan_with_issues_is_refused(tmp_path: Path) -> None:
    plan = Plan(
        "t",
        changes=(change("a.py", None, "a"),),
        issues=(Issue(IssueKind.PROJECT, "no"),),
    )
    with pytest.raises(JobgenError):
        apply_plan(tmp_path, plan)
    assert read_tree(tmp_path) == {}


@pytest.mark.parametrize("now", [None, "edited\n"])
def test_plan_for_a_file_that_changed_since_is_refused(tmp_path: Path, now: str | None) -> None:
    root = make_tree(tmp_path)
    if now is None:
        (root / "run.py").unlink()
    else:
        (root / "run.py").write_text(now)
    before = read_tree(root)
    with pytest.raises(ConflictError, match=r"run\.py"):
        apply_plan(root, every_change())
    assert read_tree(root) == before


def test_plan_for_a_new_file_that_exists_by_now_is_refused(tmp_path: Path) -> None:
    root = make_tree(tmp_path)
    write_tree(root, {"Web/Job/New.py": "mine\n"})
    with pytest.raises(ConflictError, match=r"Web/Job/New\.py"):
        apply_plan(root, every_change())
    assert (root / "Web/Job/New.py").read_text() == "mine\n"


def test_symbolic_link_stays_and_its_target_is_written(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "shop", {"a.py": "a"})
    write_tree(tmp_path / "elsewhere", {"Schema.sql": "1"})
    (root / "Schema.sql").symlink_to("../elsewhere/Schema.sql")
    apply_plan(root, Plan("t", changes=(change("Schema.sql", "1", "2"),)))
    assert (root / "Schema.sql").is_symlink()
    assert (tmp_path / "elsewhere/Schema.sql").read_text() == "2"
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["Schema.sql"]


@pytest.mark.parametrize("target", ["run.py", "old", "."])
def test_plan_for_a_read_only_file_or_folder_is_refused(tmp_path: Path, target: str) -> None:
    root = make_tree(tmp_path / "shop")
    before = read_tree(root)
    mode = S_IMODE((root / target).stat().st_mode)
    (root / target).chmod(mode & ~0o222)
    with pytest.raises(JobgenError, match="read-only"):
        apply_plan(root, every_change())
    (root / target).chmod(mode)
    assert read_tree(root) == before


def test_plan_for_a_file_whose_path_is_a_folder_is_refused(tmp_path: Path) -> None:
    root = make_tree(tmp_path)
    (root / "Web/Worker.py").mkdir(parents=True)
    before = read_tree(root)
    with pytest.raises(JobgenError, match=r"Web/Worker\.py"):
        apply_plan(root, every_change())
    assert read_tree(root) == before


def test_plan_for_a_folder_whose_path_is_a_file_is_refused(tmp_path: Path) -> None:
    root = make_tree(tmp_path)
    (root / "Web").write_text("")
    before = read_tree(root)
    with pytest.raises(JobgenError):
        apply_plan(root, every_change())
    assert read_tree(root) == before


def test_concurrent_processes_apply_all_their_plans(tmp_path: Path) -> None:
    """Each process adds its line to one file and makes its plan again while it is stale."""
    write_tree(tmp_path, {"lines.txt": ""})
    script = """
import sys
from pathlib import Path, PurePosixPath
from jobgen.apply import apply_plan
from jobgen.errors import ConflictError
from jobgen.plan.model import FileChange, Plan
root, mine = Path(sys.argv[1]), sys.argv[2].encode() + b"\\n"
for number in range(10):
    while True:
        before = (root / "lines.txt").read_bytes()
        change = FileChange(PurePosixPath("lines.txt"), before, before + mine)
        try:
            apply_plan(root, Plan("t", changes=(change,)))
        except ConflictError:
            continue
        break
"""
    names = ["a", "b", "c"]
    processes = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path), name]) for name in names
    ]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    lines = (tmp_path / "lines.txt").read_text().split()
    assert sorted(lines) == sorted(names * 10)
