"""`jobgen models django`: unmanaged models of the tables of jobs for Django."""

from __future__ import annotations

from jobgen.errors import UsageError
from jobgen.generate.inputs import schema_reader
from jobgen.plan.model import Plan
from jobgen.plan.types import plan_models
from jobgen.project import Project, read_snapshot
from jobgen.project.models import django_labels


def make_plan(project: Project, label: str | None = None) -> Plan:
    """Make the plan of `jobgen models django`.

    Args:
        project: The project.
        label: The label of the app that the models belong to; None for that of `django_app`, or of
            the only app.

    Raises:
        UsageError: The project has no such app, or several.
    """
    labels = django_labels(project.root, project.source)
    wanted = label or project.django_app or (labels[0] if len(labels) == 1 else None)
    if wanted is None or (labels and wanted not in labels):
        problem = f"There is no app {wanted}" if wanted else "The models need an app"
        raise UsageError(
            f"{problem}: the project has {', '.join(labels) or 'none with an apps.py'}.",
            hint="Name the label of one with --label.",
        )
    paths = [project.schema_path, project.types_path]
    snapshot = read_snapshot(project, paths, models="django")
    return plan_models(snapshot, schema_reader(project), "django", app_label=wanted)
