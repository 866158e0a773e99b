"""Check the option `on_failed`: the kind of job that reports failures."""

from __future__ import annotations

from collections.abc import Sequence

from jobgen_runtime.contract.errors import InvalidJob
from jobgen_runtime.job_table.reports import FAILED_ERROR, FAILED_ID, FAILED_TABLE

_HINT = "`jobgen job ReportFailure --on-failed` writes such a job."


def check_on_failed(cls: type) -> None:
    """Check the class that reports the failures of a job class.

    Raises:
        InvalidJob: It cannot report them. The message says why.
    """
    reporter: object = getattr(cls, "on_failed", None)
    if reporter is None:
        return
    option = f"{cls.__qualname__}.on_failed"
    # Job itself imports this module.
    record = getattr(reporter, "record", None) if isinstance(reporter, type) else None
    table = getattr(record, "__table__", None)
    if table is None or not callable(getattr(reporter, "perform", None)):
        raise InvalidJob(f"{option} must be None or a job class, not {reporter!r}.", hint=_HINT)
    name = getattr(reporter, "__qualname__", "")
    if table is getattr(getattr(cls, "record", None), "__table__", None):
        raise InvalidJob(
            f"{option} is {name}, whose jobs are in the same table: a report that fails would "
            "report itself.",
            hint="Set on_failed = None on the class that reports failures.",
        )
    columns: Sequence[str] = table.columns
    missing = [column for column in (FAILED_TABLE, FAILED_ID) if column not in columns]
    if missing:
        raise InvalidJob(
            f"{option} is {name}, whose table {table.qualified_name} has no column "
            f"{' and no column '.join(missing)}.",
            hint=f"Add {FAILED_TABLE} TEXT NOT NULL and {FAILED_ID} UUID NOT NULL to it. {_HINT}",
        )
    written = (FAILED_TABLE, FAILED_ID, FAILED_ERROR)
    required = [column for column in table.required if column not in written]
    if required:
        raise InvalidJob(
            f"{option} is {name}, whose table {table.qualified_name} requires a value of "
            f"{', '.join(required)}, which the report of a failure does not have.",
            hint="Give such a column a default in Schema.sql, or let it be NULL.",
        )
