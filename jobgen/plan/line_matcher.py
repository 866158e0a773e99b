"""Matches the lines of two texts, in a time that does not grow with the square of their length."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import Match, SequenceMatcher


class LineMatcher(SequenceMatcher[str]):
    """A SequenceMatcher that begins with the lines that each text has once.

    This is Bram Cohen's patience diff. Generated files have hundreds of classes that differ in a
    few lines: comparing each line with all that are equal to it would take seconds. It also keeps
    a new class in one piece.
    """

    def __init__(self, before: Sequence[str], after: Sequence[str]) -> None:
        """Match the lines of `before` with those of `after`."""
        super().__init__(None, before, after, autojunk=False)
        self._before = before
        self._after = after

    def get_matching_blocks(self) -> list[Match]:
        """Return the equal runs of lines in order, and an empty one at the end."""
        end = (len(self._before), len(self._after), 0)
        blocks: list[Match] = []
        for a, b, size in [*_match(self._before, self._after, 0, 0), end]:
            last = blocks[-1] if blocks else None
            if size and last and (last.a + last.size, last.b + last.size) == (a, b):
                blocks[-1] = Match(last.a, last.b, last.size + size)
            else:
                blocks.append(Match(a, b, size))
        return blocks


def _match(
    before: Sequence[str], after: Sequence[str], a: int, b: int
) -> Iterator[tuple[int, int, int]]:
    """Yield equal runs in order, as their starts (counted from `a` and `b`) and their length."""
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    if head:
        yield a, b, head
    before, after = before[head : len(before) - tail], after[head : len(after) - tail]
    a, b = a + head, b + head
    anchors = _anchors(before, after)
    if anchors:
        left, right = 0, 0
        for i, j in [*anchors, (len(before), len(after))]:
            yield from _match(before[left:i], after[right:j], a + left, b + right)
            if i < len(before):
                yield a + i, b + j, 1
            left, right = i + 1, j + 1
    elif before and after:
        # Without lines of their own, both are short, or lists of the same few lines.
        for block in SequenceMatcher(None, before, after).get_matching_blocks()[:-1]:
            yield a + block.a, b + block.b, block.size
    if tail:
        yield a + len(before), b + len(after), tail


def _common(before: Sequence[str], after: Sequence[str]) -> int:
    """Return the number of equal lines at the start."""
    size = min(len(before), len(after))
    return next((i for i in range(size) if before[i] != after[i]), size)


def _anchors(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """Return the positions of lines that each side has once, as many as stand in one order."""
    count_before, count_after = Counter(before), Counter(after)
    place = {line: j for j, line in enumerate(after) if count_after[line] == 1}
    pairs = [
        (i, place[line])
        for i, line in enumerate(before)
        if count_before[line] == 1 and line in place
    ]
    return _longest_increasing(pairs)


def _longest_increasing(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return a longest run of pairs, in their order, whose second parts increase."""
    ends: list[int] = []  # the least end of a run of each length
    runs: list[int] = []  # the pair with that end
    previous: list[int | None] = []
    for index, (_, j) in enumerate(pairs):
        length = bisect_left(ends, j)
        previous.append(runs[length - 1] if length else None)
        ends[length : length + 1] = [j]
        runs[length : length + 1] = [index]
    found: list[tuple[int, int]] = []
    index_or_none = runs[-1] if runs else None
    while index_or_none is not None:
        found.append(pairs[index_or_none])
        index_or_none = previous[index_or_none]
    return found[::-1]
