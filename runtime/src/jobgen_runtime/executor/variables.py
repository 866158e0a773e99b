"""The context variables of an attempt, separate from those of others."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from contextvars import Context, ContextVar, copy_context


def variables_factory() -> Callable[[], Context]:
    """Return a function that makes the variables of one attempt, from the current ones.

    A copy of the variables alone would share one object between all attempts: the context of
    `decimal`, with its precision, rounding and traps. An application's own is copied for each. One
    with Python's defaults, which exists only because a library has read it, is left out instead:
    the first use of `decimal` in an attempt makes another.
    """
    current = copy_context()
    shared = None if _DECIMAL is None else current.get(_DECIMAL)
    if _DECIMAL is None or shared is None:
        return current.copy
    if not _is_default(shared):

        def make() -> Context:
            variables = current.copy()
            variables.run(_copy_decimal_context)
            return variables

        return make
    variables = Context()
    for variable, value in current.items():
        if variable is not _DECIMAL:
            variables.run(variable.set, value)
    return variables.copy


def _copy_decimal_context() -> None:
    decimal.setcontext(decimal.getcontext().copy())


def _decimal_variable() -> ContextVar[decimal.Context] | None:
    """Return the variable in which `decimal` keeps its context, which has no public name."""
    variables = Context()
    variables.run(decimal.getcontext)
    return next(iter(variables), None)


def _is_default(context: decimal.Context) -> bool:
    """Return whether the context is as the first use of `decimal` makes it.

    Its flags do not count: they only record which signals have occurred.
    """
    copied, default = context.copy(), decimal.DefaultContext.copy()
    copied.clear_flags()
    default.clear_flags()
    return repr(copied) == repr(default)


_DECIMAL = _decimal_variable()
