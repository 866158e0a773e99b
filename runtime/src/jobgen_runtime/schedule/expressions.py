"""Read a schedule from the columns of its row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jobgen_runtime.schedule.cron import Cron
from jobgen_runtime.schedule.every import PREFIX, Every, read_interval
from jobgen_runtime.schedule.recurrence import Recurrence


def describe_rule(expression: str, timezone: str) -> str:
    """Return an expression for people, with its time zone if that has a meaning."""
    return expression if _is_interval(expression) else f"{expression} {timezone}"


def read_schedule(
    expression: str, timezone: str = "UTC", options: Mapping[str, Any] | None = None
) -> Recurrence:
    """Return the schedule of an expression: `@every 5m`, or a cron expression.

    Args:
        expression: The text.
        timezone: The time zone of a cron expression; an interval ignores it.
        options: Further arguments of `Cron` or `Every`.

    Raises:
        InvalidSchedule: The expression cannot be read or never matches, the time zone is unknown,
            or an option is invalid.
    """
    if _is_interval(expression):
        return Every(read_interval(expression.strip().lower()), **(options or {}))
    return Cron(expression, timezone=timezone, **(options or {}))


def _is_interval(expression: str) -> bool:
    return expression.lstrip().lower().startswith(PREFIX)
