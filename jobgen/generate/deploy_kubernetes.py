"""`jobgen deploy kubernetes`: workers, their number by due jobs, the web application, migration."""

from __future__ import annotations

from jobgen.generate.deployment import deployment_name, job_tables, web_module
from jobgen.generate.inputs import find_template
from jobgen.plan.deploy import plan_deploy
from jobgen.plan.model import Plan
from jobgen.project import Project, read_snapshot


def make_plan(project: Project) -> Plan:
    """Make the plan of `jobgen deploy kubernetes`.

    Raises:
        JobgenError: The application has no name, or the template cannot be rendered.
    """
    name = deployment_name(project)
    files = find_template(project, "deploy/kubernetes").render(
        {"name": name, "web": web_module(project) or "", "tables": job_tables(project)}
    )
    steps = [
        "Push the images, and put their addresses into the files.",
        f"kubectl create secret generic {name} --from-literal=DATABASE_URL=postgresql://…",
        "Apply the migration, wait for it, then apply the others.",
    ]
    if not (project.root / "Dockerfile").exists():
        steps.insert(0, "Write the Dockerfile of the images: jobgen deploy docker")
    return plan_deploy(read_snapshot(project, files), "deploy kubernetes", files, steps)
