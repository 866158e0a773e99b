"""Decide whether a job gets a first test."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from jobgen.plan.builder import PlanBuilder
from jobgen.plan.registrations import JobFiles, reports_failures
from jobgen.project import CONFIG_FILE
from jobgen.schema.model import Table

_USES_PYTEST = re.compile(rb"\bpytest\b")


def gets_test(builder: PlanBuilder, files: JobFiles, table: Table | None, *, no_test: bool) -> bool:
    """Return whether a test of a job is to be written, or is there already.

    A job that is there without a test has lost it to its user. A job that reports failures sends
    them by SMTP, so a test of it needs a server.

    Args:
        builder: The plan, with its project.
        files: The job's files.
        table: The job's table; None if it has none.
        no_test: Whether the user wants none.
    """
    snapshot = builder.snapshot
    if snapshot.before(files.test) is not None:
        return True
    if no_test or reports_failures(table) or snapshot.before(files.path) is not None:
        return False
    project = builder.project
    if project.tests is not None:
        return project.tests
    config = snapshot.before(PurePosixPath(CONFIG_FILE)) or b""
    return project.schema_source == "file" and _USES_PYTEST.search(config) is not None
