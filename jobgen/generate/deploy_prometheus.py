"""`jobgen deploy prometheus`: alerts, and a dashboard for Grafana."""

from __future__ import annotations

from jobgen.generate.deployment import deployment_name
from jobgen.generate.inputs import find_template
from jobgen.plan.deploy import plan_deploy
from jobgen.plan.model import Plan
from jobgen.project import Project, read_snapshot


def make_plan(project: Project) -> Plan:
    """Make the plan of `jobgen deploy prometheus`.

    Raises:
        JobgenError: The application has no name, or a template cannot be rendered.
    """
    name = deployment_name(project)
    files = find_template(project, "deploy/prometheus").render({"name": name})
    steps = [
        "Install `jobgen-runtime[prometheus]`, and start workers with --metrics 0.0.0.0:9101",
        f'Scrape them as the job "{name}": job_name in prometheus.yml',
        "Name deploy/prometheus/alerts.yaml under rule_files in prometheus.yml.",
        "Import deploy/prometheus/grafana.json in Grafana.",
    ]
    return plan_deploy(read_snapshot(project, files), "deploy prometheus", files, steps)
