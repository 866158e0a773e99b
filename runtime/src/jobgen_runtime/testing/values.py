"""Values for columns that a test did not name, by the types of these columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from uuid import uuid4

from psycopg.types.json import Jsonb

_MODIFIER_HEADER = 4
"""What the modifiers of texts and numbers are greater by than what was written."""

_FIRST_DAY = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class NeededColumn:
    """A column that an INSERT must name.

    Attributes:
        name: The column's name.
        type: The name of its type in pg_type.
        is_enum: Whether that is an enum.
        is_array: Whether that is an array.
        modifier: The type's modifier: the length of a VARCHAR and the like; None without one.
        first_label: The first label of an enum.
    """

    name: str
    type: str
    is_enum: bool = False
    is_array: bool = False
    modifier: int | None = None
    first_label: str | None = None

    def value(self, number: int) -> object | None:
        """Return a value; None for a type for which none is known.

        Values with different numbers differ, where the type has that many.
        """
        if self.is_enum:
            return self.first_label
        if self.is_array:
            return []
        if self.type in {"varchar", "bpchar", "text", "citext", "name"}:
            return self._text(number)
        if self.type == "numeric":
            return self._numeric(number)
        make = _VALUES.get(self.type)
        return None if make is None else make(number)

    def _text(self, number: int) -> str:
        text = f"{self.name} {number}"
        if self.modifier is None:
            return text
        length = self.modifier - _MODIFIER_HEADER
        return text if len(text) <= length else str(number)[-length:]

    def _numeric(self, number: int) -> int:
        if self.modifier is None:
            return number
        precision, scale = divmod(self.modifier - _MODIFIER_HEADER, 1 << 16)
        whole_digits: int = max(precision - scale, 0)
        return number % int(10**whole_digits)


_VALUES: Mapping[str, Callable[[int], object]] = MappingProxyType(
    {
        "bool": lambda _: False,
        "bytea": lambda number: str(number).encode(),
        "cidr": lambda number: f"10.{number >> 8 & 255}.{number & 255}.0/24",
        "date": lambda number: _FIRST_DAY + timedelta(days=number),
        "float4": lambda number: number,
        "float8": lambda number: number,
        "inet": lambda number: f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
        "int2": lambda number: number % (1 << 15),
        "int4": lambda number: number,
        "int8": lambda number: number,
        "interval": lambda number: timedelta(seconds=number),
        "json": lambda _: Jsonb({}),
        "jsonb": lambda _: Jsonb({}),
        "time": lambda number: f"{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}",
        "timestamp": lambda number: (datetime.now(UTC) + timedelta(microseconds=number)).replace(
            tzinfo=None
        ),
        "timestamptz": lambda number: datetime.now(UTC) + timedelta(microseconds=number),
        "uuid": lambda _: uuid4(),
        "xml": lambda number: f"<row>{number}</row>",
        **{
            f"{name}range": lambda _: "empty"
            for name in ("int4", "int8", "num", "ts", "tstz", "date")
        },
    }
)
