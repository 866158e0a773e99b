"""`jobgen models sqlalchemy`: models of the tables of jobs for SQLAlchemy."""

from __future__ import annotations

from jobgen.generate.inputs import schema_reader
from jobgen.plan.model import Plan
from jobgen.plan.types import plan_models
from jobgen.project import Project, read_snapshot


def make_plan(project: Project) -> Plan:
    """Make the plan of `jobgen models sqlalchemy`."""
    paths = [project.schema_path, project.types_path]
    snapshot = read_snapshot(project, paths, models="sqlalchemy")
    return plan_models(snapshot, schema_reader(project), "sqlalchemy")
