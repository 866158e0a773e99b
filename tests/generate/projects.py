"""Make and apply plans for projects on the disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jobgen.apply import apply_plan
from jobgen.generate import column as column_generator
from jobgen.generate import destroy_job as destroy_job_generator
from jobgen.generate import destroy_script as destroy_script_generator
from jobgen.generate import job as job_generator
from jobgen.generate import script as script_generator
from jobgen.generate import types as types_generator
from jobgen.plan.model import Plan
from jobgen.project import find_project


def job(root: Path, name: str, *columns: str, app: str | None = None, **options: Any) -> Plan:
    return job_generator.make_plan(find_project(root), name, columns, app, **options)


def column(root: Path, table: str, *columns: str) -> Plan:
    return column_generator.make_plan(find_project(root), table, columns)


def script(root: Path, name: str) -> Plan:
    return script_generator.make_plan(find_project(root), name)


def types(root: Path) -> Plan:
    return types_generator.make_plan(find_project(root))


def destroy_job(root: Path, name: str, app: str | None = None) -> Plan:
    return destroy_job_generator.make_plan(find_project(root), name, app)


def destroy_script(root: Path, name: str) -> Plan:
    return destroy_script_generator.make_plan(find_project(root), name)


def apply(root: Path, plan: Plan) -> Plan:
    """Apply a plan, which must have no issues."""
    assert plan.issues == ()
    apply_plan(root, plan)
    return plan


def operations(plan: Plan) -> dict[str, str]:
    """Return the operation of a plan on each file."""
    return {str(change.path): change.op for change in plan.changes}


def after(plan: Plan, path: str) -> str:
    """Return the text of a file after the plan is applied."""
    change = next(change for change in plan.changes if str(change.path) == path)
    assert change.after is not None
    return change.after.decode()


def messages(plan: Plan) -> str:
    """Return all issues of a plan as one string, with their hints and the text to add."""
    return "\n".join(f"{issue.message} {issue.hint} {issue.paste}" for issue in plan.issues)
