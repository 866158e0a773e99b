"""What the files for deployment name: the application and its scripts."""

from __future__ import annotations

import re

from jobgen_runtime.project import CONFIG_FILE, parse_toml, read_bytes

from jobgen.errors import JobgenError
from jobgen.naming import parse_job_name, quote_identifier
from jobgen.project import Project, project_errors


def deployment_name(project: Project) -> str:
    """Return the application's name as a name of units, users and folders: "shop-admin".

    Raises:
        JobgenError: pyproject.toml cannot be read, or the name has neither letters nor digits.
    """
    with project_errors():
        content = read_bytes(project.root / CONFIG_FILE) or b""
        metadata = parse_toml(content, project.root / CONFIG_FILE).get("project")
    given = metadata.get("name") if isinstance(metadata, dict) else None
    name = re.sub(r"[^a-z0-9]+", "-", str(given or project.root.name).lower()).strip("-")
    if not name:
        raise JobgenError(
            f"The application's name {given or project.root.name!r} has no letters or digits.",
            hint="Set `name` under [project] in pyproject.toml.",
        )
    return name if name[0].isalpha() else f"app-{name}"


def script_names(project: Project) -> list[str]:
    """Return the names of the programs that `jobgen build` makes of the scripts."""
    return [script.path.stem for script in project.scripts()]


def web_module(project: Project) -> str | None:
    """Return the web application: "Web.FrontController:app", or "app:create()" for a factory.

    Returns:
        None where the project has none, or starts it with a command.
    """
    if project.web is not None:
        return None if project.web.startswith("command") else project.web
    controller = project.front_controller_path(project.application)
    if not (project.root / controller).exists():
        return None
    return f"{project.module(controller)}:app"


def job_tables(project: Project) -> list[str]:
    """Return the tables of the project's jobs, quoted where SQL needs it."""
    names = (parse_job_name(job.name).table for job in project.jobs())
    return [quote_identifier(name) for name in dict.fromkeys(names)]


def environment_step(name: str) -> str:
    """Return the step that gives the programs their database's address."""
    return (
        f"Create the user {name}, and a file /etc/{name}.env with DATABASE_URL=postgresql://…, "
        "which only this user may read."
    )
