"""The `jobgen` command: finds the subcommand, and reports expected errors without a traceback."""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click
from click.exceptions import NoArgsIsHelpError

from jobgen import __version__
from jobgen.cli import output
from jobgen.cli.usage import usage_error
from jobgen.errors import ExitCode, JobgenError
from jobgen.generate.table import GENERATORS, GROUPS

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_INTERRUPTED = 130
"""The exit code that shells give to a process interrupted by Ctrl-C."""

_OTHER_COMMANDS = {
    "build": "Write programs to deploy: each is one file with all that it needs.",
    "check": "Find everything that is inconsistent, for people, editors and CI.",
    "dev": "Run the database, the web application and the jobs while you write them.",
    "ide": "Generate jobs in the browser, with every change shown first.",
    "migrate": "Update the database to match Schema.sql.",
    "postgres": "Start, stop and inspect the project's own PostgreSQL.",
    "undo": "Reverse the last change.",
    "info": "Show everything about the project: jobs, tables, paths, database, findings.",
    "list": "List the generators, and the project's jobs and scripts.",
    "apply": "Apply a JSON plan.",
    "mcp": "Serve the generators to a coding agent.",
    "completion": "Print the completion script of a shell.",
}
"""The summary of each command that is not a generator; its module in jobgen.cli has its name."""


def _summaries() -> dict[str, str]:
    """Return the summary of each command, for help and completion."""
    generators = {each.name.split()[0]: each.summary for each in GENERATORS}
    return generators | GROUPS | _OTHER_COMMANDS


class LazyGroup(click.Group):
    """A group that imports a command when it is called, not for help and completion."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        """Return the names of all commands, in the order of the help."""
        return list(_summaries())

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 -- click's signature
        cmd_name: str,
    ) -> click.Command | None:
        """Return the command of this name, or None."""
        if cmd_name in _OTHER_COMMANDS:
            command: click.Command = import_module(f"jobgen.cli.{cmd_name}").command
            return command
        if cmd_name in _summaries():
            from jobgen.cli.generators import build_command

            return build_command(cmd_name)
        return None

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 -- click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the list of commands into the help."""
        with formatter.section("Commands"):
            formatter.write_dl(list(_summaries().items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands that begin with `incomplete`, and the options."""
        from click.shell_completion import CompletionItem

        items = [
            CompletionItem(name, help=summary)
            for name, summary in _summaries().items()
            if name.startswith(incomplete)
        ]
        return items + click.Command.shell_complete(self, ctx, incomplete)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="jobgen")
def cli() -> None:
    """Background jobs for Python on PostgreSQL, written into your application."""


def main() -> None:
    """Run the command line and exit with one of `ExitCode`, or with 130 after Ctrl-C.

    With --json, an error is printed as a JSON plan on standard output.
    """
    # A command allocates much and frees little before it exits, so collecting garbage is waste.
    gc.set_threshold(100_000, 50, 50)
    try:
        result = cli.main(prog_name="jobgen", standalone_mode=False)
        code = result if isinstance(result, int) else ExitCode.DONE
    except JobgenError as error:
        code = _fail(error)
    except click.Abort:
        code = _INTERRUPTED
    except NoArgsIsHelpError as error:
        error.show()
        code = ExitCode.USAGE
    except click.UsageError as error:
        code = _fail(usage_error(error))
    except click.ClickException as error:
        code = _fail(JobgenError(error.format_message()))
    except OSError as error:
        code = _fail(JobgenError(_describe(error)))
    sys.exit(code)


def _fail(error: JobgenError) -> int:
    if "--json" in sys.argv:
        from jobgen.plan.json_format import error_plan, plan_to_json

        words = [word for word in sys.argv[1:] if not word.startswith("-")]
        output.line(plan_to_json(error_plan(words[0] if words else "", error)))
    else:
        output.error(error.message, error.hint)
    return error.exit_code


def _describe(error: OSError) -> str:
    text = error.strerror or str(error)
    return f"{error.filename}: {text}." if error.filename else f"{text}."
