"""The schedules of a job class, as rows of `job_schedules`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from jobgen_runtime.job_table.columns import JOB_COLUMNS
from jobgen_runtime.schedule.recurrence import InvalidSchedule, Recurrence


@dataclass(frozen=True, slots=True)
class Definition:
    """What the code says about one schedule, as the columns of its row have it."""

    name: str
    expression: str
    timezone: str
    values: str
    """A JSON object, by column."""
    catch_up: str
    catch_up_limit: int


def schedules_of(cls: Any) -> tuple[Recurrence, ...]:
    """Return the schedules of a job class; its option must have been checked."""
    option: object = getattr(cls, "schedule", None)
    if option is None:
        return ()
    return (option,) if isinstance(option, Recurrence) else tuple(option)  # type: ignore[arg-type]


def definitions_of(cls: Any) -> dict[str, Definition]:
    """Return the definitions of a job class by their name; its option must have been checked."""
    table = cls.record.__table__
    return {each.name: _define(each, table.column_of) for each in schedules_of(cls)}


def check_schedules(cls: Any) -> None:
    """Check the option `schedule` of a job class.

    Raises:
        InvalidSchedule: It is neither a schedule nor several of different names, or its values do
            not fit the record.
    """
    option: object = getattr(cls, "schedule", None)
    is_one = option is None or isinstance(option, Recurrence)
    if not is_one and not (
        isinstance(option, tuple | list) and all(isinstance(each, Recurrence) for each in option)
    ):
        raise InvalidSchedule(
            f"{cls.__qualname__}.schedule must be None, Cron(…), Every(…) or a tuple of these, "
            f"not {option!r}.",
        )
    found = schedules_of(cls)
    names = [each.name for each in found]
    for name in names:
        if names.count(name) > 1:
            raise InvalidSchedule(
                f"{cls.__qualname__}.schedule has {names.count(name)} schedules called {name!r}.",
                hint="Give each a name: Cron('0 5 * * *', name='morning').",
            )
    table = getattr(getattr(cls, "record", None), "__table__", None)
    if table is not None:
        for each in found:
            _check_values(cls, each, table)


def _check_values(cls: Any, schedule: Recurrence, table: Any) -> None:
    where, record = f"{cls.__qualname__}.schedule {schedule.name!r}", cls.record.__name__
    column_of: Mapping[str, str] = table.column_of
    own = [each for each, column in column_of.items() if column not in JOB_COLUMNS]
    for attribute in schedule.values:
        if attribute not in own:
            raise InvalidSchedule(
                f"{where}: values has {attribute!r}, which is not one of the columns of {record} "
                "that a schedule can fill.",
                hint=f"These are {', '.join(own)}." if own else f"{record} has none.",
            )
    given = {column_of[attribute] for attribute in schedule.values}
    missing = [each for each in own if column_of[each] in set(table.required) - given]
    if missing:
        raise InvalidSchedule(
            f"{where}: values must have {_listed(missing)}: the table has no default for it.",
            hint=f"Write values={{{', '.join(f'{each!r}: …' for each in missing)}}}.",
        )
    try:
        _define(schedule, column_of)
    except InvalidSchedule as error:
        raise InvalidSchedule(f"{where}: {error.message}", hint=error.hint) from None


def _define(schedule: Recurrence, column_of: Mapping[str, str]) -> Definition:
    from jobgen_runtime.schedule.values import values_as_json  # loaded for schedules only

    values = {column_of[attribute]: value for attribute, value in schedule.values.items()}
    return Definition(
        schedule.name,
        schedule.text,
        schedule.zone_name,
        values_as_json(values),
        schedule.catch_up,
        schedule.catch_up_limit,
    )


def _listed(names: Collection[str]) -> str:
    return " and ".join(names)
