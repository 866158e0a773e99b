"""Which ids the search for expired jobs reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from jobgen_runtime.retention.scan import FIRST_ID, LAST_ID, IdRange, Scan, first_id_at

DAY = 86_400.0
NOW = datetime(2026, 11, 30, tzinfo=UTC).timestamp()


def test_first_search_reads_all_old_ids_and_those_that_do_not_follow_the_time() -> None:
    old, ahead = Scan(timedelta(days=30)).next_ranges(NOW)
    assert old == IdRange(FIRST_ID, first_id_at(NOW - 30 * DAY))
    assert ahead == IdRange(first_id_at(NOW + DAY), LAST_ID)
    # Almost all random ids are in the second range, whatever they are.
    assert sum(ahead.after < uuid4() <= ahead.until for _ in range(200)) > 150


def test_later_searches_read_what_has_become_old_since_and_the_last_hour_again() -> None:
    scan = Scan(timedelta(days=30))
    scan.next_ranges(NOW)
    for minute in (1, 2):
        [ids] = scan.next_ranges(NOW + 60 * minute)
        before = NOW + 60 * (minute - 1) - 30 * DAY
        assert ids == IdRange(first_id_at(before - 3600), first_id_at(before + 60))


def test_all_old_ids_are_read_again_once_a_day() -> None:
    scan = Scan(timedelta(days=30))
    scan.next_ranges(NOW)
    assert len(scan.next_ranges(NOW + DAY - 1)) == 1
    assert next(ids.after for ids in scan.next_ranges(NOW + DAY)) == FIRST_ID
    assert len(scan.next_ranges(NOW + DAY + 60)) == 1


@pytest.mark.parametrize(
    ("keep", "interval"),
    [(timedelta(milliseconds=1), 1.0), (timedelta(minutes=5), 30.0), (timedelta(days=365), 60.0)],
)
def test_interval_between_searches_follows_the_retention(keep: timedelta, interval: float) -> None:
    assert Scan(keep).interval == interval


def test_first_id_of_a_moment_is_at_most_every_id_of_it() -> None:
    # The example of RFC 9562, A.6: 2022-02-22 19:22:22 UTC.
    id_ = UUID("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")
    moment = datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC).timestamp()
    assert first_id_at(moment) <= id_ < first_id_at(moment + 0.001)
    assert first_id_at(moment).hex[:12] == id_.hex[:12]


def test_moments_without_an_id_give_the_nearest_one() -> None:
    assert first_id_at(-1e9) == FIRST_ID
    assert first_id_at(1e15).hex[:12] == "f" * 12
