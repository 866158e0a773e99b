"""Make records without a database, for tests of code that uses records."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from jobgen_runtime.record.errors import unknown_argument
from jobgen_runtime.table import Default, Now, Table

_VERSION_7 = 7 << 76
_VARIANT = 2 << 62
_RANDOM_BITS = 62


def built_attributes(
    table: Table,
    defaults: Mapping[str, object],
    given: Mapping[str, object],
    *,
    caller: str,
) -> dict[str, object]:
    """Return the attributes of a new record.

    An attribute whose default only the database knows is left out.

    Args:
        table: The record's table.
        defaults: The default of each column that has one: a value, a `Default` or a `Now`.
        given: The values by attribute.
        caller: The name of the public method, for error messages.

    Raises:
        TypeError: A required value is missing, or the record does not have an attribute.
    """
    column_of = table.column_of
    for attribute in given:
        if attribute not in column_of:
            raise unknown_argument(caller, attribute)
    missing = [table.attribute(c) for c in table.required if table.attribute(c) not in given]
    if missing:
        names = ", ".join(map(repr, missing))
        raise TypeError(f"{caller}() is missing the keyword argument {names}")
    now = datetime.now(UTC)
    attributes: dict[str, object] = {}
    for attribute, column in column_of.items():
        if attribute in given:
            attributes[attribute] = given[attribute]
            continue
        default = defaults.get(column)
        if default is Default.DATABASE:
            continue
        attributes[attribute] = _value(default, now)
    return attributes


def uuid7() -> UUID:
    """Return a new UUID of version 7: by RFC 9562, with the time in 1/4096 milliseconds.

    So the ids of records made in sequence ascend, like those of the database.
    """
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    fraction = (nanoseconds << 12) // 1_000_000
    random = int.from_bytes(os.urandom(8)) >> (64 - _RANDOM_BITS)
    return UUID(int=milliseconds << 80 | _VERSION_7 | fraction << 64 | _VARIANT | random)


def _value(default: object, now: datetime) -> object:
    match default:
        case Default.UUID7:
            return uuid7()
        case Default.UUID4:
            return uuid4()
        case Default.NOW:
            return now
        case Now(digits):
            return _rounded(now, digits)
        case _:
            return deepcopy(default)


def _rounded(moment: datetime, digits: int) -> datetime:
    """Return the nearest time with that many fractional digits of the seconds."""
    unit = 10 ** (6 - digits)
    excess = (moment.microsecond + unit // 2) % unit - unit // 2
    return moment - timedelta(microseconds=excess)
