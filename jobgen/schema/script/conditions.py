r"""Decides which branches of \if … \elif … \else … \endif are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

_Branch = Literal["taken", "to come", "over"]


@dataclass(slots=True)
class _Condition:
    r"""An open \if: its branch at hand, and whether that is the last."""

    branch: _Branch
    is_last: bool = False


@dataclass(slots=True)
class Conditions:
    """The open conditions of one file, outermost first."""

    _open: list[_Condition] = field(default_factory=list)

    @property
    def is_active(self) -> bool:
        """Whether the text at hand is read."""
        return all(condition.branch == "taken" for condition in self._open)

    @property
    def is_open(self) -> bool:
        r"""Whether an \endif is still to come."""
        return bool(self._open)

    def apply(self, name: str, holds: Callable[[], bool]) -> bool:
        r"""Apply \if, \elif, \else or \endif.

        Args:
            name: The command.
            holds: Evaluates its condition. It is called only where psql evaluates it.

        Returns:
            Whether there was an \if for the command.
        """
        if name == "if":
            taken = self.is_active and holds()
            waits = self.is_active and not taken
            self._open.append(_Condition("taken" if taken else "to come" if waits else "over"))
            return True
        if not self._open or (name != "endif" and self._open[-1].is_last):
            return False
        condition = self._open.pop()
        if name == "endif":
            return True
        if condition.branch == "taken":
            condition.branch = "over"
        elif condition.branch == "to come" and (name == "else" or holds()):
            condition.branch = "taken"
        condition.is_last = name == "else"
        self._open.append(condition)
        return True
