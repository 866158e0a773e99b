"""Word click's errors as jobgen words its own."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from shlex import quote

import click

from jobgen.errors import UsageError

_JOB = "`jobgen job NAME` writes a job."
_RUN = "`run-jobs` runs the jobs, and `jobgen dev` all of a project."
_OTHER_WORDS = {
    **dict.fromkeys(("add", "create", "g", "generate", "make"), _JOB),
    **dict.fromkeys(("run", "serve", "server", "start", "up", "work", "worker"), _RUN),
    **dict.fromkeys(("db", "psql", "sql"), "`jobgen postgres psql` opens the database."),
    **dict.fromkeys(("delete", "remove", "rm"), "`jobgen destroy job NAME` removes a job."),
    **dict.fromkeys(("back", "revert", "rollback"), "`jobgen undo` reverses the last change."),
    "help": "`jobgen --help` lists the commands.",
    "status": "`manage-jobs status` counts the jobs.",
    "version": "`jobgen --version` prints the version.",
}
"""What to use instead, for the commands of other tools."""


def usage_error(error: click.UsageError) -> UsageError:
    """Return an error of the command line in jobgen's words, with the command's usage as hint."""
    return UsageError(_message(error), hint=_hint(error))


def _message(error: click.UsageError) -> str:
    match error:
        case click.NoSuchOption():
            return f"There is no option {error.option_name}."
        case click.MissingParameter():
            return f"{_name(error.param)} is missing."
        case click.BadParameter() if error.param is not None:
            return _bad_value(error.param, error.message)
        case _ if name := _unknown_command(error):
            return f"There is no command {name}."
        case _:
            return _sentence(error.format_message().replace("Got unexpected", "Unexpected"))


def _bad_value(param: click.Parameter, reason: str) -> str:
    name, kind = _name(param), param.type
    if isinstance(kind, click.IntRange):
        return f"{name} must be a whole number from {kind.min} to {kind.max}."
    if isinstance(kind, click.Choice):
        return f"{name} must be one of {', '.join(map(str, kind.choices))}."
    return f"{name}: {_sentence(reason)}"


def _sentence(text: str) -> str:
    return f"{text.rstrip('.')}."


def _name(param: click.Parameter | None) -> str:
    """Return an option's name, or an argument's in the command's usage."""
    if param is None:
        return "An argument"
    return param.opts[0] if isinstance(param, click.Option) else (param.name or "").upper()


def _hint(error: click.UsageError) -> str | None:
    context = error.ctx
    if context is None:
        return None
    known = _known(error, context)
    typed = _typed(error).lstrip("-")
    close = get_close_matches(typed, known, n=1)
    meant = f"Did you mean {known[close[0]]}? " if close else ""
    if _unknown_command(error) and typed in _OTHER_WORDS:
        meant = f"{_OTHER_WORDS[typed]} "
    elif _unknown_command(error) and not meant and context.info_name == "destroy":
        name = quote(typed)
        meant = (
            f"`jobgen destroy job {name}` removes a job, `jobgen destroy script {name}` a script. "
        )
    usage = " ".join(context.get_usage().removeprefix("Usage: ").split())
    return f"{meant}Usage: {usage} (`{context.command_path} --help` says more)"


def _typed(error: click.UsageError) -> str:
    """Return the unknown option or command; "" for other errors."""
    if isinstance(error, click.NoSuchOption):
        return error.option_name
    return _unknown_command(error)


def _unknown_command(error: click.UsageError) -> str:
    # click 8.4 and later have a class for this error, NoSuchCommand.
    return getattr(error, "command_name", "")


def _known(error: click.UsageError, context: click.Context) -> Mapping[str, str]:
    """Return the options or the commands that there are, by their names without dashes."""
    command = context.command
    if isinstance(error, click.NoSuchOption):
        params = command.get_params(context)
        names = [name for each in params if isinstance(each, click.Option) for name in each.opts]
    else:
        names = command.list_commands(context) if isinstance(command, click.Group) else []
    return {name.lstrip("-"): name for name in names}
