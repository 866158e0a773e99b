"""The completions that replace one that the database refuses."""

from __future__ import annotations

from jobgen_runtime.contract.states import JobStatus
from jobgen_runtime.contract.transitions import Fail, Succeed
from jobgen_runtime.worker.refused_completions import replacements


def test_job_that_cannot_become_timed_out_fails_with_its_own_error_before_it_loses_that() -> None:
    tried = replacements(Fail(JobStatus.TIMED_OUT, "took too long"), "not today")
    keeping = [end.status for end in tried if "took too long" in end.error]
    assert keeping == [JobStatus.TIMED_OUT, JobStatus.FAILED]
    assert [end.status for end in tried[2:]] == [JobStatus.TIMED_OUT, JobStatus.FAILED]
    assert all("not today" in end.error for end in tried)


def test_job_that_cannot_succeed_fails_with_the_reason() -> None:
    [end] = replacements(Succeed(), "not today")
    assert end.status is JobStatus.FAILED
    assert "perform returned" in end.error
