"""`jobgen deploy cron`: the line of each script in a crontab."""

from __future__ import annotations

from jobgen.errors import JobgenError
from jobgen.generate.deployment import deployment_name, environment_step, script_names
from jobgen.generate.inputs import find_template
from jobgen.plan.deploy import plan_deploy
from jobgen.plan.model import Plan
from jobgen.project import Project, read_snapshot


def make_plan(project: Project) -> Plan:
    """Make the plan of `jobgen deploy cron`.

    Raises:
        JobgenError: The application has no script or no name, or the template cannot be rendered.
    """
    name, scripts = deployment_name(project), script_names(project)
    if not scripts:
        raise JobgenError(
            "The project has no script.", hint="`jobgen script RunEmailCustomersJob` writes one."
        )
    files = find_template(project, "deploy/cron").render({"name": name, "scripts": scripts})
    steps = [
        "Build the programs: jobgen build all",
        f"Copy build/bin to /opt/{name}/bin, and deploy/cron.d/{name} to /etc/cron.d.",
        environment_step(name),
    ]
    return plan_deploy(read_snapshot(project, files), "deploy cron", files, steps)
