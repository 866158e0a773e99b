"""Finds how the project's web application is served, and at which port."""

from __future__ import annotations

import re
import shlex
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jobgen.dev.placeholder import Placeholder
from jobgen.dev.run import Program
from jobgen.errors import JobgenError
from jobgen.ports import HOST
from jobgen.project import Project
from jobgen.project.programs import find_program

DEFAULT_PORT = 8000
_FACTORY = "()"
_LABEL = "web"


@dataclass(frozen=True, slots=True)
class WebServer:
    """The program that serves the web application, and its address."""

    program: Program
    url: str
    placeholder: Placeholder | None = None
    """What answers while the program does not run; None for a command, which opens its own port."""


def web_target(project: Project) -> str | None:
    """Return what to serve: `module:app` or `command …`; None if the project has nothing.

    That is the option `web`, or else the front controller, if it defines `app`.
    """
    if project.web is not None:
        return project.web
    path = project.front_controller_path(project.application)
    try:
        text = (project.root / path).read_text(errors="replace")
    except OSError:
        return None
    if not re.search(r"^app\b", text, re.MULTILINE):
        return None
    return f"{project.module(path)}:app"


def web_server(
    project: Project, target: str, listening: socket.socket, environment: Mapping[str, str]
) -> WebServer:
    """Return how to serve `target`.

    A command gets the port as `{port}` in its text, and as PORT in its environment. It opens the
    port itself, so the socket is closed.

    Raises:
        JobgenError: uvicorn is not installed for the project.
    """
    port = listening.getsockname()[1]
    url = f"http://{HOST}:{port}"
    folder = project.root
    if target.startswith("command"):
        listening.close()
        words = shlex.split(target.removeprefix("command").replace("{port}", str(port)))
        command = [_resolve(folder, words[0]), *words[1:]]
        given = {**environment, "PORT": str(port)}
        return WebServer(Program(_LABEL, command, folder, given, ready=str(port)), url)
    command = [str(_find_uvicorn(folder, target)), target.removesuffix(_FACTORY)]
    command += ["--fd", str(listening.fileno()), "--app-dir", str(folder / project.source)]
    command += ["--factory"] if target.endswith(_FACTORY) else []
    program = Program(
        _LABEL,
        command,
        folder,
        environment,
        ready="Application startup complete",
        descriptors=(listening.fileno(),),
    )
    return WebServer(program, url, Placeholder(listening))


def _find_uvicorn(root: Path, target: str) -> Path:
    try:
        return find_program(root, "uvicorn")
    except JobgenError:
        raise JobgenError(
            f"uvicorn, which serves {target}, is not installed for this project.",
            hint="Install uvicorn into its environment, or name another server in pyproject.toml:"
            ' [tool.jobgen] web = "command …".',
        ) from None


def _resolve(root: Path, word: str) -> str:
    if "/" in word:
        return word
    try:
        return str(find_program(root, word))
    except JobgenError:
        return word
