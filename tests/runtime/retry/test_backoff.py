"""The backoff policies: how the delay grows, its cap, and its jitter."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jobgen_runtime import ConstantBackoff, ExponentialBackoff, Job, LinearBackoff
from jobgen_runtime.retry import Backoff

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

# Far beyond what a row can count, and beyond what a float or a timedelta can hold.
ATTEMPTS = st.one_of(st.integers(1, 100), st.integers(1, 10**400))
INTERVALS = st.timedeltas(timedelta(0), timedelta.max)
JITTERS = st.floats(0, 1)


def test_default_backoff_of_a_job_is_a_constant_delay_of_30_seconds() -> None:
    assert Job.backoff == ConstantBackoff(timedelta(seconds=30))


@pytest.mark.parametrize(
    ("policy", "delays"),
    [
        (ConstantBackoff(SECOND), [1, 1, 1, 1, 1]),
        (LinearBackoff(SECOND), [1, 2, 3, 4, 5]),
        (LinearBackoff(SECOND, cap=timedelta(seconds=3.5)), [1, 2, 3, 3.5, 3.5]),
        (ExponentialBackoff(SECOND), [2, 4, 8, 16, 32]),
        (ExponentialBackoff(SECOND, cap=timedelta(seconds=10)), [2, 4, 8, 10, 10]),
    ],
    ids=["constant", "linear", "linear with a cap", "exponential", "exponential with a cap"],
)
def test_delays_after_the_first_five_attempts(policy: Backoff, delays: list[float]) -> None:
    assert [policy.delay(n).total_seconds() for n in range(1, 6)] == delays


@given(INTERVALS, ATTEMPTS)
def test_constant_backoff_is_its_interval_after_any_number_of_attempts(
    interval: timedelta, attempts: int
) -> None:
    assert ConstantBackoff(interval).delay(attempts) == interval


@given(INTERVALS, INTERVALS, ATTEMPTS)
def test_linear_backoff_is_the_interval_times_the_attempts_up_to_its_cap(
    interval: timedelta, cap: timedelta, attempts: int
) -> None:
    delay = LinearBackoff(interval, cap).delay(attempts)
    microsecond = timedelta.resolution
    assert delay // microsecond == min(interval // microsecond * attempts, cap // microsecond)


@given(INTERVALS, INTERVALS, ATTEMPTS)
def test_exponential_backoff_doubles_the_interval_for_each_attempt_up_to_its_cap(
    interval: timedelta, cap: timedelta, attempts: int
) -> None:
    delay = ExponentialBackoff(interval, cap).delay(attempts)
    microsecond = timedelta.resolution
    doubled = interval // microsecond * 2 ** min(attempts, 64)
    assert delay // microsecond == min(doubled, cap // microsecond)


@pytest.mark.parametrize("policy", [LinearBackoff, ExponentialBackoff])
@pytest.mark.parametrize("attempts", [100_000, 2**31 - 1, 10**400])
def test_growing_backoffs_stop_at_one_day_by_default(
    policy: type[LinearBackoff | ExponentialBackoff], attempts: int
) -> None:
    assert policy(SECOND).delay(attempts) == DAY


@given(st.timedeltas(timedelta(0), DAY), st.timedeltas(timedelta(0), DAY), JITTERS, ATTEMPTS)
def test_jitter_shortens_a_delay_by_its_share_at_most(
    interval: timedelta, cap: timedelta, jitter: float, attempts: int
) -> None:
    for full, with_jitter in (
        (ConstantBackoff(interval), ConstantBackoff(interval, jitter)),
        (LinearBackoff(interval, cap), LinearBackoff(interval, cap, jitter)),
        (ExponentialBackoff(interval, cap), ExponentialBackoff(interval, cap, jitter)),
    ):
        longest = full.delay(attempts)
        shortest = longest * (1 - jitter) - timedelta.resolution
        assert shortest <= with_jitter.delay(attempts) <= longest


@pytest.mark.parametrize(
    "policy",
    [
        ConstantBackoff(timedelta(seconds=100), jitter=0.2),
        LinearBackoff(timedelta(seconds=50), jitter=0.2),
        LinearBackoff(HOUR, cap=timedelta(seconds=100), jitter=0.2),
        ExponentialBackoff(timedelta(seconds=25), jitter=0.2),
        ExponentialBackoff(HOUR, cap=timedelta(seconds=100), jitter=0.2),
    ],
    ids=["constant", "linear", "linear with a cap", "exponential", "exponential with a cap"],
)
def test_jitter_spreads_delays_over_its_whole_share(policy: Backoff) -> None:
    delays = {policy.delay(2).total_seconds() for _ in range(200)}
    assert len(delays) > 100
    assert 80 <= min(delays) < 85
    assert 95 < max(delays) <= 100


@pytest.mark.parametrize("policy", [ConstantBackoff, LinearBackoff, ExponentialBackoff])
@pytest.mark.parametrize("interval", [-SECOND, 30], ids=["negative", "a number"])
def test_backoff_refuses_an_interval_that_is_not_a_duration(
    policy: type[ConstantBackoff | LinearBackoff | ExponentialBackoff], interval: timedelta
) -> None:
    with pytest.raises(ValueError, match="interval must be a timedelta of zero or more, not "):
        policy(interval)


@pytest.mark.parametrize("policy", [LinearBackoff, ExponentialBackoff])
@pytest.mark.parametrize("cap", [-SECOND, 0.2], ids=["negative", "a number"])
def test_backoff_refuses_a_cap_that_is_not_a_duration(
    policy: type[LinearBackoff | ExponentialBackoff], cap: timedelta
) -> None:
    with pytest.raises(ValueError, match="cap must be a timedelta of zero or more, not "):
        policy(SECOND, cap)


@pytest.mark.parametrize("policy", [ConstantBackoff, LinearBackoff, ExponentialBackoff])
@pytest.mark.parametrize("jitter", [-0.1, 1.1, float("nan")])
def test_backoff_refuses_a_jitter_outside_of_0_to_1(
    policy: type[ConstantBackoff | LinearBackoff | ExponentialBackoff], jitter: float
) -> None:
    with pytest.raises(ValueError, match="jitter must be a number from 0 to 1, not "):
        policy(SECOND, jitter=jitter)
