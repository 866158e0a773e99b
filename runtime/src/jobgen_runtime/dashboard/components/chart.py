"""Draw bars over time with their axes. Text is HTML, so that it is as large at any width. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from jobgen_runtime.dashboard.components.html import Html, html, joined

HEIGHT = 100
STEP = 10
WIDTH = 8
"""Units of the drawing, which is stretched to its place."""


@dataclass(frozen=True)
class Series:
    """Numbers of one color, a number for each bar; None where there is none."""

    label: str
    css_class: str
    numbers: Sequence[float | None]


@dataclass(frozen=True)
class Chart:
    """A chart: what it shows, and in which units.

    The series are drawn over one another from the ground, or on top of one another if `stacked`.
    """

    title: str
    summary: str
    """What it shows in one sentence: read aloud instead of the drawing."""

    series: Sequence[Series]
    number: Callable[[float], str]
    """Formats a number."""

    top: Callable[[float], float]
    """Returns the number at the top of the axis, at or above the highest bar."""

    stacked: bool = False

    @property
    def highest(self) -> float:
        """The number at the top of the axis."""
        bars = zip(*(each.numbers for each in self.series), strict=True)
        heights = [[number or 0 for number in bar] for bar in bars]
        total = sum if self.stacked else max
        return self.top(max((total(bar) for bar in heights), default=0))


def round_number(number: float) -> float:
    """Return the least of 1, 2, 5, 10, 20, 50 … that is not below a number."""
    power = 1.0
    while power < number:
        power *= 10
    return next((power / by for by in (5, 2) if power / by >= max(number, 1)), power)


def chart(drawn: Chart, axis: Sequence[Html], names: Sequence[str]) -> Html:
    """Render a chart.

    Args:
        drawn: The chart.
        axis: The labels of the axis of time, from the left to the right.
        names: The name of each bar, for its tooltip.
    """
    highest = drawn.highest
    legend = [
        html('<span class="{}">{}</span>', each.css_class, each.label) for each in drawn.series
    ]
    return html(
        '<figure class="chart card"><figcaption><h2>{}</h2><p class="aside">{}</p></figcaption>'
        '<div class="plot"><span>{}</span><span>0</span>'
        '<svg class="bars" role="img" aria-label="{}" viewBox="0 0 {} {}" '
        'preserveAspectRatio="none">{}{}</svg>'
        '</div><p class="axis">{}</p><p class="legend">{}</p></figure>',
        drawn.title,
        drawn.summary,
        drawn.number(highest),
        f"{drawn.title}: {drawn.summary}",
        len(names) * STEP,
        HEIGHT,
        joined(_paths(drawn, highest)),
        joined(_tooltips(drawn, names)),
        joined([html("<span>{}</span>", label) for label in axis]),
        joined(legend) if len(legend) > 1 else "",
    )


def _paths(drawn: Chart, highest: float) -> list[Html]:
    """Return the bars of each series as one path of thick lines."""
    paths: Mapping[str, list[str]] = {each.css_class: [] for each in drawn.series}
    bottoms: dict[int, float] = {}
    for each in drawn.series:
        for index, number in enumerate(each.numbers):
            if not number:
                continue
            height = max(number / highest * HEIGHT, 1)
            bottom = bottoms.get(index, 0) if drawn.stacked else 0
            bottoms[index] = bottom + height
            x, y = index * STEP + STEP // 2, HEIGHT - bottom
            paths[each.css_class].append(f"M{x} {y:.4g}v-{height:.4g}")
    return [
        html('<path class="{}" stroke-width="{}" d="{}"/>', name, WIDTH, "".join(lines))
        for name, lines in paths.items()
        if lines
    ]


def _tooltips(drawn: Chart, names: Sequence[str]) -> list[Html]:
    """Return an area with a tooltip for each bar."""
    areas = []
    for index, name in enumerate(names):
        numbers = [(each.label, each.numbers[index]) for each in drawn.series]
        words = ", ".join(f"{label} {drawn.number(number)}" for label, number in numbers if number)
        if words:
            areas.append(
                html(
                    '<rect x="{}" width="{}" height="{}"><title>{}: {}</title></rect>',
                    index * STEP,
                    STEP,
                    HEIGHT,
                    name,
                    words,
                )
            )
    return areas
