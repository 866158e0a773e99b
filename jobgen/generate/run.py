"""Opens a project, makes a plan and applies it, again if the files changed meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jobgen.apply import ChangeRecord, apply_plan, is_interrupted, recover
from jobgen.errors import ConflictError, JobgenError
from jobgen.plan.model import Plan
from jobgen.project import Project, find_project

_ATTEMPTS = 50
"""How often a plan is made before the changes of other jobgen processes are an error."""


@dataclass(frozen=True, slots=True)
class RunResult:
    """A plan, and whether it was applied or the user declined it.

    A plan that is neither has issues, has no changes, or was a dry run.
    """

    plan: Plan
    applied: bool = False
    declined: bool = False


def open_project(start: Path, *, writes: bool) -> Project:
    """Return the project around `start`, after reversing a change that was interrupted in it.

    Args:
        start: A folder in the project.
        writes: Whether the command may write; without it an interrupted change is an error.

    Raises:
        JobgenError: There is no project, it cannot be read, or the interrupted change cannot
            be reversed.
    """
    project = find_project(start)
    if is_interrupted(project.root):
        if not writes:
            raise JobgenError(
                "Another jobgen is changing the project, or was interrupted.",
                hint="Run the command without --dry-run or --check: it reverses the change first.",
            )
        recover(project.root)
    return project


def plan_and_apply(
    root: Path,
    make_plan: Callable[[], Plan],
    *,
    resolve: Callable[[Plan], Plan],
    confirm: Callable[[Plan], bool],
    apply: Callable[[Path, Plan], None],
    dry_run: bool,
) -> RunResult:
    """Make a plan, resolve its conflicts, and apply it.

    A plan whose files change before it is applied, because several processes work in one
    project, is made again. In each round one of the processes succeeds.

    Args:
        root: The folder that the plan's paths are relative to.
        make_plan: Makes the plan from the files as they are now.
        resolve: Returns the plan with the user's decisions about its conflicts.
        confirm: Returns whether the user wants the plan applied.
        apply: Applies the plan below the root.
        dry_run: Stop before anything is written.

    Raises:
        ConflictError: Other processes kept changing the files.
        JobgenError: The plan cannot be made, or a file cannot be written.
    """
    for remaining in reversed(range(_ATTEMPTS)):
        plan = resolve(make_plan())
        if plan.issues or dry_run or not plan.pending:
            return RunResult(plan)
        if not confirm(plan):
            return RunResult(plan, declined=True)
        try:
            apply(root, plan)
        except ConflictError:
            if not remaining:
                raise
            continue
        return RunResult(plan, applied=True)
    raise AssertionError("the last round returns or raises")


def apply_given_plan(
    root: Path, plan: Plan, *, undoes: ChangeRecord | None = None, dry_run: bool
) -> RunResult:
    """Apply a plan that cannot be made again: one from JSON, or the inverse of a change.

    Args:
        root: The project's root.
        plan: The plan.
        undoes: The receipt of the change that the plan reverses, if it does.
        dry_run: Write nothing.

    Raises:
        ConflictError: A file changed after the plan was made.
        JobgenError: A file cannot be written.
    """
    if plan.issues or dry_run or (not plan.pending and undoes is None):
        return RunResult(plan)
    apply_plan(root, plan, undoes=undoes)
    return RunResult(plan, applied=True)
