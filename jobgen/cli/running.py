"""From a plan to its effect: shown, asked about, applied, with the right exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import click

from jobgen.cli import output
from jobgen.cli.options import RunOptions
from jobgen.cli.show import (
    show_changes,
    show_diff,
    show_issues,
    show_next_steps,
    show_warnings,
)
from jobgen.errors import ExitCode
from jobgen.generate.plans import open_project
from jobgen.generate.run import Outcome, carry_out
from jobgen.plan.conflicts import conflicting_paths, exit_code, resolve_conflicts
from jobgen.plan.model import Plan
from jobgen.project import Project


def run_generator(
    make: Callable[[Project], Plan], options: RunOptions, *, question: str | None = None
) -> ExitCode:
    """Make the plan for the project of the current folder and carry it out.

    With a `question`, a person at a terminal is asked before anything is done.
    """
    project = open_project(Path.cwd(), writes=not options.looks)
    return run_in(project.root, lambda: make(project), options, question=question)


def run_in(
    root: Path, make: Callable[[], Plan], options: RunOptions, *, question: str | None = None
) -> ExitCode:
    """Make the plan for the folder `root` and carry it out there."""
    asks = can_ask(options)

    def decide(plan: Plan) -> Plan:
        if options.force:
            return resolve_conflicts(plan, write=conflicting_paths(plan))
        if options.skip:
            return resolve_conflicts(plan, keep=conflicting_paths(plan))
        return _ask_conflicts(plan) if asks and not options.looks else plan

    def confirm(plan: Plan) -> bool:
        if question is None or not asks:
            return True
        show_changes(plan, diff=options.diff)
        return click.confirm(question)

    outcome = carry_out(root, make, decide=decide, confirm=confirm, dry_run=options.looks)
    return report(outcome, options)


def report(outcome: Outcome, options: RunOptions) -> ExitCode:
    """Say what was done, or what stands in the way: the process's exit code."""
    plan = outcome.plan
    if options.as_json:
        from jobgen.plan.json_format import plan_to_json

        output.line(plan_to_json(plan))
        return exit_code(plan)
    if outcome.declined:
        output.line("Nothing was changed.")
        return ExitCode.DONE
    show_changes(plan, diff=options.diff)
    show_warnings(plan)
    if plan.issues:
        show_issues(plan)
        output.note("Nothing was changed.")
    elif not plan.pending:
        output.line("Nothing to do: everything is there already.")
    elif not outcome.applied:
        more = "." if options.dry_run else "; --yes writes it."
        output.line(f"Dry run: nothing was written{more}")
    else:
        show_next_steps(plan)
    return exit_code(plan)


def can_ask(options: RunOptions) -> bool:
    """Whether there is somebody to ask, who did not say that he is not to be."""
    return not options.yes and not options.as_json and sys.stdin.isatty() and sys.stdout.isatty()


def _ask_conflicts(plan: Plan) -> Plan:
    """Ask about each file that is not as the plan would write it."""
    if any(issue.path not in conflicting_paths(plan) for issue in plan.issues):
        return plan  # it is blocked whatever the answers
    write: list[PurePosixPath] = []
    keep: list[PurePosixPath] = []
    changes = {change.path: change for change in plan.changes}
    for path in conflicting_paths(plan):
        what = "delete it" if changes[path].after is None else "write over it"
        while True:
            answer = click.prompt(
                f"{path} is there and differs: {what}?",
                type=click.Choice(["y", "n", "diff"]),
                prompt_suffix=" ",
            )
            if answer != "diff":
                break
            show_diff(changes[path])
        (write if answer == "y" else keep).append(path)
    return resolve_conflicts(plan, write=write, keep=keep)
