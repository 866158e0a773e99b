"""`jobgen script`: an executable file for a terminal or cron."""

from __future__ import annotations

from jobgen.generate.inputs import find_template, schema_reader
from jobgen.naming import parse_script_name
from jobgen.plan.model import Plan
from jobgen.plan.script import plan_script
from jobgen.project import Project, read_snapshot
from jobgen.project.module_clashes import require_module


def make_plan(project: Project, name: str) -> Plan:
    """Make the plan of `jobgen script`.

    Raises:
        UsageError: The script's name is invalid, or the script would hide a module.
    """
    script = parse_script_name(name)
    require_module(project, project.script_path(script.module), "script")
    snapshot = read_snapshot(project, [project.schema_path, project.script_path(script.module)])
    template = find_template(project, "script")
    return plan_script(snapshot, script, template, schema_reader(project))
