"""`jobgen build`: write programs that run where nothing but Python is installed."""

from __future__ import annotations

import os
from pathlib import Path

import click

from jobgen.build.build import build, describe_size
from jobgen.build.programs import OUTPUT, Program, script_program, script_programs, worker_program
from jobgen.cli import output
from jobgen.errors import UsageError
from jobgen.project import Project, find_project


@click.command()
@click.argument("what", metavar="run-jobs|script|all", default="run-jobs")
@click.argument("name", metavar="[NAME]", required=False)
@click.option(
    "--output",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help=f"The folder for the programs; {OUTPUT} of the project by default.",
)
@click.option(
    "--standalone",
    is_flag=True,
    help="Include Python, for machines that do not have it. Needs `jobgen[standalone]`.",
)
@click.option("--no-verify", is_flag=True, help="Do not run the programs to see if they start.")
def command(
    *, what: str, name: str | None, folder: Path | None, standalone: bool, no_verify: bool
) -> None:
    """Write programs to deploy: each is one file, with the application and all that it needs.

    `jobgen build run-jobs` writes the worker, which is also manage-jobs; `jobgen build script NAME`
    writes a script; `jobgen build all` writes all of them. They need Python of the same version,
    unless they are standalone.
    """
    project = find_project(Path.cwd())
    programs = _choose(project, what, name)
    target = project.root / OUTPUT if folder is None else folder.absolute()
    for program in programs:
        output.note(f"Building {program.name} ...")
        built = build(project, program, target, standalone=standalone, verify=not no_verify)
        output.line(f"{os.path.relpath(built.path)}  ({describe_size(built.size)})")


def _choose(project: Project, what: str, name: str | None) -> tuple[Program, ...]:
    match what, name:
        case "run-jobs", None:
            return (worker_program(),)
        case "script", str():
            return (script_program(project, name),)
        case "all", None:
            return worker_program(), *script_programs(project)
        case "script", None:
            raise UsageError(
                "Which script?", hint="`jobgen build script NAME`; `jobgen build all` for all."
            )
        case (("run-jobs" | "all"), _):
            raise UsageError(f"`jobgen build {what}` takes no name.")
        case _:
            raise UsageError(
                f"There is no program {what!r} to build.",
                hint="Build run-jobs, script NAME or all.",
            )
