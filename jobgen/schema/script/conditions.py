r"""Which branches of \if … \elif … \else … \endif are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

_Branch = Literal["taken", "to come", "over"]


@dataclass(slots=True)
class Conditions:
    """The open conditions of one file, outermost first."""

    _branches: list[_Branch] = field(default_factory=list)

    @property
    def is_active(self) -> bool:
        """Whether the text at hand is read."""
        return all(branch == "taken" for branch in self._branches)

    @property
    def is_open(self) -> bool:
        r"""Whether an \endif is still to come."""
        return bool(self._branches)

    def apply(self, name: str, holds: Callable[[], bool]) -> bool:
        r"""Apply \if, \elif, \else or \endif.

        Args:
            name: The command.
            holds: Evaluates its condition. It is called only where psql evaluates it.

        Returns:
            Whether there was an \if for the command.
        """
        if name == "if":
            active = self.is_active
            self._branches.append(("taken" if holds() else "to come") if active else "over")
            return True
        if not self._branches:
            return False
        branch = self._branches.pop()
        if name == "endif":
            return True
        if branch == "to come" and (name == "else" or holds()):
            self._branches.append("taken")
        else:
            self._branches.append("to come" if branch == "to come" else "over")
        return True
