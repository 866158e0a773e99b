"""Plan files for deployment, which belong to the user once they are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from jobgen.plan.builder import PlanBuilder
from jobgen.plan.model import Plan
from jobgen.project import Snapshot


def plan_deploy(
    snapshot: Snapshot,
    generator: str,
    files: Mapping[PurePosixPath, bytes],
    next_steps: Iterable[str],
    *,
    warnings: Iterable[str] = (),
) -> Plan:
    """Make the plan of `jobgen deploy …`; an existing file that differs is a conflict."""
    builder = PlanBuilder(snapshot, generator, {})
    for path, content in files.items():
        builder.put_new(path, content)
    builder.warnings += warnings
    if builder.is_pending:
        builder.next_steps += next_steps
    return builder.plan()
