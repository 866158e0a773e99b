"""The lease of a worker: when it is lost, and when the process must exit."""

from __future__ import annotations

from uuid import uuid4

from jobgen_runtime.heartbeat.lease import Intervals, Lease


def test_lease_turns_stale_counting_from_before_the_heartbeat_was_sent() -> None:
    lease = Lease(Intervals(heartbeat=10))
    assert lease.can_be_acquired
    worker = uuid4()
    lease.acquire(worker, sent=100)
    lease.renew(sent=110)
    assert not lease.is_stale(at=140)
    assert lease.is_stale(at=141)
    assert lease.mark_lost(at=141)
    assert not lease.mark_lost(at=142)
    assert not lease.can_be_acquired
    assert not lease.must_exit(at=160)
    assert lease.must_exit(at=161)
    lease.clear()
    assert lease.can_be_acquired
    assert not lease.must_exit(at=1000)


def test_process_that_was_stopped_has_one_heartbeat_to_cancel_its_jobs() -> None:
    lease = Lease(Intervals(heartbeat=10))
    lease.acquire(uuid4(), sent=0)
    lease.mark_lost(at=1000)
    assert not lease.must_exit(at=1010)
    assert lease.must_exit(at=1011)


def test_lease_expires_only_after_its_worker_has_given_up_and_exited() -> None:
    intervals = Intervals()
    order = [intervals.heartbeat, intervals.give_up_after, intervals.exit_after]
    assert order == sorted(set(order))
    assert intervals.exit_after < intervals.expires_after.total_seconds()
