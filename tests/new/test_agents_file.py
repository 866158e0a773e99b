"""AGENTS.md names commands, options and paths that exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click

from jobgen.cli.main import cli
from tests.new.projects import Run

CODE = re.compile(r"`([^`\n]+)`")


def test_agents_file_names_what_exists(shop: Path, run: Run) -> None:
    run(shop, "jobgen", "job", "EmailCustomers")
    run(shop, "jobgen", "script", "RunEmailCustomersJob")
    code = CODE.findall((shop / "AGENTS.md").read_text())
    commands = [words for text in code if (words := shlex.split(text))[:1] == ["jobgen"]]
    paths = [text for text in code if re.search(r"[/.]", text) and " " not in text]
    assert len(commands) >= 9
    assert len(paths) >= 7
    assert [path for path in paths if not (shop / path).exists() and path != ".venv"] == []
    for _, name, *words in commands:
        if name == "COMMAND":
            continue
        command = cli.get_command(click.Context(cli), name)
        assert command is not None, name
        options = {option for each in command.params for option in each.opts}
        assert {word for word in words if word.startswith("--")} <= options
