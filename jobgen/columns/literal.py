"""The type of a check of literals, and the error of an invalid one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class InvalidLiteral(Exception):
    """A text that is not, or not certainly, a literal of the type.

    Attributes:
        expected: What is expected instead: "a date".
        hint: How to write one; None if that is clear.
        text: The invalid text, which may be part of a longer one.
    """

    def __init__(self, expected: str, hint: str | None = None) -> None:
        super().__init__(expected)
        self.expected = expected
        self.hint = hint
        self.text: str | None = None


Check = Callable[[str, tuple[int, ...]], Any]
"""Takes a text and the type's modifiers, and returns a value to compare with others of the type.

It raises InvalidLiteral, or ValueError or ArithmeticError where Python refuses the text.
"""
