"""`jobgen deploy compose`: PostgreSQL, the migration, workers and the web application."""

from __future__ import annotations

from jobgen.generate.deployment import deployment_name, web_module
from jobgen.generate.inputs import find_template
from jobgen.plan.deploy import plan_deploy
from jobgen.plan.model import Plan
from jobgen.project import Project, read_snapshot


def make_plan(project: Project) -> Plan:
    """Make the plan of `jobgen deploy compose`.

    Raises:
        JobgenError: The application has no name, or the template cannot be rendered.
    """
    data = {"name": deployment_name(project), "web": web_module(project) or ""}
    files = find_template(project, "deploy/compose").render(data)
    steps = ["Start all of it: POSTGRES_PASSWORD=… docker compose up --build --detach"]
    if not (project.root / "Dockerfile").exists():
        steps.insert(0, "Write the Dockerfile that it builds: jobgen deploy docker")
    return plan_deploy(read_snapshot(project, files), "deploy compose", files, steps)
