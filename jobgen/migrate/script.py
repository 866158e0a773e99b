"""A migration as SQL text, for --dry-run and --write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jobgen.migrate.difference import Phase, Report, Step
from jobgen.migrate.migration import Migration

LOCK_TIMEOUT = "5s"
"""How long a statement waits for a lock. Writers queue behind it while it waits."""
SETTINGS = (f"lock_timeout = '{LOCK_TIMEOUT}'", "check_function_bodies = off")
"""The settings of the transactions. Functions may be created before the tables they read."""

_HEADS = {
    Phase.VALUES: "-- One by one: a value cannot be used in the transaction that adds it.\n",
    Phase.ONLINE: "-- One by one, outside of a transaction: these do not block writers.\n",
}


def script(migration: Migration, *, with_drops: bool) -> str:
    """Return the whole migration as a script for psql, with the reports as comments."""
    parts = [
        _transaction(text) if _is_transaction(phase) else text
        for phase, text in phase_scripts(migration)
    ]
    if reports := report_text(migration.reports, with_drops=with_drops):
        parts.append(reports)
    return "\n".join(parts)


def phase_scripts(migration: Migration) -> Iterator[tuple[Phase, str]]:
    """Yield the statements of each phase that has any, in the order of the phases."""
    if migration.runtime is not None:
        head = "-- The objects that jobgen's runtime needs besides the job tables.\n"
        yield Phase.RUNTIME, f"{head}{migration.runtime.strip()}\n"
    if migration.whole is not None:
        yield Phase.SCHEMA_FILE, migration.whole.script_text()
    for phase in (Phase.VALUES, Phase.TRANSACTION, Phase.ONLINE):
        body = statements(step for step in migration.steps if step.phase is phase)
        if body:
            yield phase, _HEADS.get(phase, "") + body


def steps_text(migration: Migration) -> str:
    """Return the statements of a migration as they will be run, without the runtime's schema."""
    whole = migration.whole.script_text() if migration.whole else ""
    return whole + statements(migration.steps)


def statements(steps: Iterable[Step]) -> str:
    """Return the statements of the steps, each ended by a line feed, after their warnings."""
    return "".join(
        f"{line}\n"
        for step in steps
        for line in (*((f"-- This {step.warning}.",) if step.warning else ()), *step.sql)
    )


def report_text(reports: Iterable[Report], *, with_drops: bool) -> str:
    """Return the reports as SQL comments, "" where there are none.

    Args:
        reports: The reports.
        with_drops: Whether the statements are shown that drop what only the database has.
    """
    lines: list[str] = []
    for report in reports:
        lines.append(f"-- {report.what}: {report.reason}")
        if report.current or report.wanted:
            lines += _indented("in the database: ", report.current)
            lines += _indented("in Schema.sql:   ", report.wanted)
        if report.dependents:
            lines.append(f"--   needed by: {', '.join(report.dependents)}")
        if report.missing or with_drops:
            lines += [line for text in report.sql for line in _indented("", text)]
    return "".join(f"{line}\n" for line in ("-- Not done, for you to decide:", *lines) if lines)


def _is_transaction(phase: Phase) -> bool:
    return phase in {Phase.RUNTIME, Phase.TRANSACTION}


def _transaction(text: str) -> str:
    settings = "".join(f"SET LOCAL {setting};\n" for setting in SETTINGS)
    return f"BEGIN;\n{settings}{text}COMMIT;\n"


def _indented(label: str, text: str) -> list[str]:
    return [
        f"--   {label if number == 0 else ' ' * len(label)}{line}"
        for number, line in enumerate(text.splitlines())
    ]
