"""The start of a program that `jobgen build` wrote: the worker, `manage-jobs` or a script."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from jobgen_runtime.cli.errors import run_command
from jobgen_runtime.project import activate_project, load_file, load_workers, project_hooks
from jobgen_runtime.project.built import DESCRIPTION, PACKAGE, ROOT, VERIFY

_COMMANDS = {
    "run-jobs": "jobgen_runtime.cli.start_worker",
    "manage-jobs": "jobgen_runtime.cli.manage_jobs",
}
"""The module of each command, of which only the one that runs is imported."""


@dataclass(frozen=True, slots=True)
class BuiltProgram:
    """What a program runs, and from what it was built.

    Attributes:
        name: The program's name, such as "RunJobs".
        application: The name and version of the application.
        revision: The commit that it was built from; None outside of a Git repository.
        script: The script's path below the project's root; None for the worker.
    """

    name: str
    application: str
    revision: str | None
    script: str | None

    def describe(self) -> str:
        """Return the line that `--version` prints."""
        revision = f" ({self.revision})" if self.revision else ""
        return (
            f"{self.name} of {self.application}{revision}, "
            f"jobgen-runtime {version('jobgen-runtime')}, Python {platform.python_version()}"
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program and exit; `arguments` are those of the command line if None."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    folder = _folder()
    program = BuiltProgram(**json.loads((folder / DESCRIPTION).read_text(encoding="utf-8")))
    root = folder / ROOT
    if words == ["--version"]:
        print(program.describe())  # noqa: T201 -- the answer of the command
    elif words == [VERIFY]:
        sys.exit(run_command(lambda: _verify(program, root), program.name))
    elif program.script is not None:
        from jobgen_runtime.cli.run_script import run_script

        run_script(root / program.script, words, called=Path(sys.argv[0]).name)
    else:
        command, words = _choose_command(words)
        import_module(_COMMANDS[command]).main(["--root", str(root), *words])


def _choose_command(words: Sequence[str]) -> tuple[str, list[str]]:
    """Return the command that the first argument names, and the other arguments."""
    if words and words[0] in _COMMANDS:
        return words[0], list(words[1:])
    return "run-jobs", list(words)


def _folder() -> Path:
    spec = find_spec(PACKAGE)
    locations = spec.submodule_search_locations if spec else None
    if not locations:
        sys.exit("This is not a program that `jobgen build` wrote: it has no application.")
    return Path(next(iter(locations)))


def _verify(program: BuiltProgram, root: Path) -> int:
    from jobgen_runtime.job.hooks import check_hooks
    from jobgen_runtime.supervisor import validate_jobs

    activate_project(root)
    if program.script is not None:
        load_file(root / program.script)
    else:
        check_hooks(project_hooks(), validate_jobs(load_workers(root)))
    return 0
