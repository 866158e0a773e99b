"""Every log record is one line of valid JSON, whatever is in it."""

from __future__ import annotations

import json
import logging
import math
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from jobgen_runtime.cli.json_logs import JsonFormatter


class Broken:
    def __str__(self) -> str:
        raise ValueError

    def __repr__(self) -> str:
        raise ValueError


class BrokenKey(Broken):
    __hash__ = object.__hash__


class BrokenMapping(dict[Any, Any]):
    def items(self) -> Any:
        raise RuntimeError


class NotText:
    def __str__(self) -> str:
        return 5  # type: ignore[return-value]  # noqa: PLE0307 -- on purpose


class OddText(str):
    __slots__ = ()

    def __str__(self) -> str:
        raise ValueError


def cycle() -> list[Any]:
    items: list[Any] = [1, {}]
    items[1]["items"] = items
    items.append(items)
    return items


def deep() -> list[Any]:
    items: list[Any] = []
    for _ in range(5000):
        items = [items]
    return items


ODD: list[Any] = [
    *(Broken(), BrokenMapping(a=1), NotText(), OddText("odd"), cycle(), deep(), object(), Broken),
    *(math.nan, math.inf, -math.inf, 10**5000, b"\xff", "\ud800", Decimal("NaN"), UUID(int=0)),
    *({(1, 2): 3}, {BrokenKey(): 1}, {None: 1, 1.5: 2, b"": 3}, {1, "a"}, range(3), (1, (2,))),
]
odd_values = st.integers(0, len(ODD) - 1).map(lambda index: ODD[index])
values = st.recursive(
    odd_values | st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
)


def formatted(message: Any, *arguments: Any, **extra: Any) -> dict[str, Any]:
    record = logging.makeLogRecord(
        {"msg": message, "args": arguments, "levelname": "INFO", "name": "shop"}
    )
    record.__dict__ |= dict.fromkeys(("process_number", "job", "job_id", "attempt")) | extra

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    line = JsonFormatter().format(record)
    assert "\n" not in line
    read: dict[str, Any] = json.loads(line, parse_constant=refuse)
    return read


@given(values, values, st.text())
def test_any_extra_is_one_line_of_valid_json(value: Any, other: Any, text: str) -> None:
    read = formatted(text, basket=value, other={"list": [other]})
    assert read["message"] == text
    assert read["logger"] == "shop"
    assert ("basket" in read) is (value is not None)


def test_message_that_cannot_be_formatted_is_one_line_of_valid_json() -> None:
    assert "%d items" in formatted("%d items", "no")["message"]
    assert "cannot be written" in formatted("%s", Broken())["message"]
    assert "cannot be written" in formatted(Broken())["message"]


def test_values_that_json_has_are_written_as_they_are() -> None:
    extra = {"number": 1, "share": 0.5, "list": [1, None, {"a": True}], "text": "é"}
    assert formatted("m", **extra).items() >= extra.items()
    assert formatted("m", **extra, odd=Broken()).items() >= extra.items()
    assert formatted("m", odd={(1, 2): math.nan})["odd"] == {"(1, 2)": "nan"}
