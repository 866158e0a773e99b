"""Check the files of a project against each other, without a database."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from jobgen_runtime.job_table.columns import JOB_COLUMNS
from jobgen_runtime.job_table.names import object_name
from jobgen_runtime.job_table.priority import PRIORITY_COLUMN
from jobgen_runtime.project import application_name, camel_case, match_pattern, split_words

from jobgen.check.finding import Finding, Rule
from jobgen.check.modules import check_class, check_options, check_syntax
from jobgen.errors import UsageError
from jobgen.job_block.recognise import has_priority, is_job_table
from jobgen.naming import parse_job_name
from jobgen.plan.builder import PlanBuilder
from jobgen.plan.model import Issue, Plan
from jobgen.plan.registrations import JobFiles, register_job, unregister_job
from jobgen.plan.types import put_types, schema_or_issue
from jobgen.project import Project, Snapshot
from jobgen.registration.analysis import parse
from jobgen.schema.load import ReadSchema
from jobgen.schema.model import Schema, Table

_PARTS = {
    "claim": "index",
    "running": "index",
    "failed": "index",
    "wake_on_insert": "trigger",
    "wake_on_update": "trigger",
}
"""The indexes and triggers of a job's table, by the suffixes of their names."""

_WORD = re.compile(r'"(?:[^"]|"")+"|\w+')
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


@dataclass
class FileCheck:
    """The problems of a project's files, and the plan that fixes those that can be fixed.

    Attributes:
        findings: The problems.
        plan: The plan; it has no changes if nothing can be fixed.
    """

    findings: list[Finding] = field(default_factory=list)
    plan: Plan = field(default_factory=lambda: Plan("check"))


def paths_to_check(project: Project) -> list[PurePosixPath]:
    """Return the files that a check reads."""
    paths = [project.schema_path, project.types_path, project.main_path]
    for app in dict.fromkeys((project.application, *project.applications())):
        paths += [project.worker_path(app), project.front_controller_path(app)]
    return [*paths, *(job.path for job in project.jobs())]


def check_files(snapshot: Snapshot, read: ReadSchema) -> FileCheck:
    """Check the jobs, their registrations and tables, and the typed records."""
    check, project = FileCheck(), snapshot.project
    fixes = PlanBuilder(snapshot, "check", {})
    jobs = [_files_of(project, job.app, job.name) for job in project.jobs()]
    check.findings += check_syntax(snapshot)
    check.findings += check_options(snapshot)
    for job in filter(None, jobs):
        _check_registration(check, fixes, job)
    _check_missing_jobs(check, fixes)
    schema = _check_types(check, fixes, read)
    if schema is not None:
        text = (snapshot.before(project.schema_path) or b"").decode(errors="replace")
        named = _named_parts(text)
        for job in filter(None, jobs):
            _check_table(check, schema, named, job)
    check.plan = fixes.plan()
    return check


def _files_of(project: Project, app: str, name: str) -> JobFiles | None:
    try:
        return JobFiles(project, app, parse_job_name(name))
    except UsageError:
        return None  # A module next to the jobs, such as `_shared`.


def _check_registration(check: FileCheck, fixes: PlanBuilder, job: JobFiles) -> None:
    """Plan the registration separately: the files that it would change do not have the job."""
    trial = PlanBuilder(fixes.snapshot, "check", {})
    register_job(trial, job)
    plan = trial.plan()
    check.findings += [_finding(Rule.REGISTRATION_UNREADABLE, issue) for issue in plan.issues]
    lists = (job.worker, job.project.main_path)
    absent = [path for path in lists if fixes.content(path) is None]
    where = [*absent, *(change.path for change in plan.pending)]
    if not where:
        return
    name, is_fixable = job.name.module, not absent and not plan.issues
    check.findings.append(
        Finding(
            Rule.JOB_NOT_REGISTERED,
            f"The job {name} is not registered in {' and '.join(map(str, where))}.",
            path=job.path,
            line=1,
            hint=f"Run `{'jobgen check --fix' if is_fixable else f'jobgen job {name}'}`.",
            is_fixable=is_fixable,
        )
    )
    if is_fixable:
        register_job(fixes, job)


