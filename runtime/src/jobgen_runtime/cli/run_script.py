"""`run-script`: runs a script of the project, also as its shebang."""

from __future__ import annotations

import argparse
import asyncio
import inspect
import logging
import sys
from collections.abc import Awaitable, Sequence
from pathlib import Path

from jobgen_runtime.cli.faults import guarded
from jobgen_runtime.cli.logs import set_up
from jobgen_runtime.contract.errors import ProjectError
from jobgen_runtime.database import close_pool, close_pool_sync
from jobgen_runtime.project import activate_project, load_file, require_root


def main(arguments: Sequence[str] | None = None) -> None:
    """The console script."""
    options = _parser().parse_args(arguments)
    set_up(logging.WARNING)
    sys.exit(guarded(lambda: _run(options.file, options.arguments), "run-script"))


def _run(file: Path, arguments: list[str]) -> int:
    path = file.resolve()
    if not path.is_file():
        raise ProjectError(f"There is no file {file}.")
    activate_project(require_root(path.parent))
    sys.argv = [str(file), *arguments]
    run = getattr(load_file(path), "run", None)
    if not callable(run):
        raise ProjectError(
            f"{file} has no function run().", hint="Write `async def run() -> None:` in it."
        )
    try:
        result = run()
        if inspect.isawaitable(result):
            asyncio.run(_finish(result))
    finally:
        close_pool_sync()
    return 0


async def _finish(result: Awaitable[object]) -> None:
    try:
        await result
    finally:
        await close_pool()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="run-script",
        description="Runs the function run(), async or plain, of a script of the project that "
        "the file is in.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the script")
    parser.add_argument(
        "arguments", nargs=argparse.REMAINDER, metavar="...", help="the script's sys.argv[1:]"
    )
    return parser
