"""Cron expressions: their ticks, time zones, and what is refused."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jobgen_runtime import Cron
from jobgen_runtime.contract.errors import InvalidJob
from jobgen_runtime.schedule import InvalidSchedule

YEAR_2024 = datetime(2024, 1, 1, tzinfo=UTC)


def ticks(cron: Cron, start: datetime, count: int) -> list[str]:
    """Return the next ticks, by the clock of the schedule's time zone."""
    found = []
    moment: datetime | None = start
    for _ in range(count):
        assert moment is not None
        moment = cron.next_after(moment)
        assert moment is not None
        found.append(f"{moment.astimezone(ZoneInfo(cron.timezone)):%a %d %b %Y %H:%M %Z}")
    return found


@pytest.mark.parametrize(
    ("expression", "zone", "start", "expected"),
    [
        ("30 5 * * 1-5", "UTC", "2026-11-27T05:30", ["Mon 30 Nov 2026 05:30 UTC"]),
        ("0 0 29 2 *", "UTC", "2026-01-01", ["Tue 29 Feb 2028 00:00 UTC"]),
        ("0 0 L * *", "UTC", "2027-02-01", ["Sun 28 Feb 2027 00:00 UTC"]),
        ("@Daily", "UTC", "2026-11-30T00:00:00.5", ["Tue 01 Dec 2026 00:00 UTC"]),
        # The clock goes from 2:00 to 3:00 on 29 March: the time that it skips comes right after.
        (
            "30 2 * * *",
            "Europe/Berlin",
            "2026-03-28T12:00",
            ["Sun 29 Mar 2026 03:00 CEST", "Mon 30 Mar 2026 02:30 CEST"],
        ),
        (
            "*/30 2 * * *",
            "Europe/Berlin",
            "2026-03-28T12:00",
            ["Mon 30 Mar 2026 02:00 CEST"],
        ),
        (
            "15 * * * *",
            "Europe/Berlin",
            "2026-03-29T00:30",
            ["Sun 29 Mar 2026 03:15 CEST", "Sun 29 Mar 2026 04:15 CEST"],
        ),
        # It goes from 3:00 back to 2:00 on 25 October: the time that it shows twice comes once.
        (
            "30 2 * * *",
            "Europe/Berlin",
            "2026-10-24T12:00",
            ["Sun 25 Oct 2026 02:30 CEST", "Mon 26 Oct 2026 02:30 CET"],
        ),
        ("30 2 * * *", "Europe/Berlin", "2026-10-25T01:05", ["Mon 26 Oct 2026 02:30 CET"]),
        (
            "15 * * * *",
            "Europe/Berlin",
            "2026-10-25T00:00",
            ["Sun 25 Oct 2026 02:15 CEST", "Sun 25 Oct 2026 02:15 CET"],
        ),
        # Samoa had no 30 December 2011.
        ("0 12 30 * *", "Pacific/Apia", "2011-12-01", ["Sat 31 Dec 2011 00:00 +14"]),
    ],
)
def test_ticks_follow_the_clock_of_the_time_zone(
    expression: str, zone: str, start: str, expected: list[str]
) -> None:
    moment = datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert ticks(Cron(expression, timezone=zone), moment, len(expected)) == expected


@settings(max_examples=60)
@given(
    start=st.integers(0, 2**28).map(lambda seconds: YEAR_2024 + timedelta(seconds=seconds)),
    expression=st.sampled_from(
        ["30 2 * * *", "15,45 1-3 * * *", "0 */5 * * SUN", "*/20 * * * *", "0 0 1 * MON"]
    ),
    zone=st.sampled_from(
        ["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]
    ),
)
def test_ticks_are_later_each_time_and_the_same_from_wherever_the_search_begins(
    start: datetime, expression: str, zone: str
) -> None:
    cron = Cron(expression, timezone=zone)
    found = [start]
    for _ in range(30):
        found.append(cron.next_after(found[-1]) or start)
    assert all(first < second for first, second in pairwise(found))
    assert found[-1].microsecond == 0
    now = found[-1] + timedelta(microseconds=1)
    assert cron.latest_ticks(found[1], now, 3)[-1] == found[-1]


def test_latest_ticks_of_a_long_outage_are_found_without_walking_through_it() -> None:
    cron = Cron("* * * * *")
    now = datetime(2026, 11, 30, 12, 0, 30, tzinfo=UTC)
    begin = time.process_time()
    found = cron.latest_ticks(datetime(1990, 1, 1, tzinfo=UTC), now, 100)
    assert time.process_time() - begin < 5
    assert found[-1] == datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
    assert found[0] == found[-1] - timedelta(minutes=99)


def test_first_due_tick_counts_although_it_is_no_time_of_the_expression() -> None:
    due_at, now = (datetime(2026, 11, 30, hour, 7, tzinfo=UTC) for hour in (9, 11))
    assert Cron("0 * * * *").latest_ticks(due_at, now, 9) == [
        due_at,
        datetime(2026, 11, 30, 10, tzinfo=UTC),
        datetime(2026, 11, 30, 11, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("0 0 30 2 *", "not a cron expression: the field is invalid: day-of-month"),
        ("0 0 */29 2 MON#5", "never matches"),
        ("61 * * * *", "the field is invalid: minute"),
        ("* * * * FUNDAY", "the field is invalid: day-of-week"),
        ("*/0 * * * *", "the field is invalid: minute"),
        ("5-1 * * * *", "the field is invalid: minute"),
        ("9" * 150 + " * * * *", "the field is invalid: minute"),
        ("٣ * * * *", "the field is invalid: minute"),
        ("1," * 5000 + "1 * * * *", "characters, more than 200"),
        ("* * * *", "five fields"),
        ("0 * * * * *", "five fields"),
        ("", "five fields"),
        ("@reboot", "five fields"),
        (5, "expression must be a text"),
    ],
)
def test_invalid_expression_is_refused_quickly(expression: object, message: str) -> None:
    begin = time.process_time()
    with pytest.raises(InvalidSchedule, match=re.escape(message)):
        Cron(expression)  # type: ignore[arg-type]
    assert time.process_time() - begin < 5


@settings(max_examples=200)
@given(st.lists(st.text("0123456789*/,-#LWMON ", max_size=5), min_size=5, max_size=5))
def test_any_text_is_a_schedule_or_refused(fields: list[str]) -> None:
    with suppress(InvalidJob):
        Cron(" ".join(fields))


@pytest.mark.parametrize(
    ("zone", "hint"),
    [
        ("Berlin", "Did you mean 'Europe/Berlin'?"),
        ("europe/berlin ", "Did you mean 'Europe/Berlin'?"),
        ("Europe", "IANA name"),
        ("/etc/passwd", "IANA name"),
        ("", "IANA name"),
        ("\0", "IANA name"),
        ("Europe/" * 100_000, "IANA name"),
    ],
)
def test_unknown_time_zone_is_refused_with_a_hint(zone: str, hint: str) -> None:
    with pytest.raises(InvalidSchedule, match="There is no time zone") as caught:
        Cron("0 5 * * *", timezone=zone)
    assert hint in (caught.value.hint or "")


def test_job_without_a_schedule_loads_neither_cronsim_nor_time_zones() -> None:
    code = (
        "import sys\n"
        "from jobgen_runtime import Job\n"
        "class Base(Job):\n"
        "    max_attempts = 3\n"
        "sys.exit(str({'cronsim', 'zoneinfo'} & sys.modules.keys() or '') or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
