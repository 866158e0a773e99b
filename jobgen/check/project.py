"""Check a project as a whole: its files, its environment, and its database if one answers."""

from __future__ import annotations

from jobgen.check.files import FileCheck, check_files, paths_to_check
from jobgen.check.finding import Finding
from jobgen.errors import JobgenError
from jobgen.generate.inputs import model_database_urls, schema_reader
from jobgen.project import Project, read_snapshot
from jobgen.schema.errors import SchemaError


def check_project_files(project: Project) -> FileCheck:
    """Check the files of the project as they are on the disk now."""
    return check_files(read_snapshot(project, paths_to_check(project)), schema_reader(project))


def check_surroundings(
    project: Project, *, with_database: bool
) -> tuple[list[Finding], tuple[str, ...]]:
    """Check the project's environment and its database, as far as they are available.

    Returns:
        The findings, and what could not be checked, as sentences.
    """
    from jobgen.check.runtime import check_runtime, read_environment

    findings: list[Finding] = []
    not_checked: list[str] = []
    try:
        findings += check_runtime(read_environment(project.root))
    except JobgenError as error:
        not_checked.append(f"Not checked, the version of jobgen-runtime: {error.message}")
    if not with_database:
        return findings, tuple(not_checked)
    from jobgen.check.database import check_database

    try:
        urls = model_database_urls(project)
        if not urls:
            not_checked.append(
                "Not checked, the database: none is known, or the project's does not run."
            )
        for url in urls[:1]:
            findings += check_database(project, url)
    except SchemaError:
        not_checked.append("Not checked, the database: Schema.sql has an error.")
    except JobgenError as error:
        not_checked.append(f"Not checked, the database: {error.message}")
    return findings, tuple(not_checked)
