"""The text of an exception in `last_error`."""

from __future__ import annotations

import asyncio
import traceback
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jobgen_runtime.contract.error_summary import error_summary, split_summary
from jobgen_runtime.contract.requests import Cancel
from jobgen_runtime.executor.error_text import MAX_CHARACTERS, format_error
from psycopg.errors import UniqueViolation
from pydantic import BaseModel


@given(st.text(st.characters(), max_size=300), st.integers(1, 300))
def test_error_text_fits_a_row_whatever_the_message(message: str, times: int) -> None:
    text = format_error(ValueError(message * times))
    assert len(text) <= MAX_CHARACTERS
    assert "\0" not in text
    text.encode()


def test_long_error_keeps_its_innermost_frames() -> None:
    def fall(depth: int) -> None:
        if depth == 0:
            raise ValueError("the reason")
        # Not one frame over and over, which a traceback prints once.
        exec(f"def f{depth}(d): fall(d)\nf{depth}({depth - 1})", {"fall": fall})  # noqa: S102 -- the deep stack

    with pytest.raises(ValueError, match="reason") as caught:
        fall(200)
    text = format_error(caught.value)
    assert len(text) == MAX_CHARACTERS
    assert text.endswith("ValueError: the reason")


def raised(error: BaseException) -> str:
    try:
        raise error  # noqa: TRY301 -- the error is the point
    except BaseException as caught:  # noqa: BLE001 -- a test raises anything
        return format_error(caught)


def noted() -> ValueError:
    error = ValueError("no stock")
    error.add_note("Ask the warehouse.")
    return error


ODD_PLACE: Any = ("f", "one", 2, 3)
REASONS: list[tuple[BaseException, str]] = [
    (ValueError("no stock"), "ValueError: no stock"),
    (ValueError(), "ValueError"),
    (noted(), "ValueError: no stock"),
    (ValueError("duplicate key\nDETAIL:  Key (a).\nHINT:  None."), "ValueError: duplicate key"),
    (ValueError("first\n\nlast"), "ValueError: first"),
    (ValueError("\n  indented"), "ValueError: indented"),
    (ValueError("a\x00b"), "ValueError: a\\x00b"),
    (ValueError('of a server:\nTraceback\n  File "x"\nEnd: z'), "ValueError: of a server:"),
    (UniqueViolation("duplicate key\nDETAIL:  x"), "psycopg.errors.UniqueViolation: duplicate key"),
    (SyntaxError("odd", ODD_PLACE), "SyntaxError: odd (f)"),
    (SyntaxError("bad", ("f", 1, 2, "x = = 1")), "SyntaxError: bad"),
    (
        ExceptionGroup("two failed", [ValueError("one"), KeyError("two")]),
        "ExceptionGroup: two failed (2 sub-exceptions): ValueError: one",
    ),
    (
        ExceptionGroup("a", [ExceptionGroup("b", [ValueError("one\ntwo")])]),
        "ExceptionGroup: a (1 sub-exception): ExceptionGroup: b (1 sub-exception): ValueError: one",
    ),
    (
        ExceptionGroup("a", [Cancel("gone"), ValueError("one")]),
        "ExceptionGroup: a (2 sub-exceptions): ValueError: one",
    ),
]


@pytest.mark.parametrize(("error", "reason"), REASONS)
def test_reason_of_a_traceback_is_the_message_of_its_exception(
    error: BaseException, reason: str
) -> None:
    assert error_summary(raised(error)) == reason
    error.__cause__ = RuntimeError("before")
    assert error_summary(raised(error)) == reason


@given(st.text(st.characters(codec="utf-8"), max_size=50).filter(str.strip))
def test_reason_is_one_line_for_any_message(message: str) -> None:
    for error in (ValueError(message), ExceptionGroup("group", [ValueError(message)])):
        reason = error_summary(raised(error))
        assert "ValueError" in reason
        assert "\n" not in reason


@pytest.mark.parametrize(
    ("summary", "parts"),
    [
        ("ValueError: no stock: 3", ("ValueError", "no stock: 3")),
        ("ValueError", ("ValueError", "")),
        ("psycopg.errors.UniqueViolation: a", ("psycopg.errors.UniqueViolation", "a")),
        ("socket.timeout: a", ("socket.timeout", "a")),
        ("shop.f.<locals>.Sold: a", ("shop.f.<locals>.Sold", "a")),
        ("Größenfehler: a", ("Größenfehler", "a")),
        ("It ran longer than its timeout of 0:00:02.", ("", None)),
        ("The child process cannot run the job: ValueError: a", ("", None)),
        ("note: 3", ("", None)),
        ("", ("", None)),
    ],
)
def test_summary_is_split_into_class_and_message(
    summary: str, parts: tuple[str, str | None]
) -> None:
    name, message = parts
    assert split_summary(summary) == (name, summary if message is None else message)


def test_summary_of_each_kind_of_error_has_its_class_and_message() -> None:
    class Order(BaseModel):
        quantity: int

    def chained() -> None:
        try:
            {"name": 1}["sku"]
        except KeyError as error:
            raise LookupError("unknown SKU 4711-B\nsecond line") from error

    def compiled() -> None:
        compile("x = = 1", "orders.py", "exec")

    for make, parts in (
        (
            lambda: Order.model_validate({"quantity": "x"}),
            ("pydantic_core._pydantic_core.ValidationError", "1 validation error for Order"),
        ),
        (chained, ("LookupError", "unknown SKU 4711-B")),
        (compiled, ("SyntaxError", "invalid syntax")),
        (lambda: asyncio.run(asyncio.wait_for(asyncio.sleep(9), 0)), ("TimeoutError", "")),
    ):
        with pytest.raises(Exception) as caught:  # noqa: PT011 -- each is another
            make()
        for text in (
            format_error(caught.value),
            "".join(traceback.format_exception(caught.value)),
        ):
            assert split_summary(error_summary(text)) == parts


def test_reason_of_a_plain_text_is_its_first_line() -> None:
    failed = raised(ValueError("no stock"))
    assert error_summary("") == ""
    assert error_summary("Cancelled: sold out\nfor ever") == "Cancelled: sold out"
    assert error_summary(f"It ran too long.\n\n{failed}") == "It ran too long."
    assert error_summary(f"It cannot start:\n{failed}") == "It cannot start: ValueError: no stock"


def test_reason_is_found_in_a_cut_traceback() -> None:
    text = raised(ExceptionGroup("many", [ValueError("x" * 1500 + str(n)) for n in range(40)]))
    assert len(text) == MAX_CHARACTERS
    assert error_summary(text).startswith("ExceptionGroup: many (40 sub-exceptions): ValueError: x")
