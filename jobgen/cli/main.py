"""The `jobgen` command: finds the subcommand's file, and shows expected faults plainly."""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click

from jobgen import __version__
from jobgen.cli import output
from jobgen.errors import ExitCode, JobgenError, UsageError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_INTERRUPTED = 130
"""What a shell calls a process that Ctrl-C ended."""

# name: (module below jobgen.cli, line in --help). Help and completion read this
# table alone, so that no command's imports are paid for before it is called.
COMMANDS: dict[str, tuple[str, str]] = {
    "new": ("new", "Make a new application."),
    "init": ("init", "Add jobs to the application in this folder."),
    "job": ("job", "Write a background job: table, module, registration, record."),
    "script": ("script", "Write a script that can be run from cron."),
    "types": ("types", "Bring the typed records into step with Schema.sql."),
    "migrate": ("migrate", "Bring the database up to Schema.sql."),
    "postgres": ("postgres", "Start, stop and inspect the project's own PostgreSQL."),
    "destroy": ("destroy", "Take a job or a script out again."),
    "undo": ("undo", "Reverse the last change."),
    "list": ("list", "List the generators, the jobs and the scripts."),
    "apply": ("apply", "Apply a JSON plan from standard input."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        cmd_name: str,
    ) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"jobgen.cli.{COMMANDS[cmd_name][0]}").command
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        found = [
            (name, line) for name, (_, line) in COMMANDS.items() if name.startswith(incomplete)
        ]
        items = [CompletionItem(name, help=line) for name, line in found]
        return items + click.Command.shell_complete(self, ctx, incomplete)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="jobgen")
def cli() -> None:
    """Background jobs for Python on PostgreSQL, written into your application."""


def main() -> None:
    """Run the command line; the process's exit code is one of `ExitCode`.

    With --json, errors too are a plan as JSON on standard output. Ctrl-C ends it quietly.
    """
    # A command makes much and drops little before it ends: looking for garbage in it is waste.
    gc.set_threshold(100_000, 50, 50)
    try:
        result = cli.main(prog_name="jobgen", standalone_mode=False)
        code = result if isinstance(result, int) else ExitCode.DONE
    except JobgenError as error:
        code = _fail(error)
    except click.Abort:
        code = _INTERRUPTED
    except click.UsageError as error:
        code = _fail_usage(error)
    except click.ClickException as error:
        code = _fail(JobgenError(error.format_message()))
    except OSError as error:
        code = _fail(JobgenError(_what_failed(error)))
    sys.exit(code)


def _fail(error: JobgenError) -> int:
    if "--json" in sys.argv:
        from jobgen.plan.json_format import error_plan, plan_to_json

        words = [word for word in sys.argv[1:] if not word.startswith("-")]
        output.line(plan_to_json(error_plan(words[0] if words else "", error)))
    else:
        output.error(error.message, error.hint)
    return error.exit_code


def _fail_usage(error: click.UsageError) -> int:
    if "--json" in sys.argv:
        return _fail(UsageError(error.format_message()))
    error.show()
    return ExitCode.USAGE


def _what_failed(error: OSError) -> str:
    text = error.strerror or str(error)
    return f"{error.filename}: {text}." if error.filename else f"{text}."
