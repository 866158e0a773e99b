"""A migration as JSON, for tools."""

from __future__ import annotations

import json

from jobgen.migrate.execution import RUNTIME
from jobgen.migrate.migration import Migration


def migration_json(migration: Migration, *, applied: bool, files: list[str] | None = None) -> str:
    """Return a migration as JSON.

    Args:
        migration: The migration.
        applied: Whether it has been applied.
        files: The files that it was written to; None if it was not.
    """
    additions: list[dict[str, object]] = []
    if migration.runtime:
        additions.append({"what": RUNTIME, "phase": "runtime", "sql": [migration.runtime]})
    if migration.whole:
        what, text = f"everything in {migration.whole.path}", migration.whole.script_text()
        additions.append({"what": what, "phase": "schema_file", "sql": [text]})
    additions += [
        {
            "what": step.what,
            "phase": step.phase.name.lower(),
            "sql": list(step.sql),
            "warning": step.warning,
        }
        for step in migration.steps
    ]
    reports = [
        {
            "what": report.what,
            "reason": report.reason,
            "missing": report.missing,
            "database": report.current,
            "schema": report.wanted,
            "needed_by": list(report.dependents),
            "sql": list(report.sql),
        }
        for report in migration.reports
    ]
    document: dict[str, object] = {"version": 2, "applied": applied}
    document["not_compared"] = list(migration.not_compared)
    document |= {"additions": additions, "reports": reports}
    if files is not None:
        document["files"] = files
    return json.dumps(document, indent=2, ensure_ascii=False)
