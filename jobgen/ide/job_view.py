"""A job as the page shows it: what the project, a check and the database say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from jobgen_runtime.job_table.columns import JOB_COLUMNS

from jobgen.check.finding import Finding, Rule
from jobgen.ide.job_tables import JobTable, TableState
from jobgen.info import ColumnInfo, JobInfo, ProjectInfo
from jobgen.naming import parse_job_name
from jobgen.schema.model import QualifiedName

_NOT_CURRENT = {Rule.TYPES_OUTDATED, Rule.TABLE_MISSING, Rule.TABLE_INCOMPLETE}


@dataclass(frozen=True, slots=True)
class JobView:
    """A job.

    Attributes:
        job: What the project has of it.
        table: Its table; None if Schema.sql has none.
        findings: What a check finds about it.
        is_current: Whether its table is complete and its record is up to date.
        state: What the database has of its table; None if that is not known.
        dashboard: The address of its list in the dashboard; None if that does not run.
    """

    job: JobInfo
    table: JobTable | None
    findings: tuple[Finding, ...]
    is_current: bool
    state: TableState | None
    dashboard: str | None

    @property
    def query(self) -> str:
        """What names the job in an address."""
        return urlencode({"app": self.job.app, "job": self.job.name})

    @property
    def problem(self) -> str | None:
        """Why its class cannot be read, unless a finding says it."""
        is_found = any(each.rule is Rule.PYTHON_INVALID for each in self.findings)
        return None if is_found else self.job.problem

    @property
    def is_registered(self) -> bool | None:
        """Whether all lists of jobs have it; None if that cannot be told from the files."""
        found = self.job.registered.values()
        return None if None in found and False not in found else all(found)

    @property
    def is_migrated(self) -> bool | None:
        """Whether the database has its table with all columns; None if that is not known."""
        return None if self.state is None else self.state.exists and not self.state.missing

    @property
    def missing(self) -> str | None:
        """What the database does not have, as a sentence; None for nothing."""
        if self.table is None or self.is_migrated in {None, True} or self.state is None:
            return None
        what = f"the table {self.table.name.name}"
        if self.state.exists:
            columns = "column" if len(self.state.missing) == 1 else "columns"
            what = f"the {columns} {', '.join(self.state.missing)} of {self.table.name.name}"
        return f"The database does not have {what}."

    @property
    def counts(self) -> tuple[tuple[str, str, int], ...]:
        """The class, the label and the number of each group of its jobs."""
        if self.state is None or not self.state.exists:
            return ()
        return (
            ("not-started", "Waiting", self.state.waiting),
            ("running", "Running", self.state.running),
            ("failed", "Failed", self.state.failed),
        )

    @property
    def can_run(self) -> bool:
        """Whether a row can be inserted."""
        return self.state is not None and self.state.exists

    @property
    def columns(self) -> tuple[ColumnInfo, ...]:
        """The columns that a new job can be given values for."""
        return tuple(column for column in self.job.columns if not column.generated)


def job_table(job: JobInfo) -> JobTable | None:
    """Return the table of a job; None if Schema.sql has none."""
    if job.table is None:
        return None
    name = parse_job_name(job.name).table
    schema = job.table.removesuffix(name).removesuffix(".")
    own = (column.name for column in job.columns)
    return JobTable(QualifiedName(schema, name), (*JOB_COLUMNS, *own))


def job_views(
    info: ProjectInfo,
    states: Mapping[QualifiedName, TableState],
    addresses: Mapping[str, str],
) -> tuple[JobView, ...]:
    """Return the jobs of a project.

    Args:
        info: The project.
        states: What the database has of the jobs' tables.
        addresses: What a development session serves.
    """
    lines = {table.name: table.line for table in info.tables or ()}
    return tuple(_view(info, job, states, addresses, lines) for job in info.jobs)


def _view(
    info: ProjectInfo,
    job: JobInfo,
    states: Mapping[QualifiedName, TableState],
    addresses: Mapping[str, str],
    lines: Mapping[str, int | None],
) -> JobView:
    table = job_table(job)
    line = lines.get(job.table or "")
    findings = tuple(
        finding
        for finding in info.findings
        if finding.path == job.path
        or (finding.path == info.project.schema_path and line and finding.line == line)
    )
    rules = {each.rule for each in findings}
    rules |= {each.rule for each in info.findings} & {Rule.TYPES_OUTDATED}
    is_current = table is not None and not rules & _NOT_CURRENT
    state = states.get(table.name) if table else None
    dashboard = None
    if table is not None and "web" in addresses:
        query = urlencode({"tableName": table.name.name})
        dashboard = f"{addresses['web'].rstrip('/')}/jobs/ListJob?{query}"
    return JobView(job, table, findings, is_current, state, dashboard)


def other_findings(info: ProjectInfo, views: Sequence[JobView]) -> tuple[Finding, ...]:
    """Return the findings that belong to no job."""
    shown = {id(finding) for view in views for finding in view.findings}
    return tuple(finding for finding in info.findings if id(finding) not in shown)
