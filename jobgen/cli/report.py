"""Plans and results as people read them, or as JSON."""

from __future__ import annotations

from jobgen.cli import output
from jobgen.cli.options import RunOptions
from jobgen.errors import ExitCode
from jobgen.generate.run import RunResult
from jobgen.plan.conflicts import exit_code
from jobgen.plan.model import FileChange, Issue, Plan

_STYLES = {"create": "green", "update": "yellow", "delete": "red", "identical": "dim"}
_DIFF_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def report(result: RunResult, options: RunOptions, *, is_shown: bool = False) -> ExitCode:
    """Print what was done, or why nothing was, and return the exit code.

    Args:
        result: The plan and what became of it.
        options: The command's options.
        is_shown: Whether the user has confirmed the plan, and so has seen its files and warnings.
    """
    plan = result.plan
    if options.as_json:
        from jobgen.plan.json_format import plan_to_json

        output.line(plan_to_json(plan))
        return exit_code(plan)
    if result.declined:
        output.line("Nothing was changed.")
        return ExitCode.DONE
    if plan.issues and plan.changes and plan.generator != "undo":  # which says so itself
        output.line("Not done:")
    if is_shown and result.applied:
        output.line("Done.")
    else:
        show_plan(plan, diff=options.diff)
    if plan.issues:
        for issue in plan.issues:
            _show_issue(issue)
        output.note("Nothing was changed.")
    elif not plan.pending:
        output.line("Nothing to do: all files are up to date.")
    elif not result.applied:
        more = "." if options.dry_run else "; --yes writes it."
        output.line(f"Dry run: nothing was written{more}")
    else:
        _show_next_steps(plan)
    return exit_code(plan)


def show_plan(plan: Plan, *, diff: bool) -> None:
    """Print the plan's files and its warnings."""
    show_changes(plan, diff=diff)
    for text in plan.warnings:
        output.warning(text)


def show_changes(plan: Plan, *, diff: bool) -> None:
    """Print one line for each file, and its diff if `diff` is set."""
    for change in plan.changes:
        label = output.styled(f"{change.op:<10}", _STYLES[change.op])
        output.line(f"{label} {change.path}")
    if diff:
        for change in plan.pending:
            output.line()
            show_diff(change)


def show_diff(change: FileChange) -> None:
    """Print the unified diff of one file."""
    from jobgen.plan.diff import unified_diff

    for text in unified_diff(change).splitlines():
        style = "bold" if text.startswith(("---", "+++")) else _DIFF_STYLES.get(text[:1])
        output.line(output.styled(text, style) if style else text)


def _show_next_steps(plan: Plan) -> None:
    if plan.next_steps:
        output.line()
        output.line(output.styled("Next:", "bold"))
        for step in plan.next_steps:
            text, _, code = step.partition("\n")
            # Code stands at the left margin, so that it can be copied as it is.
            output.line(f"  {text}\n\n{code}\n" if code else f"  {text}")


def _show_issue(issue: Issue) -> None:
    has_location = issue.path is not None and issue.message.startswith(f"{issue.path}:")
    location = f" ({issue.path}, line {issue.line})" if issue.line and not has_location else ""
    output.error(f"{issue.message}{location}", issue.hint)
    if issue.paste:
        output.note(f"\n{issue.paste.rstrip()}\n")
