"""The errors of the testing kit."""

from __future__ import annotations

from jobgen_runtime.contract.errors import JobgenRuntimeError


class TestingError(JobgenRuntimeError):
    """The testing kit cannot do what a test asks for."""

    __test__ = False


class JobNotSucceeded(JobgenRuntimeError):
    """A drained job timed out, or its row could not be read."""


class DrainLimitReached(JobgenRuntimeError):
    """A drain has run as many jobs as it may, and more are due."""


class NoTestDatabase(TestingError):
    """No server is there on which tests may create databases, or the server refuses it."""
