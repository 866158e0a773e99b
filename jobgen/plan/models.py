"""Plan the models of the tables of jobs, for SQLAlchemy and for Django."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from jobgen.job_block.recognise import is_job_table
from jobgen.models_file.django_models import POSTGRES_FIELDS, render_django
from jobgen.models_file.job_model import JobModel, Link
from jobgen.models_file.sqlalchemy_models import render_sqlalchemy
from jobgen.naming import record_name
from jobgen.plan.builder import PlanBuilder
from jobgen.plan.model import IssueKind
from jobgen.plan.table_details import table_details
from jobgen.project.models import ModelClass, ModelLibrary
from jobgen.schema.load import decode_schema
from jobgen.schema.model import QualifiedName, Schema, Table

WRITTEN_BY = "written by `jobgen models {}`"
_TITLES: Mapping[ModelLibrary, str] = {"sqlalchemy": "SQLAlchemy", "django": "Django"}
TELL_DJANGO = "Let Django know the changed models: python manage.py makemigrations"
_INSTALL_POSTGRES = (
    'The models have fields of "django.contrib.postgres": it must be in INSTALLED_APPS.'
)
_APP_LABEL = re.compile(rb'^        app_label = "(\w+)"', re.MULTILINE)


def put_models(
    builder: PlanBuilder,
    schema: Schema,
    records: Mapping[str, str],
    *,
    app_label: str | None = None,
) -> None:
    """Write the models of each library whose module exists, or is asked for.

    Args:
        builder: The plan; its snapshot says which libraries these are.
        schema: The schema.
        records: The names of records that [tool.jobgen.records] gives to tables.
        app_label: The label of Django's app that they belong to; None for that of the module.
    """
    for library, models in builder.snapshot.models.items():
        path = builder.project.models_path(library)
        if not builder.check_path(path):
            continue
        before = builder.snapshot.before(path)
        mark = WRITTEN_BY.format(library)
        title = f"{_TITLES[library]} models of jobs, {mark}. Do not edit."
        found = [
            _job_model(builder, table, schema, models, records)
            for table in sorted(schema.tables.values(), key=lambda table: table.name)
            if is_job_table(table) and table.partition_of is None
        ]
        is_own = before is None or mark.encode() in before.partition(b"\n")[0]
        if not is_own and app_label is None:
            continue  # a module of the user's at that place
        if library == "sqlalchemy":
            text = render_sqlalchemy(found, schema, title)
        else:
            label = _APP_LABEL.search(before or b"")
            text = render_django(
                found,
                schema,
                title,
                app_label=app_label or (label[1].decode() if label else ""),
            )
        builder.put(path, text.encode())
        if library == "django" and before is not None and before != text.encode():
            _add_before_update(builder.next_steps, TELL_DJANGO)
        if POSTGRES_FIELDS in text and POSTGRES_FIELDS.encode() not in (before or b""):
            builder.next_steps.append(_INSTALL_POSTGRES)
        if not is_own:
            builder.add_issue(
                IssueKind.CONFLICT,
                f"{path} already exists and was not written by jobgen.",
                path=path,
                hint="--force overwrites it.",
            )


def _add_before_update(steps: list[str], step: str) -> None:
    """Add a step before that of `migrate`, which then applies its migration as well."""
    updates = (n for n, each in enumerate(steps) if each.startswith("Update the database"))
    steps.insert(next(updates, len(steps)), step)


def _job_model(
    builder: PlanBuilder,
    table: Table,
    schema: Schema,
    models: Mapping[str, ModelClass],
    records: Mapping[str, str],
) -> JobModel:
    """Return a job's table with its references, as far as Schema.sql tells them."""
    path: PurePosixPath = builder.project.schema_path
    text = decode_schema(builder.content(path), path)
    details = table_details(text, path, table)
    links: dict[str, Link] = {}
    for column, parts in details.references.items() if details is not None else ():
        target = schema.tables.get(QualifiedName(*parts)) if len(parts) == 2 else None
        target = target or schema.find_table(parts[-1])
        if target is None or len(target.primary_key) != 1:
            continue
        is_own = target.qualified == table.qualified
        model = models.get(target.name)
        if is_own or model is not None:
            rule = details.on_delete.get(column, "") if details is not None else ""
            links[column] = Link(None if is_own else model, target.primary_key[0], rule)
    name = f"{record_name(table.name, records)}Model"
    return JobModel(table, name, links, details.unique if details is not None else frozenset())
