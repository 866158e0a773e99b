"""Reverses the last change from its receipt."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

from jobgen.apply.disk import read_or_none
from jobgen.apply.journal import ChangeRecord
from jobgen.apply.state import State
from jobgen.plan.model import FileChange, Issue, IssueKind, Plan, content_digest


def last_receipt(root: Path) -> ChangeRecord | None:
    """The receipt of the last change that was not undone, None where there is none."""
    return State(root).last_receipt()


def plan_undo(root: Path, receipt: ChangeRecord) -> Plan:
    """The plan that puts every file of `receipt` back to what it was.

    A file that was changed since is an issue: its change would be lost.
    """
    changes: list[FileChange] = []
    issues: list[Issue] = []
    for entry in receipt.files:
        try:
            current = read_or_none(root / entry.path)
            readable = True
        except OSError:
            current, readable = None, False
        if not readable or content_digest(current) != entry.after:
            issues.append(
                Issue(
                    IssueKind.CONFLICT,
                    f"{entry.path} was changed since: undoing would lose that.",
                    path=entry.path,
                    hint=f"Undo it by hand, or put {entry.path} back to what was generated.",
                )
            )
            continue
        changes.append(FileChange(entry.path, current, entry.restored(current), entry.mode))
    return Plan(
        generator="undo",
        args=MappingProxyType({"generator": receipt.generator, "args": dict(receipt.args)}),
        changes=tuple(changes),
        issues=tuple(issues),
    )