def _check_missing_jobs(check: FileCheck, fixes: PlanBuilder) -> None:
    project = fixes.project
    existing = {job.path for job in fixes.snapshot.jobs}
    for app in dict.fromkeys((project.application, *fixes.snapshot.applications)):
        for path in (project.worker_path(app), project.front_controller_path(app)):
            for line, job in _imported_jobs(fixes, path):
                if job.path in existing:
                    if path == job.worker and (finding := check_class(fixes.snapshot, job)):
                        check.findings.append(finding)
                    continue
                trial = PlanBuilder(fixes.snapshot, "check", {})
                unregister_job(trial, job)
                is_fixable = bool(trial.plan().pending) and not trial.plan().issues
                check.findings.append(
                    Finding(
                        Rule.JOB_MISSING,
                        f"{path} imports the job {job.name.module}, but {job.path} does not exist.",
                        path=path,
                        line=line,
                        hint="Remove its import and its entry."
                        + (" `jobgen check --fix` does it." if is_fixable else ""),
                        is_fixable=is_fixable,
                    )
                )
                if is_fixable:
                    unregister_job(fixes, job)


def _imported_jobs(builder: PlanBuilder, path: PurePosixPath) -> Iterator[tuple[int, JobFiles]]:
    """Yield the jobs that a file imports, with the line, whether they exist or not."""
    project = builder.project
    tree = parse(builder.content(path) or b"")
    if not isinstance(tree, ast.Module):
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or node.level or node.module is None:
            continue
        module = project.source / PurePosixPath(*node.module.split(".")).with_suffix(".py")
        names = match_pattern(project.paths.job, module)
        if names is None:
            continue
        app = application_name(names.get("App", ""), names.get("app", ""), project.application)
        name = names.get("Name") or camel_case(split_words(names.get("name", "")))
        job = _files_of(project, app, name)
        if job is not None:
            yield node.lineno, job


def _check_types(check: FileCheck, fixes: PlanBuilder, read: ReadSchema) -> Schema | None:
    project = fixes.project
    trial = PlanBuilder(fixes.snapshot, "check", {})
    schema = schema_or_issue(trial, read)
    if schema is not None:
        put_types(trial, schema, project.records)
    plan = trial.plan()
    check.findings += [_finding(Rule.SCHEMA_INVALID, issue) for issue in plan.issues]
    if schema is None or plan.issues or not plan.pending:
        return schema
    put_types(fixes, schema, project.records)
    check.findings += [
        Finding(
            Rule.TYPES_OUTDATED,
            f"{change.path} does not match {project.schema_path}.",
            path=change.path,
            line=1,
            hint="Run `jobgen types`, or `jobgen check --fix`.",
            is_fixable=True,
        )
        for change in plan.pending
    ]
    return schema


def _check_table(
    check: FileCheck, schema: Schema, named: Set[tuple[str, str]], job: JobFiles
) -> None:
    table = schema.find_table(job.name.table)
    schema_path = job.project.schema_path
    if table is None:
        check.findings.append(
            Finding(
                Rule.TABLE_MISSING,
                f"The job {job.name.module} has no table {job.name.table} in {schema_path}.",
                path=job.path,
                line=1,
                hint=f"Run `jobgen job {job.name.module}`: it writes the table and keeps the job.",
            )
        )
        return
    if job.project.schema_source == "database" and table.line is None:
        return  # Its indexes and triggers are for the check of the database.
    missing = _missing_parts(table, named)
    if missing:
        check.findings.append(
            Finding(
                Rule.TABLE_INCOMPLETE,
                f"The table {table.name} does not have {_listed(missing)}, which the worker needs.",
                path=schema_path,
                line=table.line,
                hint="docs/internals/job-table.md has the SQL of a job's table.",
            )
        )


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _named_parts(text: str) -> Set[tuple[str, str]]:
    """Return `index` or `trigger` with each word that follows it in the same statement."""
    named: set[tuple[str, str]] = set()
    for statement in _COMMENT.sub("", text).casefold().split(";"):
        words = [word.strip('"').replace('""', '"') for word in _WORD.findall(statement)]
        for kind in set(_PARTS.values()) & set(words):
            named.update((kind, word) for word in words[words.index(kind) :])
    return named


def _missing_parts(table: Table, named: Set[tuple[str, str]]) -> list[str]:
    columns = {column.name for column in table.columns}
    missing = [f"the column {name}" for name in JOB_COLUMNS if name not in columns]
    if not missing and not is_job_table(table):
        missing.append("the types of a job's columns")
    parts = {**_PARTS, PRIORITY_COLUMN: "index"} if has_priority(table) else _PARTS
    for suffix, kind in parts.items():
        name = object_name(table.name, suffix)
        if (kind, name.casefold()) not in named:
            missing.append(f"the {kind} {name}")
    return missing


def _finding(rule: Rule, issue: Issue) -> Finding:
    # Formats write the place in their own way.
    message = issue.message.removeprefix(f"{issue.path}:{issue.line}:{issue.column}: ")
    return Finding(rule, message, issue.path, issue.line, issue.column, issue.hint)
