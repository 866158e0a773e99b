"""`Cron`: ticks at times of the wall clock of a time zone."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import takewhile

from jobgen_runtime.schedule.recurrence import InvalidSchedule, Recurrence
from jobgen_runtime.schedule.zones import find_zone

MAX_LENGTH = 200
"""Characters of an expression."""

FIELDS = 5

_MACROS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}

_ANY_MOMENT = datetime(2024, 1, 1, tzinfo=UTC)

_FIRST_WINDOW = timedelta(hours=1)


@dataclass(frozen=True)
class Cron(Recurrence):
    """Ticks by a cron expression, as in `Cron("0 5 * * *", timezone="Europe/Berlin")`.

    The expression has five fields: minute, hour, day of the month, month, day of the week; or it is
    `@hourly`, `@daily`, `@weekly`, `@monthly` or `@yearly`. Daylight saving is treated as Debian's
    cron does: a time of day that the clock skips comes right after the gap, and one that the clock
    shows twice comes once. An expression whose minute or hour begins with `*` follows the hours as
    they pass.

    Attributes:
        expression: The cron expression.
        timezone: The IANA name of the time zone, such as `Europe/Berlin`.

    Raises:
        InvalidSchedule: The expression cannot be read or never matches, or the time zone is
            unknown.
    """

    expression: str
    timezone: str = field(default="UTC", kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.expression, str):
            raise self._refuse("expression", "must be a text such as '0 5 * * *'")
        if len(self.expression) > MAX_LENGTH:
            raise InvalidSchedule(
                f"Cron: expression has {len(self.expression):,} characters, more than {MAX_LENGTH}."
            )
        if not isinstance(self.timezone, str):
            raise self._refuse("timezone", "must be the name of a time zone")
        find_zone(self.timezone)
        self._check_expression()

    @property
    def text(self) -> str:
        """Return the expression, with single spaces."""
        return " ".join(self.expression.split())

    @property
    def zone_name(self) -> str:
        """Return the name of the time zone."""
        return self.timezone

    def next_after(self, tick: datetime) -> datetime | None:
        """Return the first tick after a moment, in UTC; None if there is none within 50 years."""
        return next(self._ticks_after(tick), None)

    def latest_ticks(self, due_at: datetime, now: datetime, count: int) -> list[datetime]:
        """Return the last ticks from `due_at` to `now`; see `Recurrence.latest_ticks`."""
        # The library finds ticks forwards only, and a schedule may have missed a million. So the
        # search begins shortly before `now`, and earlier each time it has not found enough.
        window = _FIRST_WINDOW
        while True:
            start = now - min(window, now - due_at)
            missed = takewhile(lambda tick: tick <= now, self._ticks_after(start))
            found = deque([due_at] if start == due_at else [], maxlen=count)
            found.extend(missed)
            if start == due_at or len(found) == count:
                return list(found)
            window *= 2

    def _ticks_after(self, moment: datetime) -> Iterator[datetime]:
        from cronsim import CronSim  # loaded for schedules only

        last = moment
        try:
            for local in CronSim(self._fields(), moment.astimezone(find_zone(self.timezone))):
                tick = local.astimezone(UTC)
                # When the clock is set back, the library may return a time of the first pass
                # although the second one has begun.
                if tick > last:
                    last = tick
                    yield tick
        except OverflowError:
            # Python's dates end with the year 9999.
            return

    def _fields(self) -> str:
        return _MACROS.get(self.text.lower(), self.text)

    def _check_expression(self) -> None:
        from cronsim import CronSimError  # loaded for schedules only

        fields = self._fields()
        if len(fields.split()) != FIELDS:
            raise InvalidSchedule(
                f"Cron: {self.expression!r} is not a cron expression of five fields.",
                hint="Write minute, hour, day of the month, month and day of the week: "
                "'0 5 * * *' is at 5:00 each day. Every(timedelta(seconds=…)) has finer steps.",
            )
        try:
            first = self.next_after(_ANY_MOMENT)
        except CronSimError as error:
            reason = str(error).replace("Bad ", "the field is invalid: ", 1)
            raise InvalidSchedule(
                f"Cron: {self.expression!r} is not a cron expression: {reason}.",
                hint="The fields are minute (0-59), hour (0-23), day of the month (1-31 or L), "
                "month (1-12 or JAN-DEC) and day of the week (0-7 or SUN-SAT).",
            ) from None
        if first is None:
            raise InvalidSchedule(f"Cron: {self.expression!r} never matches any date.")
