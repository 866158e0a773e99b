"""`jobgen deploy docker`: a Dockerfile with the worker, the web application and the migration."""

from __future__ import annotations

import re
import sys

from jobgen_runtime.project import CONFIG_FILE, read_text

from jobgen import __version__
from jobgen.generate.deployment import deployment_name, web_module
from jobgen.generate.inputs import find_template
from jobgen.plan.deploy import plan_deploy
from jobgen.plan.model import Plan
from jobgen.project import Project, read_snapshot
from jobgen.project.requirement import installed_requirement

_LISTS = ("uv.lock", "requirements.txt", CONFIG_FILE)
"""The files with a project's dependencies, the most exact one first."""


def make_plan(project: Project) -> Plan:
    """Make the plan of `jobgen deploy docker`.

    Raises:
        JobgenError: The application has no name, or the template cannot be rendered.
    """
    name, web = deployment_name(project), web_module(project) or ""
    requirements = next(each for each in _LISTS if (project.root / each).exists())
    files = find_template(project, "deploy/docker").render(
        {
            "name": name,
            "python": f"{sys.version_info.major}.{sys.version_info.minor}",
            "requirements": requirements,
            "generator": _generator() if project.upgrade_command is None else "",
            "migrate": (project.upgrade_command or "jobgen migrate --yes").split(),
            "web": web.removesuffix("()"),
            "is_factory": web.endswith("()"),
        }
    )
    steps = [
        f"Build the image of the worker: docker build --target worker --tag {name}-worker .",
        "Run it with PostgreSQL on one machine: jobgen deploy compose",
        "Run it on many: jobgen deploy kubernetes",
    ]
    return plan_deploy(
        read_snapshot(project, files),
        "deploy docker",
        files,
        steps,
        warnings=_unreachable(read_text(project.root / requirements) or ""),
    )


def _generator() -> str:
    """Return the requirement of jobgen: from where it was installed, if others can reach that."""
    requirement = installed_requirement("jobgen")
    return f"jobgen=={__version__}" if "file:" in requirement else requirement


def _unreachable(requirements: str) -> list[str]:
    """Return a warning for each dependency that an image cannot be built with."""
    return [
        f"Only this machine has {address}, so an image cannot be built with it: depend on an "
        "address that others can reach."
        for address in sorted(set(re.findall(r"file:///[^\s\"',]+", requirements)))
    ]
