"""Complete an argument of a generator in a shell: with names of the project, and types."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from jobgen.columns.types import TYPE_OF_WORD
from jobgen.errors import JobgenError
from jobgen.generate.generator import Argument, ArgumentKind
from jobgen.project import find_project


def complete_argument(
    argument: Argument, ctx: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Return the completions of the argument; none outside of a project."""
    if argument.kind is ArgumentKind.WORDS:
        return _complete_column(ctx, parameter, incomplete)
    if argument.project_examples is None:
        return []
    try:
        return _matching(argument.project_examples(find_project(Path.cwd())), incomplete)
    except JobgenError:
        return []


def _complete_column(
    ctx: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the type of `name:type`.

    Bash splits words at colons, so that the name, the colon and the type are separate words.
    """
    words = ["references", *(word for word in TYPE_OF_WORD if " " not in word)]
    name, colon, typed = incomplete.rpartition(":")
    if name:
        return _matching([f"{name}:{word}" for word in words], incomplete)
    given = list(ctx.params.get(parameter.name or "") or ())
    if colon or (given and given[-1] == ":"):
        return _matching(words, typed)
    return []


def _matching(names: Sequence[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]
