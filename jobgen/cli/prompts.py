"""The questions that a command asks at a terminal."""

from __future__ import annotations

import sys
from pathlib import PurePosixPath

import click

from jobgen.cli.options import RunOptions
from jobgen.cli.report import show_diff, show_plan
from jobgen.plan.conflicts import (
    conflicting_paths,
    overwrite_edited,
    resolve_conflicts,
    skip_registrations,
)
from jobgen.plan.model import Plan


def can_prompt(options: RunOptions) -> bool:
    """Return whether a prompt is possible and allowed."""
    return not options.yes and not options.as_json and sys.stdin.isatty() and sys.stdout.isatty()


def confirm(question: str | None, plan: Plan, *, diff: bool) -> bool:
    """Show the plan with its warnings and ask the question; without one, return True."""
    if question is None:
        return True
    show_plan(plan, diff=diff)
    return click.confirm(question)


def resolve_by(options: RunOptions, plan: Plan, *, prompts: bool) -> Plan:
    """Return the plan with its issues resolved by the command's options, or by the user."""
    if options.skip_registration:
        plan = skip_registrations(plan)
    if options.force:
        return overwrite_edited(resolve_conflicts(plan, write=conflicting_paths(plan)))
    if options.skip:
        return resolve_conflicts(plan, keep=conflicting_paths(plan))
    return _ask_about_conflicts(plan) if prompts else plan


def _ask_about_conflicts(plan: Plan) -> Plan:
    """Ask for each file that differs from the plan whether to write it."""
    if any(issue.path not in conflicting_paths(plan) for issue in plan.issues):
        return plan  # blocked by other issues, whatever the answers
    write: list[PurePosixPath] = []
    keep: list[PurePosixPath] = []
    changes = {change.path: change for change in plan.changes}
    for path in conflicting_paths(plan):
        action = "delete it" if changes[path].after is None else "overwrite it"
        while True:
            answer = click.prompt(
                f"{path} exists and differs: {action}?",
                type=click.Choice(["y", "n", "diff"]),
                prompt_suffix=" ",
            )
            if answer != "diff":
                break
            show_diff(changes[path])
        (write if answer == "y" else keep).append(path)
    return resolve_conflicts(plan, write=write, keep=keep)
