"""Rules that hold for every text and every enum, without a database."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from jobgen.migrate.ddl import label_statements

LABELS = st.lists(st.text("abc'é ", min_size=1, max_size=3), unique=True, max_size=6)
_ADD = re.compile(
    r"ALTER TYPE mood ADD VALUE IF NOT EXISTS '((?:[^']|'')*)'(?: (BEFORE|AFTER) '((?:[^']|'')*)')?"
)


def apply(labels: list[str], statement: str) -> None:
    """What the server does on ALTER TYPE … ADD VALUE."""
    match = _ADD.fullmatch(statement)
    assert match is not None
    label, side, neighbour = (text and text.replace("''", "'") for text in match.groups())
    place = len(labels)
    if side:
        place = labels.index(neighbour) + (side == "AFTER")
    labels.insert(place, label)


@given(has=LABELS, wanted=LABELS)
def test_every_label_comes_and_none_moves(has: list[str], wanted: list[str]) -> None:
    after = list(has)
    for statement in label_statements("mood", has, wanted):
        apply(after, statement)
    assert set(after) == {*has, *wanted}
    assert [label for label in after if label in has] == has


@given(wanted=LABELS, data=st.data())
def test_labels_stand_in_the_wanted_order_where_the_old_ones_do(
    wanted: list[str], data: st.DataObject
) -> None:
    has = [label for label in wanted if data.draw(st.booleans())]
    after = list(has)
    for statement in label_statements("mood", has, wanted):
        apply(after, statement)
    assert after == wanted
