"""Everything about a project as JSON. Its keys are documented in docs/agents.md."""

from __future__ import annotations

import json
from dataclasses import asdict, fields

from jobgen.check.formats import finding_fields
from jobgen.generate.table import project_generators
from jobgen.info.model import ColumnInfo, JobInfo, ProjectInfo, TableInfo

VERSION = 1


def info_to_json(info: ProjectInfo) -> str:
    """Return the information as one indented JSON object, without a final newline."""
    return json.dumps(info_fields(info), indent=2, ensure_ascii=False)


def info_fields(info: ProjectInfo) -> dict[str, object]:
    """Return the information as values of JSON."""
    project = info.project
    return {
        "version": VERSION,
        "name": info.name,
        "root": str(project.root),
        "layout": info.layout,
        "application": project.application,
        "applications": list(info.applications),
        "options": {
            "source": str(project.source),
            "setup": project.setup,
            "web": project.web,
            "schema_source": project.schema_source,
            "templates": None if project.templates is None else str(project.templates),
            "records": dict(project.records),
        },
        "paths": {each.name: getattr(project.paths, each.name) for each in fields(project.paths)},
        "jobs": [_job(job) for job in info.jobs],
        "tables": None if info.tables is None else [_table(table) for table in info.tables],
        "scripts": [{"name": each.name, "path": str(each.path)} for each in info.scripts],
        "database": asdict(info.database),
        "versions": asdict(info.versions),
        "findings": [finding_fields(finding) for finding in info.findings],
        "not_checked": list(info.not_checked),
        "generators": [each.describe(project) for each in project_generators()],
    }


def _job(job: JobInfo) -> dict[str, object]:
    return {
        "name": job.name,
        "app": job.app,
        "path": str(job.path),
        "line": job.line,
        "module": job.module,
        "table": job.table,
        "columns": [_column(column) for column in job.columns],
        "options": dict(job.options),
        "async": job.is_async,
        "registered": {str(path): is_in for path, is_in in job.registered.items()},
        "problem": job.problem,
    }


def _table(table: TableInfo) -> dict[str, object]:
    return {
        "name": table.name,
        "line": table.line,
        "record": table.record,
        "job_table": table.is_job_table,
        "columns": [_column(column) for column in table.columns],
    }


def _column(column: ColumnInfo) -> dict[str, object]:
    return asdict(column)
