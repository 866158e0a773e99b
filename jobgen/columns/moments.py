"""Checks literals of dates, times and intervals."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jobgen.columns.literal import InvalidLiteral

_DATE = r"(\d{4})-(\d\d)-(\d\d)"
_TIME = r"(\d\d?):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?"
_OFFSET = r" ?(Z|UTC|[+-]\d\d(?::?\d\d)?)"
_ZONE = r" ([A-Z][a-z]+(?:/[A-Z][A-Za-z_]+)+)"
_DATE_HINT = "Write it as 2020-02-29."
_INTERVAL_HINT = "Write it as 1 day, 2 hours 30 minutes or 01:30:00."
_PART = re.compile(r"([+-]?\d{1,6}(?:\.\d{1,6})?) ?([a-z]+)(?: |$)", re.ASCII)
_CLOCK = re.compile(r"[+-]?\d{1,6}:[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?", re.ASCII)
_ISO = re.compile(
    r"P(?=.)(?:\d{1,6}Y)?(?:\d{1,6}M)?(?:\d{1,6}D)?"
    r"(?:T(?=.)(?:\d{1,6}H)?(?:\d{1,6}M)?(?:\d{1,6}(?:\.\d{1,6})?S)?)?|P\d{1,6}W",
    re.ASCII,
)
_UNITS = {"mon": "month", "min": "minute", "sec": "second", "hr": "hour"} | {
    unit: unit
    for unit in (
        *("microsecond", "millisecond", "second", "minute", "hour"),
        *("day", "week", "month", "year"),
    )
}
_CLOCK_UNITS = {"second", "minute", "hour"}


def check_date(text: str, _modifiers: tuple[int, ...]) -> date:
    """Return the value of a date: `2020-02-29`.

    Raises:
        InvalidLiteral: The text is invalid.
    """
    match = re.fullmatch(_DATE, text.strip(), re.ASCII)
    if match is None:
        raise InvalidLiteral("a date", _DATE_HINT)
    try:
        return date(*map(int, match.groups()))
    except ValueError:
        raise InvalidLiteral("a date of the calendar", _DATE_HINT) from None


def _parsed_time(text: str, zone: timezone | ZoneInfo | None = None) -> time:
    match = re.fullmatch(_TIME, text, re.ASCII)
    if match is None:
        raise InvalidLiteral("a time", "Write it as 23:59 or 23:59:59.")
    hour, minute, second = (int(part or 0) for part in match.groups()[:3])
    microsecond = int((match[4] or "0").ljust(6, "0"))
    try:
        return time(hour, minute, second, microsecond, zone)
    except ValueError:
        raise InvalidLiteral("a time of the day", "Write it as 23:59 or 23:59:59.") from None


def _zone(text: str) -> timezone | ZoneInfo:
    """Return the zone of an offset or a name."""
    if text in {"Z", "UTC"}:
        return UTC
    if text[0] not in "+-":
        return ZoneInfo(text)
    digits = text[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 14 or minutes > 59:
        raise InvalidLiteral("in a known time zone")
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(offset if text[0] == "+" else -offset)


def _rounded(value: time, modifiers: tuple[int, ...]) -> time:
    """Return a time that PostgreSQL does not round to 24:00, which Python does not have."""
    unit = 10 ** (6 - modifiers[0]) if modifiers else 1
    is_last = (value.hour, value.minute, value.second) == (23, 59, 59)
    if is_last and value.microsecond + unit / 2 >= 10**6:
        raise InvalidLiteral("a time that is still one when it is rounded")
    return value


def _readable(value: datetime) -> datetime:
    """Return a timestamp that Python can read in every time zone and precision."""
    if value.year in {1, 9999}:
        raise InvalidLiteral("a timestamp between the years 2 and 9998")
    return value


def check_time(text: str, modifiers: tuple[int, ...]) -> time:
    """Return the value of a time: `23:59:59`.

    Raises:
        InvalidLiteral: The text is invalid.
    """
    return _rounded(_parsed_time(text.strip()), modifiers)


def check_timetz(text: str, modifiers: tuple[int, ...]) -> time:
    """Return the value of a time, with an offset or without: `23:59:59+01`.

    Raises:
        InvalidLiteral: The text is invalid.
    """
    match = re.fullmatch(rf"(.*?\d)(?:{_OFFSET})?", text.strip(), re.ASCII)
    if match is None:
        raise InvalidLiteral("a time with time zone", "Write it as 23:59:59+01.")
    return _rounded(_parsed_time(match[1], _zone(match[2]) if match[2] else None), modifiers)


def check_timestamp(text: str, _modifiers: tuple[int, ...]) -> datetime:
    """Return the value of a timestamp without time zone: `2020-02-29 23:59:59`.

    Raises:
        InvalidLiteral: The text is invalid.
    """
    match = re.fullmatch(
        rf"({_DATE})(?:[T ](\d[\d:.]*))?(?:{_OFFSET}|{_ZONE})?", text.strip(), re.ASCII
    )
    if match is None:
        raise InvalidLiteral("a timestamp", "Write it as 2020-02-29 23:59:59.")
    if match[6] or match[7]:
        hint = "Leave it out, or use the type timestamptz."
        raise InvalidLiteral("a timestamp without time zone", hint)
    return _readable(datetime.combine(check_date(match[1], ()), _parsed_time(match[5] or "00:00")))


def check_timestamptz(text: str, _modifiers: tuple[int, ...]) -> datetime:
    """Return the value of a timestamp, with an offset, the name of a zone, or none.

    Raises:
        InvalidLiteral: The text is invalid.
    """
    hint = "Write it as 2020-02-29 23:59:59+01."
    match = re.fullmatch(
        rf"({_DATE})(?:[T ](\d[\d:.]*?)(?:{_OFFSET}|{_ZONE})?)?", text.strip(), re.ASCII
    )
    if match is None:
        raise InvalidLiteral("a timestamp", hint)
    named = match[6] or match[7]
    try:
        zone = _zone(named) if named else None
    except (ZoneInfoNotFoundError, ValueError):
        raise InvalidLiteral("in a known time zone", hint) from None
    clock = _parsed_time(match[5] or "00:00", zone)
    return _readable(datetime.combine(check_date(match[1], ()), clock))


def check_interval(text: str, _modifiers: tuple[int, ...]) -> None:
    """Check an interval: quantities with units, a time, or ISO 8601.

    Raises:
        InvalidLiteral: The text is invalid.
    """
    rest = text.strip()
    if _ISO.fullmatch(rest):
        return
    rest = rest.lower().removesuffix(" ago")
    units: set[str] = set()
    while match := _PART.match(rest):
        unit = _UNITS.get(match[2].removesuffix("s"))
        if unit is None or unit in units:
            raise InvalidLiteral("an interval", _INTERVAL_HINT)
        units.add(unit)
        rest = rest[match.end() :]
    has_clock = _CLOCK.fullmatch(rest) is not None
    if (rest and not has_clock) or not (units or has_clock) or (has_clock and units & _CLOCK_UNITS):
        raise InvalidLiteral("an interval", _INTERVAL_HINT)
