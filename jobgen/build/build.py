"""Build programs: choose the files and dependencies, pack them, try the result, put it in place."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jobgen_runtime.project import CONFIG_FILE, parse_toml, read_bytes
from jobgen_runtime.project.built import VERIFY

from jobgen.build.bundle import write_bundle
from jobgen.build.files import application_files
from jobgen.build.pex import pack, require_python, run_by_name
from jobgen.build.programs import OUTPUT, Program
from jobgen.build.requirements import (
    declared_requirements,
    installed_requirements,
    require_same_python,
)
from jobgen.build.standalone.freeze import require_pyinstaller
from jobgen.build.standalone.pack import pack_standalone
from jobgen.errors import JobgenError
from jobgen.project import Project
from jobgen.project.config import build_options
from jobgen.project.errors import project_errors
from jobgen.project.programs import find_program


@dataclass(frozen=True, slots=True)
class Built:
    """A program that was built: its file, and the file's size in bytes."""

    path: Path
    size: int


def build(
    project: Project,
    program: Program,
    output: Path,
    *,
    standalone: bool = False,
    verify: bool = True,
) -> Built:
    """Build a program, and replace the one that is there once the new one works.

    Args:
        project: The project.
        program: The program.
        output: The folder for programs, created if it does not exist.
        standalone: Whether it contains Python, too.
        verify: Whether the program is run once, to import the application's modules.

    Raises:
        JobgenError: A file or folder cannot be read or written, a dependency is not installed, or
            the program cannot import the application's modules. Nothing is left of it.
    """
    path = output / program.path
    if standalone:
        require_pyinstaller()
    with project_errors():
        pyproject = parse_toml(read_bytes(project.root / CONFIG_FILE) or b"", project.root)
    files = application_files(project.root, build_options(project.root))
    if program.script is not None and program.script not in files:
        files.append(program.script)
    environment = _environment(project.root)
    if standalone:
        require_same_python(environment / "bin" / "python")
    requirements = declared_requirements(pyproject)
    if requirements is None:
        requirements = installed_requirements(environment / "bin" / "python")
    _make_folder(path.parent)
    if output == project.root / OUTPUT:
        _let_git_ignore(output)
    with tempfile.TemporaryDirectory(prefix=".jobgen-build-", dir=path.parent) as folder:
        sources, packed = Path(folder, "sources"), Path(folder, path.name)
        sources.mkdir()
        write_bundle(sources, project.root, files, program, pyproject)
        pack(packed, sources, environment, requirements)
        if standalone:
            work = Path(folder, "standalone")
            work.mkdir()
            pack_standalone(packed, program, work)
        else:
            run_by_name(packed, program.commands)
            require_python(packed, environment)
        if verify:
            _verify(packed, program, Path(folder, "unpacked"))
        size = packed.stat().st_size
        packed.replace(path)
    return Built(path, size)


def _environment(root: Path) -> Path:
    """Return the virtual environment that the project's programs are in."""
    return find_program(root, "run-jobs").resolve().parent.parent


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise JobgenError(
            f"{folder} cannot be written to: {error.strerror}.",
            hint="Name another folder with `--output`.",
        ) from error


def _let_git_ignore(folder: Path) -> None:
    ignored = folder / ".gitignore"
    if not ignored.exists():
        ignored.write_text("*\n")


def _verify(file: Path, program: Program, unpacked: Path) -> None:
    """Have the program import the application's modules, from a folder with nothing in it.

    A standalone one is unpacked into `unpacked`; the cache of pex is kept for the first real start.
    """
    with tempfile.TemporaryDirectory(prefix="jobgen-") as empty:
        done = subprocess.run(
            (file, VERIFY),
            cwd=empty,
            env=_outside(os.environ) | {"JOBGEN_CACHE": str(unpacked)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        raise JobgenError(
            f"The program {program.name} was packed, and cannot import the application. It says:\n"
            + "\n".join(f"  {line}" for line in done.stdout.strip().splitlines()[-20:]),
            hint="It contains the Python modules below the project's folder, the files that "
            "`include` in [tool.jobgen.build] names, and the dependencies in pyproject.toml. Add "
            "what is missing there. `--no-verify` builds it all the same.",
        )


def _outside(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables without those that lead to the source tree or its environment."""
    return {
        name: value
        for name, value in environ.items()
        if not name.startswith("PYTHON") and name not in {"VIRTUAL_ENV", "PEX_PYTHON_PATH"}
    }


def describe_size(size: int) -> str:
    """Return a size for people: "6.6 MB"."""
    return f"{size / 1_000_000:.1f} MB"
