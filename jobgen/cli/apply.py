"""`jobgen apply`: apply a JSON plan that was made earlier or by a tool."""

from __future__ import annotations

import sys
from pathlib import Path, PurePosixPath

import click

from jobgen.cli.options import RunOptions, run_options
from jobgen.cli.report import report
from jobgen.errors import JobgenError, UsageError
from jobgen.generate.run import apply_given_plan, open_project
from jobgen.plan.json_format import plan_from_json


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@run_options(conflicts=False, previews=False)
def command(file: Path, options: RunOptions) -> int:
    """Apply the JSON plan in FILE; - reads standard input.

    A generator prints such a plan with --json. The exit code is 4 if a file
    has changed since the plan was made.
    """
    root = open_project(Path.cwd(), writes=not options.dry_run).root
    try:
        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UsageError("The plan is not UTF-8.") from None

    def current(path: PurePosixPath) -> bytes | None:
        """Return the present contents of a file."""
        try:
            return (root / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise JobgenError(f"{path} cannot be read: {error.strerror}.") from None

    plan = plan_from_json(text, current)
    return report(apply_given_plan(root, plan, dry_run=options.dry_run), options)
