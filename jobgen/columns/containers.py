"""Checks literals of arrays, ranges and multiranges by the check of what they contain."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, TypeAlias

from jobgen.columns.literal import InvalidLiteral

CheckText = Callable[[str], Any]
"""Takes the text of an element or a bound, and returns a value to compare."""

_Shape: TypeAlias = tuple[int, ...]

_ELEMENT = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^{}",;\\]+))\s*', re.DOTALL)
_BOUND = r'(?:"(?:[^"\\]|\\.|"")*"|[^",()\[\]\\]*)'
_RANGE = re.compile(rf"\s*(?:(empty)|([\[(])({_BOUND}),({_BOUND})([\])]))\s*", re.IGNORECASE)
_FIELD = re.compile(r'(?:^|,)(?:"((?:[^"\\]|\\.|"")*)"|([^",()\\]*))(?=,|$)', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_LARGEST = {"int4": 2**31 - 1, "int8": 2**63 - 1, "date": date.max}


def check_array(text: str, dimensions: int, check: CheckText, *, rejects_null: bool) -> None:
    """Check an array literal such as `{1,2}`.

    Args:
        text: The literal.
        dimensions: How many dimensions the array should have.
        check: The check of an element.
        rejects_null: Whether an element cannot be NULL.

    Raises:
        InvalidLiteral: It is not an array of that many dimensions, or an element is not valid.
    """
    stripped = text.strip()
    if re.fullmatch(r"\{\s*\}", stripped):
        return
    hint = f"Write it as {'{' * dimensions}a,b{'}' * dimensions}, or {{}} for an empty one."
    refusal = InvalidLiteral("an array", hint)
    shape, end = _read_array(stripped, 0, check, refusal, rejects_null=rejects_null)
    if end != len(stripped):
        raise refusal
    if len(shape) != dimensions:
        raise InvalidLiteral(f"an array with {dimensions} dimensions", hint)


def _read_array(
    text: str, position: int, check: CheckText, refusal: InvalidLiteral, *, rejects_null: bool
) -> tuple[_Shape, int]:
    """Read the array that begins at a position.

    Returns:
        Its length in each dimension, and the position after it.
    """
    if text[position : position + 1] != "{":
        raise refusal
    shapes: list[_Shape] = []
    position += 1
    while True:
        position += len(text[position:]) - len(text[position:].lstrip())
        if text[position : position + 1] == "{":
            shape, position = _read_array(text, position, check, refusal, rejects_null=rejects_null)
            position += len(text[position:]) - len(text[position:].lstrip())
        else:
            shape = ()
            element = _ELEMENT.match(text, position)
            if element is None or not (element[1] is not None or element[2].strip()):
                raise refusal
            _check_element(element, check, rejects_null=rejects_null)
            position = element.end()
        shapes.append(shape)
        if shape != shapes[0]:
            raise InvalidLiteral("an array whose parts have the same length", refusal.hint)
        separator = text[position : position + 1]
        position += 1
        if separator == "}":
            return (len(shapes), *shapes[0]), position
        if separator != ",":
            raise refusal


def _check_element(element: re.Match[str], check: CheckText, *, rejects_null: bool) -> None:
    if element[1] is not None:
        check(_ESCAPED.sub(r"\1", element[1]))
    elif element[2].strip().lower() != "null":
        check(element[2].strip())
    elif rejects_null:
        raise InvalidLiteral("an array without NULL, which the domain rejects")


def check_composite(text: str, checks: Sequence[tuple[CheckText, bool]]) -> None:
    """Check a literal of a composite type such as `(1,"a b")`; an empty field is NULL.

    Args:
        text: The literal.
        checks: For each attribute its check, and whether it rejects NULL.

    Raises:
        InvalidLiteral: It is not a row of the type, or a field is not valid.
    """
    stripped = text.strip()
    inner = stripped[1:-1]
    fields = list(_FIELD.finditer(inner))
    is_row = stripped == f"({inner})" and "".join(each[0] for each in fields) == inner
    # A type without attributes has one empty field.
    if not is_row or len(fields) != max(len(checks), 1) or (inner and not checks):
        hint = f"Write ({','.join('…' * len(checks))}), with an empty field for NULL."
        raise InvalidLiteral(f"a row of {len(checks)} fields", hint)
    for field, (check, rejects_null) in zip(fields, checks, strict=False):
        if field[1] is not None:
            check(_ESCAPED.sub(r"\1", field[1].replace('""', '\\"')))
        elif field[2]:
            check(field[2])
        elif rejects_null:
            raise InvalidLiteral("a row without NULL, which a domain rejects")


def check_range(text: str, check: CheckText, subtype: str) -> None:
    """Check a range literal such as `[1,10)`.

    Args:
        text: The literal.
        check: The check of a bound.
        subtype: PostgreSQL's name of the type of the bounds, if it is built in, or "".

    Raises:
        InvalidLiteral: It is not a range, or a bound is not valid.
    """
    match = _RANGE.fullmatch(text)
    if match is None:
        raise InvalidLiteral("a range", "Write it as [1,10), (,10) or empty.")
    _check_bounds(match, check, subtype)


def check_multirange(text: str, check: CheckText, subtype: str) -> None:
    """Check a multirange literal such as `{[1,5),[7,9)}`, like `check_range`.

    Raises:
        InvalidLiteral: It is not a multirange, or a bound is not valid.
    """
    stripped = text.strip()
    refusal = InvalidLiteral("a multirange", "Write it as {[1,5),[7,9)} or {}.")
    if not (stripped.startswith("{") and stripped.endswith("}")):
        raise refusal
    inner, position = stripped[1:-1], 0
    if not inner.strip():
        return
    while True:
        match = _RANGE.match(inner, position)
        if match is None:
            raise refusal
        _check_bounds(match, check, subtype)
        position = match.end()
        if position == len(inner):
            return
        if inner[position] != ",":
            raise refusal
        position += 1


def _check_bounds(match: re.Match[str], check: CheckText, subtype: str) -> None:
    empty, opening, low_text, high_text, closing = match.groups()
    if empty:
        return
    low, high = (None if text == "" else check(_bound(text)) for text in (low_text, high_text))
    largest = _LARGEST.get(subtype)
    if largest is not None and (
        (low == largest and opening == "(") or (high == largest and closing == "]")
    ):
        raise InvalidLiteral("a range that PostgreSQL can write with [ and )")
    if low is None or high is None:
        return
    try:
        is_ordered = low <= high
    except (TypeError, ArithmeticError):
        raise InvalidLiteral("a range whose bounds can be compared") from None
    if not is_ordered:
        raise InvalidLiteral("a range whose lower bound comes first")


def _bound(text: str) -> str:
    if not text.startswith('"'):
        return text
    return _ESCAPED.sub(r"\1", text[1:-1].replace('""', '\\"'))
