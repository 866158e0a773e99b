"""The problems that a check finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import PurePosixPath


class Rule(Enum):
    """The kind of a problem; the values are its name in all formats."""

    JOB_NOT_REGISTERED = "job-not-registered"
    """A job that is not in a list of jobs."""
    REGISTRATION_UNREADABLE = "registration-unreadable"
    """A list of jobs whose entries cannot be determined from the file."""
    JOB_MISSING = "job-missing"
    """A list of jobs that imports a module or a class that does not exist."""
    PYTHON_INVALID = "python-invalid"
    """A module of the workers or of the dashboard that Python cannot read."""
    OPTION_UNKNOWN = "option-unknown"
    """An attribute of a job's class that is spelled like an option."""
    TYPES_OUTDATED = "types-outdated"
    """Typed records, or generated models, that do not match Schema.sql."""
    SCHEMA_INVALID = "schema-invalid"
    """A Schema.sql, or the names in it, that cannot be used."""
    TABLE_MISSING = "table-missing"
    """A job without a table in Schema.sql."""
    TABLE_INCOMPLETE = "table-incomplete"
    """A job's table without a column, an index or a trigger that the worker needs."""
    DATABASE_DIFFERS = "database-differs"
    """A database that differs from Schema.sql."""
    RUNTIME_DIFFERS = "runtime-differs"
    """A project whose jobgen-runtime has another version than jobgen."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem of a project.

    Attributes:
        rule: Its kind.
        message: What is wrong, as a sentence.
        path: The file that it is in; None for none.
        line: The line in the file, from 1.
        column: The column in the line, from 1.
        hint: What to do about it.
        is_fixable: Whether `jobgen check --fix` fixes it.
    """

    rule: Rule
    message: str
    path: PurePosixPath | None = None
    line: int | None = None
    column: int | None = None
    hint: str | None = None
    is_fixable: bool = False
