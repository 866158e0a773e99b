"""`run-script`: run a script of the project, also from its shebang line."""

from __future__ import annotations

import argparse
import asyncio
import inspect
import logging
import os
import sys
from collections.abc import Awaitable, Sequence
from pathlib import Path

from jobgen_runtime.cli.errors import run_command
from jobgen_runtime.cli.logs import configure_logging
from jobgen_runtime.cli.parser import CommandParser
from jobgen_runtime.contract.errors import ProjectError
from jobgen_runtime.database import close_pool, close_pool_sync
from jobgen_runtime.project import (
    activate_project,
    fill,
    find_root,
    load_file,
    read_config,
    require_root,
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit; `arguments` are those of the command line if None."""
    options = _build_parser().parse_args(arguments)
    run_script(options.file, options.arguments, called=str(options.file))


def run_script(file: Path, arguments: Sequence[str], *, called: str) -> None:
    """Run a script and exit.

    Args:
        file: The script.
        arguments: Its `sys.argv[1:]`.
        called: Its `sys.argv[0]`.
    """
    configure_logging(logging.WARNING)
    sys.exit(run_command(lambda: _run(file, [called, *arguments]), "run-script"))


def _run(file: Path, argv: list[str]) -> int:
    path = file.resolve()
    if path.is_dir():
        raise ProjectError(f"{path} is a folder, not a script.")
    if not path.is_file():
        raise ProjectError(f"There is no file {file}.", hint=_suggestion(file))
    activate_project(require_root(path.parent))
    sys.argv = argv
    run = getattr(load_file(path), "run", None)
    if not callable(run):
        raise ProjectError(
            f"{file} has no function run().", hint="Define `async def run() -> None:` in it."
        )
    try:
        result = run()
        if inspect.isawaitable(result):
            asyncio.run(_await_and_close(result))
    finally:
        close_pool_sync()
    return 0


def _suggestion(file: Path) -> str | None:
    """Return the script of the project that has the file's name, as a hint; None if it has none."""
    root = find_root(Path.cwd())
    if root is None:
        return None
    config = read_config(root)
    script = root / fill(config.paths.script, app=config.application, name=file.stem)
    return f"Did you mean {os.path.relpath(script)}?" if script.is_file() else None


async def _await_and_close(result: Awaitable[object]) -> None:
    try:
        await result
    finally:
        await close_pool()


def _build_parser() -> argparse.ArgumentParser:
    parser = CommandParser(
        prog="run-script",
        description="Run the function run() of a script, async or synchronous, in the project that "
        "the file belongs to.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the script")
    arguments = parser.add_argument(
        "arguments", nargs=argparse.REMAINDER, metavar="ARGUMENTS", help="the script's sys.argv[1:]"
    )
    arguments.required = False  # argparse would list it as missing
    return parser
