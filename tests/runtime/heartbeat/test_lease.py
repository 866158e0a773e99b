"""The lease of a worker: when it is lost, and when the process must exit."""

from __future__ import annotations

from uuid import uuid4

from jobgen_runtime.recovery.lease import Intervals, Lease


def test_a_lease_is_lost_in_time_and_counts_from_before_the_heartbeat_was_sent() -> None:
    lease = Lease(Intervals(heartbeat=10))
    assert lease.free
    worker = uuid4()
    lease.begin(worker, sent=100)
    lease.renewed(sent=110)
    assert not lease.stale(at=140)
    assert lease.stale(at=141)
    assert lease.lose(at=141)
    assert not lease.lose(at=142)
    assert not lease.free
    assert not lease.must_exit(at=160)
    assert lease.must_exit(at=161)
    lease.rest()
    assert lease.free
    assert not lease.must_exit(at=1000)


def test_a_process_that_was_stopped_for_long_gets_time_to_cancel_what_it_runs() -> None:
    lease = Lease(Intervals(heartbeat=10))
    lease.begin(uuid4(), sent=0)
    lease.lose(at=1000)
    assert not lease.must_exit(at=1010)
    assert lease.must_exit(at=1011)


def test_others_take_over_only_after_the_worker_itself_has_given_up() -> None:
    intervals = Intervals()
    order = [intervals.heartbeat, intervals.give_up, intervals.exit]
    assert order == sorted(set(order))
    assert intervals.exit < intervals.lifetime.total_seconds()
