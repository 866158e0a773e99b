"""`jobgen types`: the typed records of every table in Schema.sql."""

from __future__ import annotations

from jobgen.generate.inputs import schema_reader
from jobgen.plan.model import Plan
from jobgen.plan.types import plan_types
from jobgen.project import Project, read_snapshot


def make_plan(project: Project) -> Plan:
    """Make the plan of `jobgen types`."""
    snapshot = read_snapshot(project, [project.schema_path, project.types_path])
    return plan_types(snapshot, schema_reader(project))
