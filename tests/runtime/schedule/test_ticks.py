"""What a schedule inserts once it is due, after outages too; intervals; reading expressions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from jobgen_runtime import Cron, Every
from jobgen_runtime.schedule import CatchUp, InvalidSchedule, Recurrence
from jobgen_runtime.schedule.expressions import read_schedule
from jobgen_runtime.schedule.ticks import Decision, corrected_tick, decide_ticks

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FIVE = 5 * MINUTE


def both(**options: object) -> list[Recurrence]:
    return [Cron("*/5 * * * *", **options), Every(FIVE, **options)]  # type: ignore[arg-type]


def test_new_schedule_inserts_nothing_and_is_due_at_its_first_tick() -> None:
    now = NOON + MINUTE
    assert decide_ticks(Cron("*/5 * * * *"), None, now) == Decision((), NOON + FIVE)
    assert decide_ticks(Every(FIVE), None, now) == Decision((), NOON + 6 * MINUTE)


@pytest.mark.parametrize("catch_up", ["latest", "skip", "all"])
def test_tick_on_time_is_inserted_by_every_policy(catch_up: CatchUp) -> None:
    for schedule in both(catch_up=catch_up):
        for late in (timedelta(0), timedelta(seconds=3), MINUTE):
            decision = decide_ticks(schedule, NOON, NOON + late)
            assert decision == Decision((NOON,), NOON + FIVE)


def test_missed_ticks_are_caught_up_by_the_policy() -> None:
    now = NOON + 62 * MINUTE
    ticks = tuple(NOON + number * FIVE for number in range(13))
    following = NOON + 13 * FIVE
    for schedule in both():
        assert decide_ticks(schedule, NOON, now) == Decision(ticks[-1:], following)
    for schedule in both(catch_up="skip"):
        assert decide_ticks(schedule, NOON, now) == Decision((), following)
    for schedule in both(catch_up="all"):
        assert decide_ticks(schedule, NOON, now) == Decision(ticks, following)
    for schedule in both(catch_up="all", catch_up_limit=3):
        assert decide_ticks(schedule, NOON, now) == Decision(ticks[-3:], following)


def test_moment_of_another_time_zone_is_the_same_tick() -> None:
    moment = NOON.astimezone(timezone(timedelta(hours=-7)))
    for schedule in both():
        assert decide_ticks(schedule, moment, moment) == Decision((NOON,), NOON + FIVE)


def test_schedule_that_ends_with_the_calendar_is_never_due_again() -> None:
    end = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    for schedule in both():
        assert decide_ticks(schedule, end, end) == Decision((end,), None)


def test_computed_tick_is_corrected_if_it_is_not_the_next_one() -> None:
    # The rules of the time zone have changed, or the clock was a day ahead.
    for wrong in (NOON + 4 * MINUTE, NOON + timedelta(days=1)):
        assert corrected_tick(Cron("*/5 * * * *"), wrong, NOON) == NOON + FIVE
    assert corrected_tick(Cron("*/5 * * * *"), NOON + FIVE, NOON) is None
    assert corrected_tick(Cron("*/5 * * * *"), NOON - FIVE, NOON) is None
    assert corrected_tick(Every(FIVE), NOON + timedelta(days=1), NOON) == NOON + FIVE
    assert corrected_tick(Every(FIVE), NOON + 4 * MINUTE, NOON) is None


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("@every 5m", FIVE),
        ("@every 1h30m", timedelta(hours=1.5)),
        ("@every 1d1s", timedelta(days=1, seconds=1)),
    ],
)
def test_interval_is_written_and_read(text: str, interval: timedelta) -> None:
    assert Every(interval).text == text
    assert read_schedule(f" {text.upper()} ", "Nowhere") == Every(interval)


def test_cron_expression_is_written_and_read() -> None:
    cron = Cron(" 0  5 * * mon", timezone="Europe/Berlin")
    assert cron.text == "0 5 * * mon"
    assert read_schedule(cron.text, "Europe/Berlin", {"catch_up": "all"}).catch_up == "all"


@pytest.mark.parametrize(
    "text",
    ["@every", "@every ", "@every 5", "@every 0s", "@every 5m5m", "@every 99999999d", "@every -5m"],
)
def test_invalid_interval_is_refused(text: str) -> None:
    with pytest.raises(InvalidSchedule):
        read_schedule(text)


@pytest.mark.parametrize("interval", [0, timedelta(0), timedelta(milliseconds=1500), FIVE * 10**7])
def test_interval_of_part_of_a_second_or_of_decades_is_refused(interval: object) -> None:
    with pytest.raises(InvalidSchedule, match="Every: interval must be"):
        Every(interval)  # type: ignore[arg-type]
