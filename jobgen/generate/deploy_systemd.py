"""`jobgen deploy systemd`: units for workers and scripts."""

from __future__ import annotations

from jobgen.generate.deployment import deployment_name, environment_step, script_names
from jobgen.generate.inputs import find_template
from jobgen.plan.deploy import plan_deploy
from jobgen.plan.model import Plan
from jobgen.project import Project, read_snapshot


def make_plan(project: Project) -> Plan:
    """Make the plan of `jobgen deploy systemd`.

    Raises:
        JobgenError: The application has no name, or a template cannot be rendered.
    """
    name, scripts = deployment_name(project), script_names(project)
    files = find_template(project, "deploy/systemd").render({"name": name, "scripts": scripts})
    timer = find_template(project, "deploy/systemd_timer")
    for script in scripts:
        files |= timer.render({"name": name, "script": script})
    steps = [
        "Build the programs: jobgen build all",
        f"Copy build/bin to /opt/{name}/bin, and deploy/systemd to /etc/systemd/system.",
        environment_step(name),
        f"Start a worker: systemctl enable --now {name}-worker@1",
        *(f"Start a timer: systemctl enable --now {name}-script@{each}.timer" for each in scripts),
    ]
    return plan_deploy(read_snapshot(project, files), "deploy systemd", files, steps)
