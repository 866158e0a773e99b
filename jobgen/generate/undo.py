"""Plan the reversal of the last change, with what it leaves to the user."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from jobgen.apply import ChangeRecord, last_receipt, plan_undo
from jobgen.errors import JobgenError
from jobgen.generate.inputs import database_urls, schema_reader
from jobgen.generate.table import find_generator
from jobgen.migration_tools.reversal import deleted_migrations, migration_issues
from jobgen.plan.model import Plan
from jobgen.plan.types import plan_types
from jobgen.project import Project, find_project, read_snapshot
from jobgen.project.models import LIBRARIES


@dataclass(frozen=True, slots=True)
class Undo:
    """The reversal of a change.

    Attributes:
        plan: The plan that restores the files.
        receipt: The receipt of the change.
        command: The command that made the change.
    """

    plan: Plan
    receipt: ChangeRecord
    command: str


def read_last_undo(root: Path) -> Undo | None:
    """Return the reversal of the last change in the project at `root`; None if there is none.

    Raises:
        JobgenError: The receipt cannot be read.
    """
    receipt = last_receipt(root)
    if receipt is None:
        return None
    generator = find_generator(receipt.generator)
    command = receipt.generator if generator is None else generator.command_line(receipt.args)
    return Undo(plan_reversal(root, receipt), receipt, command)


def plan_reversal(root: Path, receipt: ChangeRecord) -> Plan:
    """Make the plan that reverses a change.

    Types.py is no obstacle if it was written again since: it then becomes what belongs to the
    restored Schema.sql.

    Args:
        root: The project's root.
        receipt: The receipt of the change.
    """
    plan = plan_undo(root, receipt)
    if plan.issues:
        with suppress(JobgenError):  # the change may be the one that made the project
            project = find_project(root)
            if not receipt.generator.startswith("models "):
                plan = _with_new_types(project, plan)
            plan = _with_way_out(project, plan, receipt)
    migrations = deleted_migrations(root, plan)
    if migrations:
        issues = migration_issues(root, migrations, database_urls(root))
        return replace(plan, issues=(*plan.issues, *issues))
    generator = find_generator(receipt.generator)
    if generator is None:
        return plan
    return replace(plan, next_steps=generator.steps_after_undo(receipt.args))


def _with_way_out(project: Project, plan: Plan, receipt: ChangeRecord) -> Plan:
    """Name the command that removes a job from an edited Schema.sql."""
    if receipt.generator != "job":
        return plan
    command = f"jobgen destroy job {receipt.args['name']}"
    hint = f"`{command}` removes the job, and keeps the rest of the file."
    return replace(
        plan,
        issues=tuple(
            replace(issue, hint=hint) if issue.path == project.schema_path else issue
            for issue in plan.issues
        ),
    )


def _with_new_types(project: Project, plan: Plan) -> Plan:
    """Replace the issue that Types.py differs by its new contents, if jobgen wrote it as it is.

    The generated models are treated in the same way.
    """
    generated = {project.types_path, *map(project.models_path, LIBRARIES)}
    others = tuple(issue for issue in plan.issues if issue.path not in generated)
    if len(others) == len(plan.issues):
        return plan
    snapshot = read_snapshot(project, [project.schema_path, project.types_path])
    current = plan_types(snapshot, schema_reader(project))
    if current.issues or current.pending:
        return plan
    restored = dict(snapshot.files)
    for change in plan.changes:
        if change.path == project.schema_path:
            restored[change.path] = change.after or b""
    after = plan_types(replace(snapshot, files=MappingProxyType(restored)), schema_reader(project))
    if after.issues:
        return plan
    written = {change.path for change in after.changes}
    kept = tuple(change for change in plan.changes if change.path not in written)
    return replace(plan, changes=(*kept, *after.changes), issues=others)
