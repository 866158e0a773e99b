"""Resolve the conflicts of a plan, and turn its issues into an exit code."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import PurePosixPath

from jobgen.errors import ExitCode
from jobgen.plan.model import Issue, IssueKind, Plan


def conflicting_paths(plan: Plan) -> tuple[PurePosixPath, ...]:
    """Return the files with a conflict, in the plan's order."""
    paths = {issue.path for issue in plan.issues if issue.kind is IssueKind.CONFLICT}
    return tuple(change.path for change in plan.changes if change.path in paths)


def resolve_conflicts(
    plan: Plan, *, write: Collection[PurePosixPath] = (), keep: Collection[PurePosixPath] = ()
) -> Plan:
    """Return the plan with some of its conflicts resolved; the others still block it.

    Args:
        plan: The plan.
        write: The files to overwrite or delete.
        keep: The files to leave unchanged; their changes become `identical`.
    """
    resolved = {path for path in conflicting_paths(plan) if path in write or path in keep}

    def is_open(issue: Issue) -> bool:
        return issue.kind is not IssueKind.CONFLICT or issue.path not in resolved

    return replace(
        plan,
        issues=tuple(issue for issue in plan.issues if is_open(issue)),
        changes=tuple(
            replace(change, after=change.before, mode=None)
            if change.path in resolved and change.path in keep
            else change
            for change in plan.changes
        ),
    )


def overwrite_edited(plan: Plan) -> Plan:
    """Return the plan with the edited files that it keeps overwritten as they are generated."""
    return replace(
        plan,
        changes=tuple(
            change
            if change.generated is None
            else replace(change, after=change.generated, generated=None)
            for change in plan.changes
        ),
    )


def skip_registrations(plan: Plan) -> Plan:
    """Return the plan with a warning for each list of jobs that cannot be edited."""
    skipped = [issue for issue in plan.issues if issue.is_registration]
    return replace(
        plan,
        issues=tuple(issue for issue in plan.issues if not issue.is_registration),
        warnings=(*plan.warnings, *map(_left_to_user, skipped)),
    )


def _left_to_user(issue: Issue) -> str:
    line = f" (line {issue.line})" if issue.line else ""
    reason = issue.message.partition(" cannot be edited: ")[2].removesuffix(".")
    text = f"{issue.path} was not changed: {reason}{line}."
    how = (issue.hint or "").partition(", then run")[0]
    return f"{text} {how}:\n{issue.paste}" if issue.paste else text


def exit_code(plan: Plan) -> ExitCode:
    """Return the exit code for the plan's issues: usage before project before conflict."""
    for kind in (IssueKind.USAGE, IssueKind.PROJECT, IssueKind.CONFLICT):
        if any(issue.kind is kind for issue in plan.issues):
            return ExitCode(kind.value)
    return ExitCode.DONE
