"""Pack a program with pex: a zip file that Python runs, and that unpacks itself once.

pex resolves the dependencies from the project's environment as it is, without a package index, and
gives the same bytes for the same input. Its documentation: https://docs.pex-tool.org.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from jobgen.errors import JobgenError

ENTRY = "jobgen_runtime.cli.built_program:main"


def pack(output: Path, sources: Path, environment: Path, requirements: Iterable[str]) -> None:
    """Write an executable file.

    Args:
        output: The file.
        sources: The folder with the package of the application.
        environment: The virtual environment, or the interpreter, whose distributions it contains.
        requirements: The distributions.

    Raises:
        JobgenError: pex refuses, for example because a dependency is not installed.
    """
    command: list[str | Path] = [sys.executable, "-m", "pex", *requirements]
    command += ["--venv-repository", environment, "--sources-directory", sources]
    # Unpacked as a virtual environment, whose interpreter starts other processes as usual. A shell
    # script at the head of the file executes it, without a Python that looks for it first.
    command += ["--entry-point", ENTRY, "--venv", "--sh-boot", "--output-file", output]
    done = subprocess.run(
        command,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0 or not output.exists():
        raise JobgenError(
            f"The dependencies cannot be packed:\n{_indented(done.stderr or done.stdout)}",
            hint="Install what pyproject.toml lists under dependencies into the project's "
            "environment, then build again.",
        )


def run_by_name(packed: Path, commands: Iterable[str]) -> None:
    """Have a link to a program that is named after a command run that command.

    The script at the head of the file gets the name as its first argument: later it is not known
    any more. Python finds the archive in a file by its end, so its head may grow.

    Args:
        packed: The file that pex has written.
        commands: The names of commands that the program takes as its first argument.
    """
    names = "|".join(commands)
    head, start, rest = packed.read_bytes().partition(b"\nset -eu\n")
    if names and start:
        choice = f'case "${{0##*/}}" in {names}) set -- "${{0##*/}}" "$@" ;; esac\n'
        packed.write_bytes(b"".join((head, start, choice.encode(), rest)))


def require_python(packed: Path, environment: Path) -> None:
    """Have a program that is not unpacked yet say which Python it needs, where that is missing.

    pex would take any Python that it finds, and list the dependencies that do not fit it.

    Args:
        packed: The file that pex has written.
        environment: The virtual environment that it was made from.
    """
    name = next(environment.glob("lib/python3.*")).name
    version = name.removeprefix("python").replace(".", ", ")
    code = f"import sys; sys.exit(sys.version_info[:2] != ({version}))"
    given = '[ -n "${PEX_PYTHON:-}${PEX_PYTHON_PATH:-}" ]'
    check = (
        f"{given} || command -v {name} >/dev/null 2>&1 \\\n"
        f"    || python3 -c '{code}' 2>/dev/null \\\n"
        f'    || {{ echo "${{0##*/}} needs {name}, which is not on the PATH." >&2\n'
        "exit 1; }\n"
    )
    head, start, rest = packed.read_bytes().partition(b"\nfind_python() {\n")
    if start:
        packed.write_bytes(b"".join((head, b"\n", check.encode(), start[1:], rest)))


def _environment() -> dict[str, str]:
    """Return the environment without the settings of pex and Python, which change its output."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PEX_", "PYTHON")) or name == "PEX_ROOT"
    } | {"PEX_IGNORE_RCFILES": "1"}


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.strip().splitlines()[-20:]) or "  (no output)"
