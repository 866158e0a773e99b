"""Carries a plan out, and makes it anew where the files changed meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jobgen.apply import ChangeRecord, apply_plan
from jobgen.errors import ConflictError
from jobgen.plan.model import Plan

_ATTEMPTS = 50
"""Other jobgen processes in the project that may come first, one after the other."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a plan: it was applied, or it had issues, nothing to do, or no leave."""

    plan: Plan
    applied: bool = False
    declined: bool = False


def carry_out(
    root: Path,
    make: Callable[[], Plan],
    *,
    decide: Callable[[Plan], Plan],
    confirm: Callable[[Plan], bool],
    dry_run: bool,
) -> Outcome:
    """Make the plan, have its conflicts decided, and apply it unless `dry_run`.

    A plan whose files changed before it could be applied, as they do when several processes
    work in one project, is made again: each round one of them gets its way.
    """
    for remaining in reversed(range(_ATTEMPTS)):
        plan = decide(make())
        if plan.issues or dry_run or not plan.pending:
            return Outcome(plan)
        if not confirm(plan):
            return Outcome(plan, declined=True)
        try:
            apply_plan(root, plan)
        except ConflictError:
            if not remaining:
                raise
            continue
        return Outcome(plan, applied=True)
    raise AssertionError("the last round returns or raises")


def apply_once(
    root: Path, plan: Plan, *, undoes: ChangeRecord | None = None, dry_run: bool
) -> Outcome:
    """Apply a plan that was made elsewhere, or not at all."""
    if plan.issues or dry_run or (not plan.pending and undoes is None):
        return Outcome(plan)
    apply_plan(root, plan, undoes=undoes)
    return Outcome(plan, applied=True)
