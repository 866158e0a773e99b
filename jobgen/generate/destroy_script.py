"""`jobgen destroy script`: the inverse of `jobgen script`."""

from __future__ import annotations

from jobgen.generate.inputs import find_template, schema_reader
from jobgen.naming import parse_script_name
from jobgen.plan.destroy import plan_destroy_script
from jobgen.plan.model import Plan
from jobgen.project import Project, read_snapshot


def make_plan(project: Project, name: str) -> Plan:
    """Make the plan of `jobgen destroy script`.

    Raises:
        UsageError: The script's name is invalid.
    """
    script = parse_script_name(name)
    snapshot = read_snapshot(project, [project.schema_path, project.script_path(script.module)])
    template = find_template(project, "script")
    return plan_destroy_script(snapshot, script, template, schema_reader(project))
