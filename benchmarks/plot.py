"""The plot: for each measure a bar per client, as an SVG written by hand; shorter is better."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from html import escape
from textwrap import wrap

from benchmarks.contenders import RAW, Contender
from benchmarks.rounds import Outcome

WIDTH = 440
LEFT, RIGHT = 140, 370
BAR, LINE = 13, 17
LONGEST_LINE = 58
MOST = 4.0
"""The ratio that fills the width; a bar of more is as long, and only its figure tells."""

STYLE = (
    ".drawing{color:#222;fill:currentColor;font:12px sans-serif}"
    "@media (prefers-color-scheme:dark){.drawing{color:#ddd}}"
)
LEGEND = (
    "Shorter is better. The line is raw urllib3, the broken one our goal.",
    "Calls per second are shown as the time that a call takes.",
)


def as_svg(outcomes: list[Outcome], contenders: list[Contender]) -> str:
    """Return the bars of every measure that is a ratio and that all take part in."""
    bars = [one for one in contenders if one is not RAW]
    parts = [f'<text x="8" y="{LINE * (i + 1)}">{text}</text>' for i, text in enumerate(LEGEND)]
    top = LINE * (len(LEGEND) + 1)
    for outcome in outcomes:
        if outcome.measure.is_ratio and not outcome.measure.without:
            panel = list(_panel(outcome, bars, top))
            parts += panel
            top += LINE * (len(_title(outcome)) + len(bars) + 1)
    size = f'viewBox="0 0 {WIDTH} {top}" width="{WIDTH}" height="{top}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" class="drawing" {size}>'
    return "\n".join([head, f"<style>{STYLE}</style>", *parts, "</svg>\n"])


def _title(outcome: Outcome) -> list[str]:
    return wrap(outcome.measure.title, LONGEST_LINE)


def _panel(outcome: Outcome, bars: list[Contender], top: int) -> Iterator[str]:
    """Give one measure: its name, the bars, the line of raw urllib3 and the goal."""
    for line in _title(outcome):
        yield f'<text font-weight="bold" x="8" y="{top + 12}">{escape(line)}</text>'
        top += LINE
    for i, bar in enumerate(bars):
        yield _bar(outcome, bar, top + i * LINE)
    ends = f"{top}V{top + len(bars) * LINE - 2}"
    yield f'<path stroke="currentColor" d="M{_right_end(1):.1f} {ends}"/>'
    if outcome.measure.goal is not None:
        goal = _right_end(_cost(outcome, outcome.measure.goal))
        yield f'<path stroke="currentColor" stroke-dasharray="3 2" d="M{goal:.1f} {ends}"/>'


def _cost(outcome: Outcome, ratio: float) -> float:
    """Return a ratio of which less is better."""
    return 1 / ratio if outcome.measure.higher_is_better else ratio


def _right_end(cost: float) -> float:
    return LEFT + min(cost / MOST, 1.0) * (RIGHT - LEFT)


def _bar(outcome: Outcome, contender: Contender, top: int) -> str:
    name = f'<text x="20" y="{top + 11}">{escape(contender.title)}</text>'
    ratios = outcome.ratios(contender.name)
    if not ratios:
        return name
    cost = _cost(outcome, statistics.median(ratios))
    end = _right_end(cost)
    return (
        f'{name}<rect x="{LEFT}" y="{top}" width="{end - LEFT:.1f}" height="{BAR}"'
        f' fill="{contender.colour}"/>'
        f'<text x="{RIGHT + 8}" y="{top + 11}">{cost:.3g}{" …" if cost > MOST else ""}</text>'
    )
