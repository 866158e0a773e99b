"""The options that all commands with a plan share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import click

from jobgen.errors import UsageError


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a plan is shown and applied."""

    dry_run: bool = False
    diff: bool = False
    as_json: bool = False
    force: bool = False
    skip: bool = False
    skip_registration: bool = False
    yes: bool = False

    @property
    def is_preview(self) -> bool:
        """Whether the plan is only shown; --diff and --json apply it only with --yes."""
        return self.dry_run or ((self.diff or self.as_json) and not self.yes)


_DRY_RUN = click.option("--dry-run", is_flag=True, help="Show the plan and write nothing.")
_PREVIEWS = (
    _DRY_RUN,
    click.option(
        "--diff", is_flag=True, help="Show the plan as a unified diff; write only with --yes."
    ),
    click.option(
        "--json",
        "as_json",
        is_flag=True,
        help="Print nothing but the plan, as JSON; write only with --yes.",
    ),
)
_REPORTS = (
    _DRY_RUN,
    click.option("--diff", is_flag=True, help="Show the changes as a unified diff."),
    click.option("--json", "as_json", is_flag=True, help="Print nothing but the plan, as JSON."),
)
_CONFLICTS = (
    click.option("--force", is_flag=True, help="Overwrite files that differ."),
    click.option("--skip", is_flag=True, help="Leave files that differ unchanged."),
)
_REGISTRATION = (
    click.option(
        "--skip-registration",
        is_flag=True,
        help="Leave lists of jobs that cannot be edited to you.",
    ),
)
_YES = (
    click.option("--yes", is_flag=True, help="Do not ask; files that differ stop the command."),
)


def run_options(
    *, conflicts: bool = True, previews: bool = True, registers: bool = False
) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Return a decorator that adds the options to a command, as one argument `options`.

    Args:
        conflicts: Add --force and --skip.
        registers: Add --skip-registration.
        previews: Whether --diff and --json keep the command from writing; otherwise they only
            change its output.
    """
    added = (
        *(_PREVIEWS if previews else _REPORTS),
        *(_CONFLICTS if conflicts else ()),
        *(_REGISTRATION if registers else ()),
        *_YES,
    )

    def decorate(function: Callable[..., int]) -> Callable[..., int]:
        @wraps(function)
        def command(**arguments: Any) -> int:
            names = RunOptions.__slots__
            given = {name: arguments.pop(name) for name in names if name in arguments}
            options = RunOptions(**given)
            if options.force and options.skip:
                raise UsageError("--force and --skip exclude each other.")
            return function(options=options, **arguments)

        for option in reversed(added):
            command = option(command)
        return command

    return decorate
