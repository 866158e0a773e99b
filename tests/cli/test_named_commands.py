"""Every command that a message, a hint or a docstring of either package names exists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

import jobgen_runtime
import pytest
from click.testing import CliRunner

import jobgen
from jobgen.cli.main import cli

PACKAGES = [Path(package.__path__[0]) for package in (jobgen, jobgen_runtime)]
PROGRAMS = {
    "manage-jobs": "jobgen_runtime.cli.manage_jobs",
    "run-jobs": "jobgen_runtime.cli.run_jobs",
    "run-script": "jobgen_runtime.cli.run_script",
}
COMMAND = re.compile(rf"(?:`|: )((?:jobgen|{'|'.join(PROGRAMS)})\b(?: [^`\n]*)?)")
SUBCOMMAND = re.compile(r"[a-z][a-z-]*")
OPTION = re.compile(r"--[a-z][a-z-]*")


def texts(tree: ast.AST) -> Iterator[str]:
    """The strings of a module, with … for each value of an f-string."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.JoinedStr(values=values):
                yield "".join(
                    str(value.value) if isinstance(value, ast.Constant) else "…" for value in values
                )
            case ast.Constant(value=str(text)):
                yield text
            case _:
                yield from texts(node)


def named_commands() -> set[str]:
    """The commands in backticks or after a colon, in the strings of both packages."""
    return {
        " ".join(command.split())
        for package in PACKAGES
        for file in package.rglob("*.py")
        for text in texts(ast.parse(file.read_bytes()))
        for command in COMMAND.findall(text)
    }


def subcommands(words: Sequence[str]) -> list[str]:
    """The words before the first argument or option."""
    end = next((n for n, word in enumerate(words) if not SUBCOMMAND.fullmatch(word)), len(words))
    return list(words[:end])


def help_of(program: str, words: Sequence[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Return the help of a command, or "" if there is no such command."""
    if program == "jobgen":
        result = CliRunner().invoke(cli, [*words, "--help"])
        return result.output if result.exit_code == 0 else ""
    with pytest.raises(SystemExit) as exit_:
        import_module(PROGRAMS[program]).main([*words, "--help"])
    output = capsys.readouterr().out
    return output if exit_.value.code == 0 else ""


def test_every_named_command_and_option_exists(capsys: pytest.CaptureFixture[str]) -> None:
    commands = named_commands()
    assert {command.split()[0] for command in commands} >= {"jobgen", "run-jobs"}
    assert len(commands) > 20
    unknown = []
    for command in sorted(commands):
        program, *words = command.split(" -- ")[0].split(" ")
        shown = help_of(program, subcommands(words), capsys)
        if not shown or not all(option in shown for option in OPTION.findall(" ".join(words))):
            unknown.append(command)
    assert unknown == []


@pytest.mark.parametrize(
    "text",
    [
        "Start it with `jobgen develop`.",
        "Run: jobgen postgres restart",
        "Run `manage-jobs destroy`.",
    ],
)
def test_named_command_that_does_not_exist_is_detected(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    [command] = COMMAND.findall(text)
    program, *words = command.split()
    assert help_of(program, subcommands(words), capsys) == ""
