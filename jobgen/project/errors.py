"""Turns errors of the shared package into errors of the generator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from jobgen_runtime.contract.errors import ProjectError

from jobgen.errors import JobgenError


@contextmanager
def project_errors() -> Iterator[None]:
    """Raise a ProjectError of `jobgen_runtime.project` as a JobgenError with the same text."""
    try:
        yield
    except ProjectError as error:
        raise JobgenError(error.message, hint=error.hint) from None
