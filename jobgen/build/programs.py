"""The programs that a project can be built into: the worker, and one for each script."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from jobgen.errors import UsageError
from jobgen.project import Project

OUTPUT = PurePosixPath("build/bin")
"""The folder for the programs, unless `--output` names another."""


COMMANDS = ("run-jobs", "manage-jobs")
"""The commands of the worker's program: a link of such a name to it runs that one."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program to build.

    Attributes:
        name: Its name for people.
        path: Its path below the output folder.
        script: The script's path below the project's root; None for the worker.
    """

    name: str
    path: PurePosixPath
    script: PurePosixPath | None = None

    @property
    def commands(self) -> tuple[str, ...]:
        """The commands that the program consists of; none for a script."""
        return COMMANDS if self.script is None else ()


def worker_program() -> Program:
    """Return the program that is `run-jobs` and `manage-jobs`."""
    return Program("RunJobs", PurePosixPath("RunJobs"))


def script_programs(project: Project) -> tuple[Program, ...]:
    """Return the program of each script of the project."""
    return tuple(
        Program(script.path.stem, PurePosixPath("Script") / script.path.stem, script.path)
        for script in project.scripts()
    )


def script_program(project: Project, name: str) -> Program:
    """Return the program of the script `name`, in camel case or as its file is called.

    Raises:
        UsageError: The project has no such script.
    """
    scripts = project.scripts()
    for script, program in zip(scripts, script_programs(project), strict=True):
        if name in {script.name, script.snake_name, script.path.stem}:
            return program
    known = ", ".join(script.name for script in scripts)
    raise UsageError(
        f"There is no script {name}.",
        hint=f"The scripts are {known}." if known else "`jobgen script NAME` writes one.",
    )
