"""`Recurrence`: what `Cron` and `Every` have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from typing import Literal, get_args

from jobgen_runtime.contract.errors import InvalidJob

CatchUp = Literal["latest", "skip", "all"]
"""Which of the ticks that nothing ran insert a job: the latest one, none, or all up to a limit."""

MAX_CATCH_UP_LIMIT = 10_000

MAX_NAME_LENGTH = 200


class InvalidSchedule(InvalidJob):
    """A schedule has an invalid expression, time zone or option."""


@dataclass(frozen=True)
class Recurrence(ABC):
    """A rule for the moments, called ticks, at which a job is inserted.

    Attributes:
        name: Identifies the schedule among those of its job table.
        values: The values of the job's columns, by the record's attribute.
        catch_up: Which ticks that were missed insert a job.
        catch_up_limit: With `catch_up="all"`, how many missed ticks insert a job, at most.
    """

    _: KW_ONLY
    name: str = "default"
    values: Mapping[str, object] = field(default_factory=dict)
    catch_up: CatchUp = "latest"
    catch_up_limit: int = 100

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip():
            raise self._refuse("name", "must be a text that is not empty")
        if len(self.name) > MAX_NAME_LENGTH or not self.name.isprintable():
            raise self._refuse("name", f"must have at most {MAX_NAME_LENGTH} printable characters")
        if not isinstance(self.values, Mapping):
            raise self._refuse("values", "must be a dictionary of values by column")
        if self.catch_up not in get_args(CatchUp):
            raise self._refuse("catch_up", 'must be "latest", "skip" or "all"')
        limit = self.catch_up_limit
        is_integer = isinstance(limit, int) and not isinstance(limit, bool)
        if not is_integer or not 1 <= limit <= MAX_CATCH_UP_LIMIT:
            raise self._refuse(
                "catch_up_limit", f"must be an integer from 1 to {MAX_CATCH_UP_LIMIT:,}"
            )

    @property
    @abstractmethod
    def text(self) -> str:
        """Return the rule as the column `expression` of `job_schedules` has it."""

    @property
    @abstractmethod
    def zone_name(self) -> str:
        """Return the time zone as the column `timezone` of `job_schedules` has it."""

    @abstractmethod
    def next_after(self, tick: datetime) -> datetime | None:
        """Return the tick that follows a tick or, for a new schedule, the present.

        Returns:
            A moment in UTC; None if there is none within 50 years.
        """

    @abstractmethod
    def latest_ticks(self, due_at: datetime, now: datetime, count: int) -> list[datetime]:
        """Return the last ticks from `due_at` to `now`, in order.

        Args:
            due_at: A tick that is not later than `now`.
            now: The present.
            count: How many ticks to return, at most.

        Returns:
            At least one moment, in UTC.
        """

    def _refuse(self, option: str, rule: str) -> InvalidSchedule:
        value = getattr(self, option)
        return InvalidSchedule(f"{type(self).__name__}: {option} {rule}, not {value!r}.")
