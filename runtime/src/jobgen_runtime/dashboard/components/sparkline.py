"""Draw numbers over time as a row of small bars: an SVG without a script, with its text. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jobgen_runtime.dashboard.components.html import Html, html, joined

HEIGHT = 20
STEP = 4
"""From one bar to the next. A bar is a thick line, which takes the fewest bytes."""

WIDTH = 3


@dataclass(frozen=True)
class Bar:
    """The jobs of one moment: those that failed are drawn at the bottom, those that wait on top."""

    failed: float = 0
    succeeded: float = 0
    waiting: float = 0

    @property
    def parts(self) -> tuple[tuple[str, float], ...]:
        """The parts from the bottom to the top, with their CSS classes."""
        return (
            ("failed", self.failed),
            ("succeeded", self.succeeded),
            ("waiting", self.waiting),
        )

    @property
    def total(self) -> float:
        """The height of the whole bar."""
        return self.failed + self.succeeded + self.waiting


def sparkline(bars: Sequence[Bar], label: str) -> Html:
    """Draw bars from the oldest to the newest.

    Args:
        bars: The numbers; the highest bar has the full height.
        label: The same in words, which screen readers say instead: "Last hour: 120 jobs, 3 failed".
    """
    highest = max((bar.total for bar in bars), default=0)
    paths: dict[str, list[str]] = {name: [] for name, _ in Bar().parts}
    for index, bar in enumerate(bars):
        bottom = 0
        for name, number in bar.parts:
            # What is there is seen, however small, if the bar has room for it.
            height = max(round(number / highest * HEIGHT), 1) if number else 0
            height = min(height, HEIGHT - bottom)
            if not height:
                continue
            x, y = index * STEP + STEP // 2, HEIGHT - bottom
            paths[name].append(f"M{x} {y}v-{height}")
            bottom += height
    drawn = [html('<path class="{}" d="{}"/>', name, "".join(d)) for name, d in paths.items() if d]
    width = max(len(bars), 1) * STEP
    return html(
        '<svg class="spark" role="img" aria-label="{}" viewBox="0 0 {} {}" width="{}" height="{}" '
        'stroke-width="{}">{}</svg>',
        label,
        width,
        HEIGHT,
        width,
        HEIGHT,
        WIDTH,
        joined(drawn),
    )
