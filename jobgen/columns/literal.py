"""What a check of a literal is, and how it refuses one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class InvalidLiteral(Exception):
    """A text that is not, or not certainly, a literal of the type.

    Attributes:
        expected: What would be one: "a date".
        hint: How to write one; None if that is clear.
        text: The text that is none, which may be part of a longer one.
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
