"""`jobgen completion`: the script that lets a shell complete jobgen's commands."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from jobgen.cli import output
from jobgen.errors import ExitCode

_SHELLS = ("bash", "zsh", "fish")
_WHERE = {
    "bash": "~/.local/share/bash-completion/completions/jobgen",
    "zsh": 'a file "_jobgen" in a folder of $fpath',
    "fish": "~/.config/fish/completions/jobgen.fish",
}
"""The file that each shell reads."""


@click.command(
    help="Print the script that lets a shell complete commands, names of jobs, types and"
    " applications.\n\nWrite it to the file that the shell reads:\n\n\b\n"
    + "\n".join(f"  {shell:<5} {where}" for shell, where in _WHERE.items())
)
@click.argument("shell", type=click.Choice(_SHELLS))
def command(shell: str) -> ExitCode:
    """Print the completion script of a shell."""
    from jobgen.cli.main import cli

    completion = get_completion_class(shell)
    assert completion is not None  # noqa: S101 -- click has all three
    output.line(completion(cli, {}, "jobgen", "_JOBGEN_COMPLETE").source().strip())
    return ExitCode.DONE
