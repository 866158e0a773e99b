"""Bars are as high as their numbers, and say in words what they show."""

from __future__ import annotations

import re

from jobgen_runtime.dashboard.components.sparkline import HEIGHT, Bar, sparkline


def heights(drawn: str, name: str) -> list[int]:
    """Return the heights of the bars with a CSS class."""
    found = re.search(f'class="{name}" d="([^"]*)"', drawn)
    return [int(each) for each in re.findall(r"v-(\d+)", found[1])] if found else []


def test_bars_are_as_high_as_their_numbers() -> None:
    drawn = sparkline([Bar(succeeded=10), Bar(failed=5, succeeded=5), Bar(), Bar(waiting=20)], "x")
    assert heights(drawn, "succeeded") == [HEIGHT // 2, HEIGHT // 4]
    assert heights(drawn, "failed") == [HEIGHT // 4]
    assert heights(drawn, "waiting") == [HEIGHT]


def test_small_part_of_a_bar_is_seen_and_no_bar_exceeds_the_height() -> None:
    drawn = sparkline([Bar(failed=1, succeeded=100_000, waiting=1)], "x")
    assert heights(drawn, "failed") == [1]
    assert heights(drawn, "succeeded") == [HEIGHT - 1]
    assert sum(heights(drawn, name)[0] for name in ("failed", "succeeded")) <= HEIGHT


def test_sparkline_of_nothing_has_its_text_which_is_escaped() -> None:
    for bars in ([], [Bar(), Bar()]):
        drawn = sparkline(bars, 'No "jobs" <yet>')
        assert 'aria-label="No &#34;jobs&#34; &lt;yet&gt;"' in drawn
        assert "path" not in drawn
