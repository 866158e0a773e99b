"""Conflicts decided, written over or left as they are; and how a process ends with the rest."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import PurePosixPath

from jobgen.errors import ExitCode
from jobgen.plan.model import Issue, IssueKind, Plan


def conflicting_paths(plan: Plan) -> tuple[PurePosixPath, ...]:
    """The files about which somebody has to decide, in the plan's order."""
    paths = {issue.path for issue in plan.issues if issue.kind is IssueKind.CONFLICT}
    return tuple(change.path for change in plan.changes if change.path in paths)


def resolve_conflicts(
    plan: Plan, *, write: Collection[PurePosixPath] = (), keep: Collection[PurePosixPath] = ()
) -> Plan:
    """The plan with the conflicts of `write` and `keep` decided; the others still block it.

    A change that is kept back becomes `identical`.
    """
    decided = {path for path in conflicting_paths(plan) if path in write or path in keep}

    def is_open(issue: Issue) -> bool:
        return issue.kind is not IssueKind.CONFLICT or issue.path not in decided

    return replace(
        plan,
        issues=tuple(issue for issue in plan.issues if is_open(issue)),
        changes=tuple(
            replace(change, after=change.before, mode=None)
            if change.path in decided and change.path in keep
            else change
            for change in plan.changes
        ),
    )


def exit_code(plan: Plan) -> ExitCode:
    """How a process ends that cannot apply the plan: bad usage before faults before conflicts."""
    for kind in (IssueKind.USAGE, IssueKind.PROJECT, IssueKind.CONFLICT):
        if any(issue.kind is kind for issue in plan.issues):
            return ExitCode(kind.value)
    return ExitCode.DONE
