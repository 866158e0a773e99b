"""Undoing restores files, modes and folders, and never loses an edit."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePosixPath

from hypothesis import given, settings
from hypothesis import strategies as st

from jobgen.apply import apply_plan, last_receipt, plan_undo
from jobgen.apply.state import KEPT_RECEIPTS
from jobgen.plan.model import FileChange, IssueKind, Plan
from tests.apply.plans import change, every_change, make_tree
from tests.support.tree import read_tree, write_tree

paths = st.lists(st.sampled_from("abcd"), min_size=1, max_size=3).map(
    lambda parts: "/".join([*parts, "file.py"])
)
contents = st.none() | st.binary(max_size=40)
trees = st.dictionaries(paths, contents, min_size=1, max_size=6)


def undo(root: Path) -> Plan:
    receipt = last_receipt(root)
    assert receipt is not None
    plan = plan_undo(root, receipt)
    if not plan.issues:
        apply_plan(root, plan, undoes=receipt)
    return plan


def test_undo_restores_files_modes_and_folders(tmp_path: Path) -> None:
    root = make_tree(tmp_path)
    before = read_tree(root)
    apply_plan(root, every_change())
    assert read_tree(root) != before
    undo(root)
    assert read_tree(root) == before
    assert last_receipt(root) is None


@settings(max_examples=60, deadline=None)
@given(
    files=trees,
    afters=trees,
    mode=st.sampled_from([0o644, 0o600, 0o755, 0o664]),
)
def test_undo_of_any_plan_restores_any_tree(
    files: dict[str, bytes | None], afters: dict[str, bytes | None], mode: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = write_tree(
            Path(folder) / "shop", {path: c for path, c in files.items() if c is not None}
        )
        for file in root.rglob("*.py"):
            file.chmod(mode)
        before = read_tree(root)
        plan = Plan(
            "test",
            changes=tuple(
                FileChange(PurePosixPath(path), files.get(path), after)
                for path, after in afters.items()
            ),
        )
        apply_plan(root, plan)
        for path, after in afters.items():
            file = root / path
            assert (file.read_bytes() if file.exists() else None) == after
        if plan.pending:
            undo(root)
        assert read_tree(root) == before


def test_repeated_undo_reverses_one_change_after_the_other(tmp_path: Path) -> None:
    root = write_tree(tmp_path, {"a.py": "0"})
    for number in range(3):
        apply_plan(root, Plan("t", changes=(change("a.py", f"{number}", f"{number + 1}"),)))
    for number in (2, 1, 0):
        undo(root)
        assert (root / "a.py").read_text() == str(number)
    assert last_receipt(root) is None


def test_change_after_an_undo_is_the_next_to_be_undone(tmp_path: Path) -> None:
    root = write_tree(tmp_path, {"a.py": "0"})
    apply_plan(root, Plan("t", changes=(change("a.py", "0", "1"),)))
    undo(root)
    apply_plan(root, Plan("t", changes=(change("a.py", "0", "2"),)))
    undo(root)
    assert (root / "a.py").read_text() == "0"
    assert last_receipt(root) is None


def test_undo_is_refused_and_names_the_files_that_were_edited_since(tmp_path: Path) -> None:
    root = make_tree(tmp_path)
    apply_plan(root, every_change())
    (root / "Web/Job/New.py").write_text("edited\n")
    (root / "run.py").unlink()
    before = read_tree(root)
    plan = undo(root)
    assert {str(issue.path) for issue in plan.issues} == {"Web/Job/New.py", "run.py"}
    assert {issue.kind for issue in plan.issues} == {IssueKind.CONFLICT}
    assert read_tree(root) == before
    assert last_receipt(root) is not None


def test_undo_keeps_folders_with_other_files(tmp_path: Path) -> None:
    root = make_tree(tmp_path)
    apply_plan(root, every_change())
    (root / "Web/mine.py").write_text("mine\n")
    undo(root)
    assert (root / "Web/mine.py").exists()
    assert not (root / "Web/Job").exists()


def test_receipts_stay_small_and_old_ones_are_deleted(tmp_path: Path) -> None:
    long = "x = 1\n" * 20_000
    root = write_tree(tmp_path, {"a.py": long})
    for number in range(KEPT_RECEIPTS + 3):
        before, after = long + f"# {number}\n" * (number > 0), long + f"# {number + 1}\n"
        apply_plan(root, Plan("t", changes=(change("a.py", before, after),)))
    receipts = list((root / ".jobgen/receipts").iterdir())
    assert len(receipts) == KEPT_RECEIPTS
    assert max(receipt.stat().st_size for receipt in receipts) < 2000
    assert (root / ".jobgen/.gitignore").read_text() == "*\n"
