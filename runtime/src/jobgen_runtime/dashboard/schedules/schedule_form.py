"""The form of a schedule: its fields, and the schedule that they describe. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from jobgen_runtime.contract.errors import JobgenRuntimeError
from jobgen_runtime.control import ScheduleStatus
from jobgen_runtime.control.scheduled_jobs import check_values, read_values, with_values
from jobgen_runtime.dashboard.components.fields import Field
from jobgen_runtime.dashboard.components.select import Option
from jobgen_runtime.dashboard.database.discovery import JobTable
from jobgen_runtime.schedule import Recurrence
from jobgen_runtime.schedule.expressions import read_schedule
from jobgen_runtime.schedule.recurrence import (
    MAX_CATCH_UP_LIMIT,
    MAX_NAME_LENGTH,
    InvalidSchedule,
)
from jobgen_runtime.schedule.zones import find_zone
from jobgen_runtime.table import Table

MAX_DIGITS = 10
CATCH_UP = (
    Option("latest", "Create one job, for the latest"),
    Option("skip", "Create no job"),
    Option("all", "Create a job for each, up to the limit"),
)


class InvalidField(Exception):
    """A value of the form was not accepted: `message` says why, for the field `name`."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name
        self.message = message


@dataclass(frozen=True)
class ScheduleForm:
    """What the form is filled with: a text for each field, by its name."""

    expression: str = ""
    timezone: str = "UTC"
    values: str = "{}"
    catch_up: str = "latest"
    catch_up_limit: str = "100"

    @classmethod
    def of_request(cls, parameters: Mapping[str, str]) -> ScheduleForm:
        """Return the form as it was sent; what is missing has its default."""
        return cls(**{name: parameters[name] for name in _NAMES if name in parameters})

    @classmethod
    def of_schedule(cls, status: ScheduleStatus, table: JobTable) -> ScheduleForm:
        """Return the form of a schedule, without the values that pages do not show."""
        redacted = redacted_values(status, table)
        values = status.values
        if redacted:
            shown = {k: v for k, v in read_values(values).items() if k not in redacted}
            values = json.dumps(shown, ensure_ascii=False)
        return cls(
            status.expression, status.timezone, values, status.catch_up, str(status.catch_up_limit)
        )

    def schedule(self, name: str) -> Recurrence:
        """Return the schedule that the form describes; its values are not part of it.

        Raises:
            InvalidField: A field does not have a valid value.
        """
        settings = {
            "name": name,
            "catch_up": self.catch_up,
            "catch_up_limit": _limit(self.catch_up_limit),
        }
        try:
            find_zone(self.timezone)
        except InvalidSchedule as error:
            raise InvalidField("timezone", str(error)) from error
        try:
            read_schedule("@daily", options=settings)
        except InvalidSchedule as error:
            is_name = len(name.strip()) > 0 and len(name) <= MAX_NAME_LENGTH and name.isprintable()
            field = "catch_up" if is_name else "name"
            raise InvalidField(field, str(error).removeprefix("Cron: ")) from error
        try:
            return read_schedule(self.expression, self.timezone, settings)
        except InvalidSchedule as error:
            raise InvalidField("expression", str(error)) from error

    def job_values(self, table: JobTable, kept: Mapping[str, object]) -> str:
        """Return the values of the job's columns, a JSON object.

        Args:
            table: The job table.
            kept: Values that the form does not show; those that it has take precedence.

        Raises:
            InvalidField: They do not fit the table.
        """
        try:
            given = read_values(self.values)
            values = with_values(
                self.values, {name: kept[name] for name in kept if name not in given}
            )
            check_values(values_table(table), values)
        except JobgenRuntimeError as error:
            raise InvalidField("values", str(error)) from error
        return values

    def fields(self, table: JobTable | None, errors: Mapping[str, str]) -> list[Field]:
        """Return the fields, all but those for the kind and the name.

        Args:
            table: The job table; None if it is not chosen yet.
            errors: Why values were not accepted, by field.
        """
        own = [column.name for column in table.own_columns if column.writable] if table else []
        made = [
            _field("expression", "When", self.expression, required=True, hint=_WHEN_HINT),
            _field("timezone", "Time zone", self.timezone, hint="Such as Europe/Berlin."),
            replace(
                _field("values", "Values", self.values, hint=_values_hint(own)), control="textarea"
            ),
            replace(
                _field("catch_up", "For ticks that were missed", self.catch_up),
                control="select",
                options=CATCH_UP,
                required=True,
            ),
            replace(
                _field("catch_up_limit", "Limit", self.catch_up_limit),
                input_type="number",
                attributes={"min": "1", "max": str(MAX_CATCH_UP_LIMIT), "step": "1"},
            ),
        ]
        return with_errors(made, errors)


_NAMES = ("expression", "timezone", "values", "catch_up", "catch_up_limit")
_WHEN_HINT = "A cron expression such as 0 5 * * *, @daily or the like, or @every 1h30m."


def identity_fields(
    tables: Sequence[JobTable], chosen: JobTable | None, name: str, errors: Mapping[str, str]
) -> list[Field]:
    """Return the fields of a new schedule that say which one it is: the kind and the name."""
    kinds = tuple(Option(table.key, table.title) for table in tables)
    kind = _field("tableName", "Kind", chosen.key if chosen else "", required=True)
    made = [
        replace(kind, control="select", options=kinds),
        _field("name", "Name", name, required=True, hint="Unique among those of the kind."),
    ]
    return with_errors(made, errors)


def with_errors(fields: Sequence[Field], errors: Mapping[str, str]) -> list[Field]:
    """Return fields with their errors; one that has an error gets the focus."""
    return [
        replace(field, error=errors[field.name], is_focused=True) if field.name in errors else field
        for field in fields
    ]


def values_table(table: JobTable) -> Table:
    """Return a job table with the columns that a schedule can fill, for `control`."""
    columns = tuple(column.name for column in table.columns if column.writable)
    required = tuple(column.name for column in table.own_columns if column.required)
    return Table(table.name, schema=table.schema, columns=columns, required=required)


def redacted_values(status: ScheduleStatus, table: JobTable) -> dict[str, object]:
    """Return the values of a schedule that pages do not show, by column."""
    redacted = {column.name for column in table.columns if column.is_redacted}
    return {name: each for name, each in read_values(status.values).items() if name in redacted}


def _field(name: str, label: str, value: str, *, required: bool = False, hint: str = "") -> Field:
    return Field(name, label, "input", value, hint, required, attributes={})


def _values_hint(columns: Sequence[str]) -> str:
    which = f" The columns are {', '.join(columns)}." if columns else ""
    return f'A JSON object with values of the job\'s columns, such as {{"band": 7}}.{which}'


def _limit(text: str) -> int:
    is_number = text.isascii() and text.isdecimal() and len(text) <= MAX_DIGITS
    if is_number and 1 <= int(text) <= MAX_CATCH_UP_LIMIT:
        return int(text)
    raise InvalidField("catch_up_limit", f"Enter a whole number from 1 to {MAX_CATCH_UP_LIMIT:,}.")
