"""Plan the reversal of the last change from its receipt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType

from jobgen.apply.disk import read_or_none
from jobgen.apply.journal import ChangeRecord
from jobgen.apply.state import StateFolder
from jobgen.plan.model import FileChange, Issue, IssueKind, Plan, content_digest


def last_receipt(root: Path) -> ChangeRecord | None:
    """Return the receipt of the last change that was not undone, or None.

    Raises:
        JobgenError: The receipt cannot be read.
    """
    return next(applied_changes(root), None)


def applied_changes(root: Path) -> Iterator[ChangeRecord]:
    """Yield the receipts of the changes that were not undone, the latest first.

    Raises:
        JobgenError: A receipt cannot be read.
    """
    return StateFolder(root).applied()


def plan_undo(root: Path, receipt: ChangeRecord) -> Plan:
    """Make the plan that restores every file of `receipt`.

    A file that was edited since is an issue, because undoing would lose the edit.
    """
    changes: list[FileChange] = []
    issues: list[Issue] = []
    for file in receipt.files:
        try:
            current = read_or_none(root / file.path)
            readable = True
        except OSError:
            current, readable = None, False
        if not readable or content_digest(current) != file.after:
            issues.append(
                Issue(
                    IssueKind.CONFLICT,
                    f"{file.path} was edited since; undoing would lose the edit.",
                    path=file.path,
                    hint=f"Undo it by hand, or restore the generated contents of {file.path}.",
                )
            )
            continue
        changes.append(FileChange(file.path, current, file.restored(current), file.mode))
    return Plan(
        generator="undo",
        args=MappingProxyType({"generator": receipt.generator, "args": dict(receipt.args)}),
        changes=tuple(changes),
        issues=tuple(issues),
    )
