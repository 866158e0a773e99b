"""The context variables that every attempt has for itself."""

from __future__ import annotations

import decimal

from jobgen_runtime.contract.context import JobContext, current_job


def set_own_variables(context: JobContext) -> None:
    """Let the code that follows, in its own copy of the context variables, belong to an attempt.

    The copy alone would share one object between all attempts: the context of `decimal`, with its
    precision, rounding and traps.
    """
    current_job.set(context)
    decimal.setcontext(decimal.getcontext().copy())
