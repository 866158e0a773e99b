"""Format moments and durations for people, in UTC and by the database's clock."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNITS = (
    (365.25 * 86_400, "year", "years"),
    (30.44 * 86_400, "month", "months"),
    (86_400, "day", "days"),
    (3_600, "h", "h"),
    (60, "min", "min"),
    (1, "s", "s"),
)


@dataclass(frozen=True)
class Moment:
    """A timestamp of the database, which `datetime` may not be able to hold."""

    epoch: float
    """Seconds since 1970; infinite for 'infinity' and '-infinity'."""

    def since(self, now: Moment) -> float:
        """Return the seconds from this moment to `now`; negative if it is in the future."""
        return now.epoch - self.epoch

    @property
    def iso(self) -> str | None:
        """The moment in ISO 8601, to the second; None if that cannot express it."""
        if not math.isfinite(self.epoch):
            return None
        try:
            moment = EPOCH + timedelta(seconds=self.epoch)
        except OverflowError:
            return None
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment.year >= 1000 else None

    def __str__(self) -> str:
        if self.epoch == math.inf:
            return "never"
        if self.epoch == -math.inf:
            return "-infinity"
        if self.iso is None:
            return f"{self.epoch / UNITS[0][0] + 1970:.0f}"
        return f"{self.iso[:10]} {self.iso[11:19]} UTC"


def duration(seconds: float) -> str:
    """Return a length of time in its largest unit: "3 min", "2 days"."""
    if math.isinf(seconds):
        return "forever"
    for size, one, more in UNITS:
        count = int(abs(seconds) / size)
        if count >= 1:
            return f"{count:,} {one if count == 1 else more}"
    return "0 s"


def elapsed(seconds: float) -> str:
    """Return how long something took: "45 ms", "1.8 s", "3 min"."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 59.95 else duration(seconds)


def relative(moment: Moment, now: Moment) -> str:
    """Return how far a moment is from `now`: "3 min ago", "in 2 days"."""
    seconds = moment.since(now)
    if math.isinf(moment.epoch):
        return str(moment)
    if -1 < seconds < 1:
        return "just now"
    return f"{duration(seconds)} ago" if seconds > 0 else f"in {duration(seconds)}"


def from_datetime(moment: datetime) -> Moment:
    """Convert a `datetime`; one without a time zone is taken as UTC.

    Records represent infinity by the last and the first moment that Python can express.
    """
    naive = moment.replace(tzinfo=None)
    if naive in {datetime.max, datetime.min}:  # noqa: DTZ901 -- compared without a zone
        return Moment(math.inf if naive == datetime.max else -math.inf)  # noqa: DTZ901 -- as above
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return Moment(aware.timestamp())
