"""The commands of the generators: built from the table, and run to an exit code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from inspect import cleandoc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jobgen.cli import output
from jobgen.cli.options import RunOptions, run_options
from jobgen.errors import ExitCode
from jobgen.generate.generator import Argument, ArgumentKind, Generator
from jobgen.generate.table import GENERATORS, GROUPS

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from jobgen.project import Project


Complete = Callable[[click.Context, click.Parameter, str], "list[CompletionItem]"]


def build_command(name: str) -> click.Command:
    """Build the command `jobgen NAME` of a generator, or of a group of generators."""
    if name not in GROUPS:
        return _command(next(each for each in GENERATORS if each.name == name))
    members = [each for each in GENERATORS if each.name.startswith(f"{name} ")]
    return click.Group(name, [_command(each) for each in members], help=GROUPS[name])


def _command(generator: Generator) -> click.Command:
    """Build the command of one generator; the generator itself is imported when it runs."""
    function: Callable[..., int] = partial(_run, generator)
    function = run_options(
        conflicts=generator.resolves_conflicts, registers=generator.edits_registrations
    )(function)
    if generator.outdated:
        text = "Write nothing; exit code 3 if files would change."
        function = click.option("--check", is_flag=True, help=text)(function)
    for argument in reversed(generator.arguments):
        function = _parameter(argument)(function)
    text = f"{generator.summary}\n\n{cleandoc(generator.details)}".rstrip()
    name = generator.name.split()[-1]
    return click.command(name, help=text, short_help=generator.summary)(function)


def _parameter(argument: Argument) -> Callable[[Callable[..., int]], Callable[..., int]]:
    complete = _completer(argument)
    if argument.kind is ArgumentKind.WORDS:
        return click.argument(
            argument.name, nargs=-1, metavar=argument.metavar, shell_complete=complete
        )
    if argument.kind is ArgumentKind.WORD:
        return click.argument(argument.name, shell_complete=complete)
    if argument.kind is ArgumentKind.FLAG:
        return click.option(_option(argument), is_flag=True, help=argument.description)
    return click.option(
        _option(argument),
        type=click.Choice(argument.choices) if argument.choices else str,
        multiple=argument.is_list,
        default=argument.default,
        metavar=argument.metavar,
        shell_complete=None if argument.choices else complete,
        help=argument.description,
    )


def _option(argument: Argument) -> str:
    return f"--{argument.name.replace('_', '-')}"


def _completer(argument: Argument) -> Complete:
    """Return the function that completes an argument; it imports its module when it is called."""

    def complete(
        ctx: click.Context, parameter: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        from jobgen.cli.complete import complete_argument

        return complete_argument(argument, ctx, parameter, incomplete)

    return complete


def _run(
    generator: Generator, *, options: RunOptions, check: bool = False, **arguments: Any
) -> ExitCode:
    """Make the generator's plan for the current folder, apply it and report the result."""
    from jobgen.cli.prompts import can_prompt, confirm, resolve_by
    from jobgen.cli.report import report
    from jobgen.generate.run import open_project, plan_and_apply

    if check:
        options = replace(options, dry_run=True)
    root = Path.cwd()
    start: Project | Path = root
    if generator.in_project:
        start = open_project(root, writes=not options.is_preview)
        root = start.root
    prompts = can_prompt(options)
    question = generator.question if prompts else None
    result = plan_and_apply(
        root,
        partial(generator.make_plan, start, arguments),
        resolve=partial(resolve_by, options, prompts=prompts and not options.is_preview),
        confirm=partial(confirm, question, diff=options.diff),
        apply=generator.apply_plan,
        dry_run=options.is_preview,
    )
    code = report(result, options, is_shown=question is not None)
    if check and code is ExitCode.DONE and result.plan.pending:
        output.note(generator.outdated or "")
        return ExitCode.PENDING
    return code
