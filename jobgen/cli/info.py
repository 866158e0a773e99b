"""`jobgen info`: everything about the project in one call."""

from __future__ import annotations

from pathlib import Path

import click

from jobgen.check.formats import as_text
from jobgen.cli import output
from jobgen.errors import ExitCode
from jobgen.info import ColumnInfo, JobInfo, ProjectInfo, read_info
from jobgen.info.json_format import info_to_json
from jobgen.project import find_project


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print all of it as JSON.")
def command(*, as_json: bool) -> ExitCode:
    """Show everything about the project: jobs, tables, paths, database, versions, findings.

    Nothing is changed, no server is started, and no password is printed.
    """
    info = read_info(find_project(Path.cwd()))
    output.line(info_to_json(info) if as_json else "\n".join(_lines(info)))
    return ExitCode.DONE


def _lines(info: ProjectInfo) -> list[str]:
    project, versions = info.project, info.versions
    address = info.database.address or "not running"
    if info.database.source == "DATABASE_URL":
        address = f"{info.database.address or 'cannot be read'} (DATABASE_URL)"
    lines = _section(
        info.name,
        [
            ("root", str(project.root)),
            ("layout", info.layout),
            ("applications", ", ".join(info.applications)),
            ("schema", str(project.schema_path)),
            ("records", str(project.types_path)),
            ("database", address),
            ("jobgen", versions.jobgen),
            ("jobgen-runtime", versions.runtime or "not installed for the project"),
            ("Python", versions.python or "none for the project"),
        ],
    )
    no_table = "no table" if info.tables is not None else "table not known"
    lines += _section("Jobs", [(job.name, _job(job, no_table)) for job in info.jobs])
    if info.tables is not None:
        tables = [
            (table.name, ", ".join(map(_column, table.columns)))
            for table in info.tables
            if not table.is_job_table
        ]
        lines += _section("Other tables", tables)
    lines += _section("Scripts", [(each.name, str(each.path)) for each in info.scripts])
    lines.append(output.styled("Findings", "bold"))
    found = as_text(info.findings).splitlines() or ["none"]
    lines += [f"  {line}" for line in (*found, *info.not_checked)]
    return lines


def _section(title: str, rows: list[tuple[str, str]]) -> list[str]:
    width = max((len(name) for name, _ in rows), default=0)
    lines = [f"  {name:<{width}}  {text}" for name, text in rows]
    return [output.styled(title, "bold"), *(lines or ["  none"]), ""]


def _job(job: JobInfo, no_table: str) -> str:
    parts = [str(job.path), job.table or no_table]
    parts += [", ".join(map(_column, job.columns))] if job.columns else []
    parts += [f"{name} = {value}" for name, value in job.options.items()]
    parts += [job.problem] if job.problem else []
    return "; ".join(parts)


def _column(column: ColumnInfo) -> str:
    return f"{column.name} {column.type}{'?' if column.nullable else ''}"
