"""A migration as SQL text: what --dry-run prints and --write keeps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jobgen.migrate.difference import Difference, Phase, Report
from jobgen.migrate.migration import Migration

LOCK_TIMEOUT = "5s"
"""How long a statement waits for a lock before it gives up, as writers queue behind it."""
SETTINGS = (f"lock_timeout = '{LOCK_TIMEOUT}'", "check_function_bodies = off")
"""What holds in the transactions: functions may come before the tables that they read."""

_HEADS = {
    Phase.VALUES: "-- Each by itself: a value cannot be used in the transaction that adds it.\n",
    Phase.ONLINE: "-- Each by itself, outside a transaction: these do not block writers.\n",
}


def script(migration: Migration) -> str:
    """The whole migration, for psql: every phase, and the reports as comments."""
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
    """The statements of each phase that has something to do, in order."""
    if migration.runtime is not None:
        head = "-- What jobgen's runtime needs beside the jobs' tables.\n"
        yield Phase.RUNTIME, f"{head}{migration.runtime.strip()}\n"
    for phase in (Phase.VALUES, Phase.TRANSACTION, Phase.ONLINE):
        body = statements(d for d in migration.comparison.additions if d.phase is phase)
        if body:
            yield phase, _HEADS.get(phase, "") + body


def statements(differences: Iterable[Difference]) -> str:
    """The statements alone, one after the other."""
    return "".join(f"{text};\n" for difference in differences for text in difference.sql)


def report_text(reports: Iterable[Report]) -> str:
    """The reports as SQL comments; empty without any."""
    lines: list[str] = []
    for report in reports:
        lines.append(f"-- {report.what}: {report.reason}")
        for text in report.sql:
            lines += [f"--   {line}" for line in f"{text};".splitlines()]
    return "".join(f"{line}\n" for line in ("-- Not done, for you to decide:", *lines) if lines)
