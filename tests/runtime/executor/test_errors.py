"""The text of an exception in `last_error`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jobgen_runtime.executor import describe
from jobgen_runtime.executor.errors import MAX_CHARACTERS


@given(st.text(st.characters(), max_size=300), st.integers(1, 300))
def test_an_error_always_fits_a_row(message: str, times: int) -> None:
    text = describe(ValueError(message * times))
    assert len(text) <= MAX_CHARACTERS
    assert "\0" not in text
    text.encode()


def test_of_a_long_error_the_innermost_part_stays() -> None:
    def fall(depth: int) -> None:
        if depth == 0:
            raise ValueError("the reason")
        # Not one frame over and over, which a traceback prints once.
        exec(f"def f{depth}(d): fall(d)\nf{depth}({depth - 1})", {"fall": fall})  # noqa: S102

    with pytest.raises(ValueError, match="reason") as caught:
        fall(200)
    text = describe(caught.value)
    assert len(text) == MAX_CHARACTERS
    assert text.endswith("ValueError: the reason")
