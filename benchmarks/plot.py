"""The plot: for each measure a bar per client, as an SVG written by hand."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator
from html import escape

from benchmarks.contenders import RAW, Contender
from benchmarks.report import goal_text
from benchmarks.rounds import Outcome

WIDTH = 860
LEFT, RIGHT = 150, 790
BAR, GAP, HEAD = 14, 4, 34
STYLE = "text{font:12px sans-serif;fill:#222}.head{font-weight:bold}.goal{stroke:#222}"


def as_svg(outcomes: list[Outcome], contenders: list[Contender]) -> str:
    """Return the bars of every measure that is a ratio to raw urllib3; the axis is logarithmic."""
    shown = [one for one in outcomes if one.measure.is_ratio]
    bars = [one for one in contenders if one is not RAW]
    axis = Axis([value for one in shown for value in _values(one, bars)])
    height = 20 + len(shown) * (HEAD + len(bars) * (BAR + GAP))
    parts = [part for one in _panels(shown, bars, axis) for part in one]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}">',
            f"<style>{STYLE}</style>",
            f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
            *parts,
            "</svg>\n",
        ]
    )


class Axis:
    """A logarithmic axis on which raw urllib3 stands at 1."""

    def __init__(self, values: list[float]) -> None:
        self._low = math.log(min([0.5, *values]))
        self._high = math.log(max([2.0, *values]))

    def __call__(self, value: float) -> float:
        """Return how far to the right a ratio lies."""
        share = (math.log(value) - self._low) / (self._high - self._low)
        return LEFT + share * (RIGHT - LEFT)


def _values(outcome: Outcome, bars: list[Contender]) -> list[float]:
    medians = [statistics.median(values) for one in bars if (values := outcome.ratios(one.name))]
    return [*medians, outcome.measure.goal or 1.0]


def _panels(shown: list[Outcome], bars: list[Contender], axis: Axis) -> Iterator[list[str]]:
    top = 10
    for outcome in shown:
        yield _panel(outcome, bars, axis, top)
        top += HEAD + len(bars) * (BAR + GAP)


def _panel(outcome: Outcome, bars: list[Contender], axis: Axis, top: int) -> list[str]:
    """Return one measure: its name, the bars, the line of raw urllib3 and the goal."""
    title = f"{outcome.measure.title}: ratio to {RAW.title} (goal {goal_text(outcome.measure)})"
    first, last = top + HEAD - 12, top + HEAD - 12 + len(bars) * (BAR + GAP)
    one, goal = axis(1), axis(outcome.measure.goal or 1.0)
    return [
        f'<text class="head" x="10" y="{top + 14}">{escape(title)}</text>',
        *(_bar(outcome, bar, axis, first + i * (BAR + GAP)) for i, bar in enumerate(bars)),
        f'<path stroke="{RAW.colour}" d="M{one:.1f} {first - 2}V{last}"/>',
        f'<path class="goal" stroke-dasharray="3 2" d="M{goal:.1f} {first - 2}V{last}"/>',
    ]


def _bar(outcome: Outcome, contender: Contender, axis: Axis, top: int) -> str:
    name = f'<text x="20" y="{top + 11}">{escape(contender.title)}</text>'
    ratios = outcome.ratios(contender.name)
    if not ratios:
        return name
    value = statistics.median(ratios)
    start, end = sorted((axis(1), axis(value)))
    return (
        f"{name}"
        f'<rect x="{start:.1f}" y="{top}" width="{end - start:.1f}" height="{BAR}"'
        f' fill="{contender.colour}"/>'
        f'<text x="{end + 6:.1f}" y="{top + 11}">{value:.3g}</text>'
    )
