"""Ask the project's own Python, which has its libraries and can import its modules."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from typing import Any

from jobgen.errors import JobgenError
from jobgen.migration_tools import programs
from jobgen.project import Project
from jobgen.project.programs import find_program

_SECONDS = 120


def ask(project: Project, program: str, request: Mapping[str, object]) -> dict[str, Any]:
    """Return the answer of a program of `programs`, run by the project's Python in its root.

    Args:
        project: The project.
        program: The program's name.
        request: What it reads, as JSON.

    Raises:
        JobgenError: The program says what is wrong, or does not answer.
    """
    python = find_program(project.root, "python")
    question = {**request, "source": str(project.root / project.source)}
    command = [str(python), "-c", programs.read(program)]
    try:
        done = subprocess.run(
            command,
            cwd=project.root,
            input=json.dumps(question),
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise JobgenError(f"The project's Python, {python}, does not answer: {error}.") from None
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise JobgenError(
            f"The project's Python, {python}, ended with exit code {done.returncode}: {last}",
        ) from None
    if "error" in answer:
        raise JobgenError(answer["error"], hint=answer.get("hint"))
    return answer
