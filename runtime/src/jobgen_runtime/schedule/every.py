"""`Every`: ticks at a fixed interval."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from jobgen_runtime.schedule.recurrence import InvalidSchedule, Recurrence

SHORTEST = timedelta(seconds=1)
LONGEST = timedelta(days=3660)

PREFIX = "@every"

_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_TEXT = re.compile("".join(rf"(?:(?P<{unit}>\d{{1,9}}){unit})?" for unit in _UNITS))


@dataclass(frozen=True)
class Every(Recurrence):
    """Ticks at a fixed interval, as in `Every(timedelta(minutes=5))`.

    The first tick comes one interval after the schedule was created or changed; each further one an
    interval after the last, whatever the clock on the wall does and however late a tick was.

    Attributes:
        interval: Whole seconds, from one second to ten years.

    Raises:
        InvalidSchedule: The interval is invalid.
    """

    interval: timedelta

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.interval, timedelta):
            raise self._refuse("interval", "must be a timedelta")
        if not SHORTEST <= self.interval <= LONGEST or self.interval.microseconds:
            raise self._refuse("interval", "must be whole seconds, from 1 second to 10 years")

    @property
    def text(self) -> str:
        """Return the interval as `@every 1h30m`."""
        left, parts = round(self.interval.total_seconds()), []
        for unit, seconds in _UNITS.items():
            if left >= seconds:
                parts.append(f"{left // seconds}{unit}")
                left %= seconds
        return f"{PREFIX} {''.join(parts)}"

    @property
    def zone_name(self) -> str:
        """Return UTC: an interval depends on no time zone."""
        return "UTC"

    def next_after(self, tick: datetime) -> datetime | None:
        """Return the tick one interval later; None if that is after the year 9999."""
        try:
            return tick.astimezone(UTC) + self.interval
        except OverflowError:
            return None

    def latest_ticks(self, due_at: datetime, now: datetime, count: int) -> list[datetime]:
        """Return the last ticks from `due_at` to `now`; see `Recurrence.latest_ticks`."""
        due_at = due_at.astimezone(UTC)
        last = (now - due_at) // self.interval
        numbers = range(max(0, last - count + 1), last + 1)
        return [due_at + number * self.interval for number in numbers]


def read_interval(text: str) -> timedelta:
    """Return the interval of an expression such as `@every 1h30m`.

    Raises:
        InvalidSchedule: It cannot be read.
    """
    match = _TEXT.fullmatch("".join(text.removeprefix(PREFIX).split()).lower())
    parts = {unit: int(number) for unit, number in match.groupdict("0").items()} if match else {}
    if not any(parts.values()):
        raise InvalidSchedule(
            f"Every: {text[:60]!r} is not an interval.",
            hint="Write days, hours, minutes and seconds: '@every 1h30m', '@every 15s'.",
        )
    seconds = sum(number * _UNITS[unit] for unit, number in parts.items())
    return timedelta(seconds=min(seconds, 2 * round(LONGEST.total_seconds())))
