"""The context variables that every attempt has for itself."""

from __future__ import annotations

import decimal
from contextvars import Context, ContextVar

from jobgen_runtime.contract.context import JobContext, current_job


def set_own_variables(context: JobContext) -> None:
    """Let the code that follows, in its own copy of the context variables, belong to an attempt.

    The copy alone would share one object between all attempts: the context of `decimal`, with its
    precision, rounding and traps, if the application has used it before the worker started.
    Otherwise the attempt's first use of `decimal` makes one for its copy alone.
    """
    current_job.set(context)
    if _DECIMAL is not None and (shared := _DECIMAL.get(None)) is not None:
        decimal.setcontext(shared.copy())


def _decimal_variable() -> ContextVar[decimal.Context] | None:
    """Return the variable in which `decimal` keeps its context, which has no public name."""
    variables = Context()
    variables.run(decimal.getcontext)
    return next(iter(variables), None)


_DECIMAL = _decimal_variable()
