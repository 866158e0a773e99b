"""A plan's diff turns the old text into the new one, soon and without needless lines."""

from __future__ import annotations

import itertools
import time
from pathlib import PurePosixPath

from hypothesis import given
from hypothesis import strategies as st

from jobgen.plan.diff import unified_diff
from jobgen.plan.line_matcher import LineMatcher
from jobgen.plan.model import FileChange

TEXTS = st.lists(st.sampled_from(["a", "b", "c", "", "x", "y", "z"]), max_size=30)


@given(TEXTS, TEXTS)
def test_matched_lines_are_equal_in_order_and_the_rest_is_replaced(
    before: list[str], after: list[str]
) -> None:
    matcher = LineMatcher(before, after)
    blocks = matcher.get_matching_blocks()
    assert blocks[-1] == (len(before), len(after), 0)
    for block, following in itertools.pairwise(blocks):
        assert before[block.a : block.a + block.size] == after[block.b : block.b + block.size]
        assert block.size > 0
        assert block.a + block.size <= following.a
        assert block.b + block.size <= following.b
    built: list[str] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        built += before[i1:i2] if tag == "equal" else after[j1:j2]
    assert built == after


def records(names: list[str]) -> bytes:
    """Return a module of classes that differ in a line of their names only."""
    body = "".join(f"    field_{number}: int\n" for number in range(60))
    head = f"from typing import {', '.join(names[-1:])}\n\n\n"
    return (head + "\n\n".join(f"class {name}:\n{body}" for name in names)).encode()


def test_diff_of_a_long_file_of_similar_classes_is_one_class_and_takes_no_time() -> None:
    names = [f"Job{number:04}" for number in range(1200)]
    change = FileChange(PurePosixPath("a.py"), records(names[:-1]), records(names))
    begun = time.process_time()
    diff = unified_diff(change)
    assert time.process_time() - begun < 3, "a SequenceMatcher alone takes far longer"
    added = [line for line in diff.splitlines() if line.startswith("+")]
    assert added[1] == "+from typing import Job1199"
    assert "+class Job1199:" in added
    assert len(added) < 70
