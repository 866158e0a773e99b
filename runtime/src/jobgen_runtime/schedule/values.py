"""Write the values of a schedule as JSON, from which the database fills the columns of a job."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from uuid import UUID

from jobgen_runtime.schedule.recurrence import InvalidSchedule


def values_as_json(values: Mapping[str, object]) -> str:
    """Return values by column as a JSON object.

    What JSON does not have is written as the text that PostgreSQL reads for such a column.

    Raises:
        InvalidSchedule: A value is of a type that cannot be written.
    """
    written = {column: _json(column, value) for column, value in values.items()}
    # Sorted, so that equal values are equal texts.
    return json.dumps(written, sort_keys=True, ensure_ascii=False, allow_nan=False)


def _json(column: str, value: object) -> object:
    result: object
    match value:
        case Enum():
            result = _json(column, value.value)
        case None | bool() | int() | str():
            result = value
        case float():
            result = value if math.isfinite(value) else str(value)
        case UUID() | Decimal():
            result = str(value)
        case datetime() | date() | time():
            result = value.isoformat()
        case timedelta():
            result = f"{value.days} days {value.seconds}.{value.microseconds:06} seconds"
        case bytes():
            result = f"\\x{value.hex()}"
        case list() | tuple():
            result = [_json(column, item) for item in value]
        case dict():
            result = {str(key): _json(column, item) for key, item in value.items()}
        case _:
            raise InvalidSchedule(
                f"values: {column} is of the type {type(value).__name__}, which cannot be kept in "
                "a row.",
                hint="Give a text, a number, a date, a UUID, a list or a dictionary.",
            )
    return result
