"""The results as people read them and as programs do: a markdown table and JSON."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Mapping
from pathlib import Path

from benchmarks.contenders import OURS, RAW, Contender
from benchmarks.measures import Measure
from benchmarks.rounds import Outcome

UNITS = {"s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")), "B": ((1e6, "MB"), (1e3, "kB"))}


def spread(values: list[float]) -> dict[str, float]:
    """Return the median and the ends of some values."""
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def conditions(
    rounds: int, sizes: str, versions: Mapping[str, Mapping[str, str]]
) -> dict[str, object]:
    """Return what a reader has to know of the run."""
    return {
        "rounds": rounds,
        "sizes": sizes,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "load_average": os.getloadavg()[0],
        "versions": versions,
    }


def as_json(outcomes: list[Outcome], facts: Mapping[str, object]) -> str:
    """Return every figure of every round."""
    measures = {one.measure.name: _measure_record(one, facts) for one in outcomes}
    return json.dumps({"conditions": facts, "measures": measures}, indent=2) + "\n"


def _measure_record(outcome: Outcome, facts: Mapping[str, object]) -> dict[str, object]:
    measure = outcome.measure
    return {
        "title": measure.title,
        "unit": measure.unit,
        "goal": measure.goal,
        "goal_is_at_least": measure.higher_is_better,
        "goal_speaks_of": measure.judged.value,
        "reached": verdict(outcome, facts),
        "clients": {name: _series_record(outcome, name) for name in outcome.series},
    }


def _series_record(outcome: Outcome, name: str) -> dict[str, object]:
    record: dict[str, object] = {"figures": outcome.figures(name)}
    if outcome.ratios(name):
        record["ratio"] = spread(outcome.ratios(name))
    if outcome.series[name].failure:
        record["missing"] = outcome.series[name].failure
    return record


def verdict(outcome: Outcome, facts: Mapping[str, object]) -> str:
    """Say whether ours reached the goal; a small run shows that all works and judges nothing."""
    values = outcome.judged(OURS.name) if OURS.name in outcome.series else []
    if facts["sizes"] == "small":
        return "not judged"
    if not values:
        return "not measured"
    if outcome.measure.goal is None:
        return "no goal"
    return "yes" if outcome.measure.reached(statistics.median(values)) else "no"


def as_markdown(
    outcomes: list[Outcome], contenders: list[Contender], facts: Mapping[str, object]
) -> str:
    """Return the page: the table, then what it means."""
    lines = ["# Results", "", *_table(outcomes, contenders, facts), "", *_reading(outcomes, facts)]
    return "\n".join(lines) + "\n"


def _table(
    outcomes: list[Outcome], contenders: list[Contender], facts: Mapping[str, object]
) -> list[str]:
    head = ["what", *(one.title for one in contenders), "goal", "reached"]
    rows = [[*_row(outcome, contenders), verdict(outcome, facts)] for outcome in outcomes]
    return [_line(head), _line(["---"] * len(head)), *map(_line, rows)]


def _row(outcome: Outcome, contenders: list[Contender]) -> list[str]:
    cells = [cell(outcome, one.name) for one in contenders]
    return [outcome.measure.title, *cells, goal_text(outcome.measure)]


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def cell(outcome: Outcome, name: str) -> str:
    """Return what the table says of a contender: the judged figure first, then its spread."""
    is_peer = name == RAW.name and outcome.measure.is_ratio
    series = outcome.series[outcome.measure.peer.name if is_peer else name]
    if not series.figures:
        return series.failure or "not measured"
    absolute = quantity(statistics.median(series.figures), outcome.measure.unit)
    if is_peer:
        return absolute
    values = spread(outcome.judged(name) or [0.0])
    if not outcome.measure.is_ratio:
        ends = [quantity(values[end], outcome.measure.unit) for end in ("min", "max")]
        return f"{absolute} ({' to '.join(ends)})"
    ends = [f"{values[end]:.3g}" for end in ("min", "max")]
    return f"**{values['median']:.3g}** ({' to '.join(ends)}), {absolute}"


def goal_text(measure: Measure) -> str:
    """Return the goal with its direction."""
    if measure.goal is None:
        return "none"
    figure = f"{measure.goal:.2f}" if measure.is_ratio else quantity(measure.goal, measure.unit)
    return f"{'>=' if measure.higher_is_better else '<='} {figure}"


def quantity(value: float, unit: str) -> str:
    """Return a figure with the unit that suits its size."""
    if unit == "1/s":
        return f"{value:,.0f}/s"
    if unit not in UNITS:
        return f"{value:.3g}{unit}"
    size, name = next((one for one in UNITS[unit] if value >= one[0]), UNITS[unit][-1])
    return f"{value / size:.3g} {name}"


def _reading(outcomes: list[Outcome], facts: Mapping[str, object]) -> list[str]:
    """Return the sentences below the table."""
    return [
        "Bold: the ratio to raw urllib3 in the same round, as the median over the rounds, with the"
        " lowest and the highest round in brackets and the figure itself behind. The goals are"
        " judged by the median. Cold starts are whole processes, timed from outside. Growth"
        " compares first large calls, each in a new process.",
        "",
        "The official client needs an urllib3 before 2.6 and has it in an environment of its own;"
        " its ratios are still to the raw urllib3 of the main environment. For the embedded"
        " service, the first column is the canned server under the same load.",
        "",
        *(line for one in outcomes for line in _floor_sentences(one)),
        *(f"- {name}: {_fact(value)}" for name, value in facts.items()),
    ]


def _floor_sentences(outcome: Outcome) -> list[str]:
    floor = outcome.measure.floor
    if floor is None or not outcome.figures(floor.name):
        return []
    figure = quantity(statistics.median(outcome.figures(floor.name)), outcome.measure.unit)
    share = statistics.median(outcome.ratios(floor.name))
    name, title = outcome.measure.name, floor.title
    return [f"- {name}: of each figure, `{title}` takes {figure}, {share:.2f} of raw urllib3's"]


def _fact(value: object) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_fact(inner)}" for name, inner in value.items())
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write the files of the results."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
