"""Properties of the statements that add labels to an enum."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from jobgen.migrate.enum_labels import label_statements

LABELS = st.lists(st.text("abc'é ", min_size=1, max_size=3), unique=True, max_size=6)
_ADD = re.compile(
    r"ALTER TYPE mood ADD VALUE IF NOT EXISTS '((?:[^']|'')*)'"
    r"(?: (BEFORE|AFTER) '((?:[^']|'')*)')?;"
)


def apply(labels: list[str], statement: str) -> None:
    """Apply ALTER TYPE … ADD VALUE to a list of labels as the server does."""
    match = _ADD.fullmatch(statement)
    assert match is not None
    label, side, neighbour = (text and text.replace("''", "'") for text in match.groups())
    position = len(labels)
    if side:
        position = labels.index(neighbour) + (side == "AFTER")
    labels.insert(position, label)


def escaped(labels: list[str]) -> list[str]:
    """Return labels as they are written between quotes."""
    return [label.replace("'", "''") for label in labels]


@given(current=LABELS, wanted=LABELS)
def test_every_wanted_label_is_added_and_no_label_moves(
    current: list[str], wanted: list[str]
) -> None:
    after = list(current)
    for statement in label_statements("mood", escaped(current), escaped(wanted)):
        apply(after, statement)
    assert set(after) == {*current, *wanted}
    assert [label for label in after if label in current] == current


@given(wanted=LABELS, data=st.data())
def test_labels_get_the_wanted_order_where_existing_labels_have_it(
    wanted: list[str], data: st.DataObject
) -> None:
    current = [label for label in wanted if data.draw(st.booleans())]
    after = list(current)
    for statement in label_statements("mood", escaped(current), escaped(wanted)):
        apply(after, statement)
    assert after == wanted
