"""Messages and hints name commands that exist, with options that they have."""

from __future__ import annotations

import argparse
import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from jobgen_runtime.cli import manage_jobs, options, run_script

from jobgen.cli.main import cli

ROOT = Path(__file__).parents[2]
SOURCES = [*(ROOT / "jobgen").rglob("*.py"), *(ROOT / "runtime/src").rglob("*.py")]
QUOTED = re.compile(r"`((?:jobgen|run-jobs|run-script|manage-jobs)(?: [^`]*)?)`")
PLACEHOLDER = "…"


def texts(path: Path) -> Iterator[str]:
    """Yield the strings of a module, each placeholder of an f-string as an ellipsis."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.JoinedStr):
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else PLACEHOLDER
                for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


NAMED = sorted(
    {named for path in SOURCES for text in texts(path) for named in QUOTED.findall(text)}
)


def problem(named: str) -> str | None:
    """Return what is wrong with a command line; None if nothing is."""
    program, *words = named.split()
    if program == "jobgen":
        return _click_problem(cli, words)
    parsers = {
        "run-jobs": options.build_parser(),
        "run-script": run_script._build_parser(),
        "manage-jobs": manage_jobs._build_parser(),
    }
    return _argparse_problem(parsers[program], words)


def _click_problem(command: click.Command, words: list[str]) -> str | None:
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name = words.pop(0)
        if PLACEHOLDER in name or name.isupper():
            return None
        with click.Context(command) as context:
            found = command.get_command(context, name)
        if found is None:
            return f"no command {name}"
        command = found
    known = {flag for each in command.params for flag in (*each.opts, *each.secondary_opts)}
    return next((f"no option {word}" for word in _flags(words) if word not in known), None)


def _argparse_problem(parser: argparse.ArgumentParser, words: list[str]) -> str | None:
    known = set(parser._option_string_actions)
    commands = next((a.choices for a in parser._actions if a.dest == "command"), None)
    name = next((word for word in words if not word.startswith("-")), None)
    if isinstance(commands, dict) and name and not name.isupper() and PLACEHOLDER not in name:
        if name not in commands:
            return f"no command {name}"
        known |= set(commands[name]._option_string_actions)
    return next((f"no option {word}" for word in _flags(words) if word not in known), None)


def _flags(words: list[str]) -> Iterator[str]:
    """Yield the options, up to the arguments of another program."""
    for word in words:
        if word == "--":
            return
        if word.startswith("-") and PLACEHOLDER not in word:
            yield word.partition("=")[0]


@pytest.mark.parametrize("named", NAMED)
def test_command_that_a_message_names_exists(named: str) -> None:
    assert problem(named) is None


def test_commands_that_do_not_exist_are_found() -> None:
    assert len(NAMED) > 20
    assert problem("jobgen watch") == "no command watch"
    assert problem("jobgen postgres begin") == "no command begin"
    assert problem("jobgen migrate --now") == "no option --now"
    assert problem("manage-jobs stop") == "no command stop"
    assert problem("run-jobs --chek") == "no option --chek"
