"""A plan is applied as a whole or not at all, if a step fails or the process is killed in it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from jobgen.apply import apply_plan, is_interrupted, last_receipt, plan_undo, recover
from jobgen.errors import JobgenError
from tests.apply.plans import SteppingDisk, every_change, failing_at, killing_at, make_tree
from tests.support.tree import read_tree


def apply_all(root: Path, disk: SteppingDisk | None = None) -> None:
    apply_plan(root, every_change(), disk=disk)


def undo_all(root: Path, disk: SteppingDisk | None = None) -> None:
    receipt = last_receipt(root)
    assert receipt is not None
    apply_plan(root, plan_undo(root, receipt), undoes=receipt, disk=disk)


def nothing(root: Path) -> None:
    """Leave the tree as it is."""


Change = Callable[[Path, SteppingDisk | None], None]
CASES = pytest.mark.parametrize(
    ("prepare", "change"), [(nothing, apply_all), (apply_all, undo_all)], ids=["apply", "undo"]
)


def prepared(root: Path, prepare: Callable[[Path], None]) -> Path:
    make_tree(root)
    prepare(root)
    return root


def steps_of(root: Path, prepare: Callable[[Path], None], change: Change) -> int:
    disk = SteppingDisk()
    change(prepared(root, prepare), disk)
    return disk.steps


@CASES
def test_change_that_fails_at_any_step_changes_nothing(
    tmp_path: Path, prepare: Callable[[Path], None], change: Change
) -> None:
    steps = steps_of(tmp_path / "count", prepare, change)
    after = read_tree(tmp_path / "count")
    failures = 0
    for number in range(1, steps + 1):
        root = prepared(tmp_path / str(number), prepare)
        before = read_tree(root)
        message = _refusal(partial(change, root, failing_at(number)))
        if message:
            failures += 1
            assert "the disk is full" in message
            assert read_tree(root) == before, f"step {number} of {steps}"
            assert not is_interrupted(root)
            change(root, None)
        assert read_tree(root) == after, f"step {number} of {steps}"
    # The last two steps only flush a change that is already committed.
    assert failures >= steps - 2


@CASES
def test_change_on_a_disk_that_stays_full_is_rolled_back_by_the_next_process(
    tmp_path: Path, prepare: Callable[[Path], None], change: Change
) -> None:
    steps = steps_of(tmp_path / "count", prepare, change)
    for number in range(1, steps - 1):
        root = prepared(tmp_path / str(number), prepare)
        before = read_tree(root)
        with pytest.raises(JobgenError):
            change(root, failing_at(number, from_then_on=True))
        recover(root)
        assert read_tree(root) == before, f"step {number} of {steps}"


@CASES
def test_change_killed_at_any_step_is_complete_or_rolled_back_by_the_next_process(
    tmp_path: Path, prepare: Callable[[Path], None], change: Change
) -> None:
    steps = steps_of(tmp_path / "count", prepare, change)
    after = read_tree(tmp_path / "count")
    undone = 0
    for number in range(1, steps + 1):
        root = prepared(tmp_path / str(number), prepare)
        before = read_tree(root)
        _killed(partial(change, root, killing_at(number)))
        recover(root)
        assert not is_interrupted(root)
        assert read_tree(root) in (before, after), f"step {number} of {steps}"
        undone += read_tree(root) == before
    assert 0 < undone < steps


def test_rollback_killed_at_any_step_is_completed_by_the_next_process(tmp_path: Path) -> None:
    steps = steps_of(tmp_path / "count", nothing, apply_all)
    disk = SteppingDisk()
    recover(interrupted(tmp_path / "recovered", steps - 4), disk)
    assert disk.steps > 1
    for number in range(1, disk.steps + 1):
        root = interrupted(tmp_path / str(number), steps - 4)
        _killed(partial(recover, root, killing_at(number)))
        recover(root)
        assert not is_interrupted(root)
        assert read_tree(root) == read_tree(make_tree(tmp_path / f"{number}-before"))


def interrupted(root: Path, step: int) -> Path:
    """Make a tree in which applying the plan was killed at one step."""
    make_tree(root)
    _killed(partial(apply_all, root, killing_at(step)))
    assert is_interrupted(root)
    return root


def test_file_edited_after_a_kill_is_kept_and_named(tmp_path: Path) -> None:
    steps = steps_of(tmp_path / "count", nothing, apply_all)
    root = make_tree(tmp_path / "shop")
    before = read_tree(root)
    _killed(lambda: apply_all(root, killing_at(steps - 4)))
    (root / "run.py").write_text("mine\n")
    with pytest.raises(JobgenError, match=r"run\.py"):
        recover(root)
    assert (root / "run.py").read_text() == "mine\n"
    now = read_tree(root)
    assert {path for path in before if now.get(path) != before[path]} == {"run.py"}
    recover(root)


def _refusal(action: Callable[[], None]) -> str:
    """Run the action and return the message of its error; "" if it succeeds."""
    try:
        action()
    except JobgenError as error:
        return error.message
    return ""


def _killed(action: Callable[[], None]) -> None:
    """Run the action in a child process, which must be killed."""
    pid = os.fork()
    if pid == 0:
        try:
            action()
        finally:
            os._exit(0)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGKILL
