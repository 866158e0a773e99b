"""Plans as people read them."""

from __future__ import annotations

from jobgen.cli import output
from jobgen.plan.model import FileChange, Issue, Plan

_STYLES = {"create": "green", "update": "yellow", "delete": "red", "identical": "dim"}
_DIFF_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def show_changes(plan: Plan, *, diff: bool) -> None:
    """One line for each file, and the diffs where they are asked for."""
    for change in plan.changes:
        label = output.styled(f"{change.op:<10}", _STYLES[change.op])
        output.line(f"{label} {change.path}")
    if diff:
        for change in plan.pending:
            output.line()
            show_diff(change)


def show_diff(change: FileChange) -> None:
    """One file's diff."""
    from jobgen.plan.diff import unified_diff

    for text in unified_diff(change).splitlines():
        style = "bold" if text.startswith(("---", "+++")) else _DIFF_STYLES.get(text[:1])
        output.line(output.styled(text, style) if style else text)


def show_issues(plan: Plan) -> None:
    """What blocks the plan, and what to do about each."""
    for issue in plan.issues:
        _show_issue(issue)


def show_warnings(plan: Plan) -> None:
    """What works, but should be known."""
    for text in plan.warnings:
        output.warning(text)


def show_next_steps(plan: Plan) -> None:
    """What is for the user to do now."""
    if plan.next_steps:
        output.line()
        output.line(output.styled("Next:", "bold"))
        for step in plan.next_steps:
            output.line("  " + step.replace("\n", "\n    "))


def _show_issue(issue: Issue) -> None:
    located = issue.path is not None and issue.message.startswith(f"{issue.path}:")
    place = f" ({issue.path}, line {issue.line})" if issue.line and not located else ""
    output.error(f"{issue.message}{place}", issue.hint)
    if issue.paste:
        output.note("\n".join(f"    {text}" for text in issue.paste.splitlines()))
