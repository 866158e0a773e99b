"""Find time zones by their name."""

from __future__ import annotations

from datetime import UTC, tzinfo
from difflib import get_close_matches
from functools import lru_cache

from jobgen_runtime.schedule.recurrence import InvalidSchedule

MAX_SHOWN = 60
"""Characters of an unknown name that are shown, and compared with others."""


@lru_cache(maxsize=1024)
def find_zone(name: str) -> tzinfo:
    """Return the time zone of an IANA name.

    Raises:
        InvalidSchedule: There is none of that name.
    """
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo  # loaded for schedules in another time zone only

    try:
        return ZoneInfo(name)
    # Also for a folder such as "Europe", and for an absolute path.
    except (KeyError, ValueError, OSError):
        shown = name[:MAX_SHOWN]
        raise InvalidSchedule(f"There is no time zone {shown!r}.", hint=_hint(shown)) from None


def _hint(name: str) -> str:
    from zoneinfo import available_timezones

    known = available_timezones()
    if not known:
        return (
            "This machine has no time zones: install the package tzdata, of the system or from "
            "PyPI (`pip install tzdata`)."
        )
    folded = {each.casefold(): each for each in known}
    by_city = {each.rpartition("/")[2].casefold(): each for each in sorted(known)}
    wanted = name.casefold().replace(" ", "_")
    close = get_close_matches(wanted, [*folded, *by_city], 1, 0.75)
    if close:
        return f"Did you mean {folded.get(close[0]) or by_city[close[0]]!r}?"
    return "Write an IANA name such as 'Europe/Berlin', or 'UTC'."
