"""The text of an exception in `last_error`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jobgen_runtime.executor.error_text import MAX_CHARACTERS, format_error


@given(st.text(st.characters(), max_size=300), st.integers(1, 300))
def test_error_text_fits_a_row_whatever_the_message(message: str, times: int) -> None:
    text = format_error(ValueError(message * times))
    assert len(text) <= MAX_CHARACTERS
    assert "\0" not in text
    text.encode()


def test_long_error_keeps_its_innermost_frames() -> None:
    def fall(depth: int) -> None:
        if depth == 0:
            raise ValueError("the reason")
        # Not one frame over and over, which a traceback prints once.
        exec(f"def f{depth}(d): fall(d)\nf{depth}({depth - 1})", {"fall": fall})  # noqa: S102

    with pytest.raises(ValueError, match="reason") as caught:
        fall(200)
    text = format_error(caught.value)
    assert len(text) == MAX_CHARACTERS
    assert text.endswith("ValueError: the reason")
