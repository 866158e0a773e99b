"""A file's change as a browser shows it: a unified diff, or both contents side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jobgen.plan.diff import unified_diff
from jobgen.plan.line_matcher import LineMatcher
from jobgen.plan.model import FileChange

MAX_LINES = 2_000
"""Lines that are shown of one file."""

_CONTEXT = 3
_KINDS: dict[str, Literal["added", "removed", "hunk"]] = {
    "+": "added",
    "-": "removed",
    "@": "hunk",
}


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a diff; `kind` is "" for a line that stays."""

    text: str
    kind: Literal["added", "removed", "hunk", ""]


@dataclass(frozen=True, slots=True)
class Pair:
    """A line of both contents, next to each other.

    Attributes:
        before: The line as it is; None for none.
        after: The line as it would be; None for none.
        differs: Whether they differ.
    """

    before: str | None
    after: str | None
    differs: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """The first lines of something, and how many more it has."""

    lines: tuple[DiffLine, ...] | tuple[Pair, ...]
    more: int


def diff_lines(change: FileChange) -> Shown:
    """Return the lines of the change's unified diff, without its head."""
    text = unified_diff(change)
    lines = [line for line in text.split("\n")[:-1] if not line.startswith("diff --git")]
    start = next((i for i, line in enumerate(lines) if line.startswith("@@")), len(lines))
    shown = [DiffLine(line, _KINDS.get(line[:1], "")) for line in lines[start:]]
    return Shown(tuple(shown[:MAX_LINES]), max(0, len(shown) - MAX_LINES))


def side_by_side(change: FileChange) -> Shown:
    """Return the lines of both contents around each difference; a gap is a pair of None."""
    before, after = _lines(change.before), _lines(change.after)
    pairs: list[Pair] = []
    matcher = LineMatcher(before, after)
    for number, group in enumerate(matcher.get_grouped_opcodes(_CONTEXT)):
        if number:
            pairs.append(Pair(None, None, differs=False))
        for tag, i1, i2, j1, j2 in group:
            for offset in range(max(i2 - i1, j2 - j1)):
                left = before[i1 + offset] if i1 + offset < i2 else None
                right = after[j1 + offset] if j1 + offset < j2 else None
                pairs.append(Pair(left, right, differs=tag != "equal"))
    return Shown(tuple(pairs[:MAX_LINES]), max(0, len(pairs) - MAX_LINES))


def _lines(content: bytes | None) -> list[str]:
    return (content or b"").decode(errors="replace").splitlines()
