"""A migration as SQL text, for --dry-run and --write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jobgen.migrate.difference import Difference, Phase, Report
from jobgen.migrate.migration import Migration

LOCK_TIMEOUT = "5s"
"""How long a statement waits for a lock. Writers queue behind it while it waits."""
SETTINGS = (f"lock_timeout = '{LOCK_TIMEOUT}'", "check_function_bodies = off")
"""The settings of the transactions. Functions may be created before the tables they read."""

_HEADS = {
    Phase.VALUES: "-- One by one: a value cannot be used in the transaction that adds it.\n",
    Phase.ONLINE: "-- One by one, outside of a transaction: these do not block writers.\n",
}


def script(migration: Migration) -> str:
    """Return the whole migration as a script for psql, with the reports as comments."""
    parts = []
    for phase, text in phase_scripts(migration):
        if phase in {Phase.RUNTIME, Phase.TRANSACTION}:
            settings = "".join(f"SET LOCAL {setting};\n" for setting in SETTINGS)
            parts.append(f"BEGIN;\n{settings}{text}COMMIT;\n")
        else:
            parts.append(text)
    if migration.comparison.reports:
        parts.append(report_text(migration.comparison.reports))
    return "\n".join(parts)


def phase_scripts(migration: Migration) -> Iterator[tuple[Phase, str]]:
    """Yield the statements of each phase that has any, in the order of the phases."""
    if migration.runtime is not None:
        head = "-- The objects that jobgen's runtime needs besides the job tables.\n"
        yield Phase.RUNTIME, f"{head}{migration.runtime.strip()}\n"
    for phase in (Phase.VALUES, Phase.TRANSACTION, Phase.ONLINE):
        body = statements(d for d in migration.comparison.additions if d.phase is phase)
        if body:
            yield phase, _HEADS.get(phase, "") + body


def statements(differences: Iterable[Difference]) -> str:
    """Return the statements of the differences, each ended by a semicolon and a line feed."""
    return "".join(f"{text};\n" for difference in differences for text in difference.sql)


def report_text(reports: Iterable[Report]) -> str:
    """Return the reports as SQL comments, "" where there are none."""
    lines: list[str] = []
    for report in reports:
        lines.append(f"-- {report.what}: {report.reason}")
        for text in report.sql:
            lines += [f"--   {line}" for line in f"{text};".splitlines()]
    return "".join(f"{line}\n" for line in ("-- Not done, for you to decide:", *lines) if lines)
