"""Taking the measures: round after round, the contenders in turn within each round."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field

from benchmarks.contenders import Contender
from benchmarks.measures import Measure, Setting
from benchmarks.processes import ProcessError

# A contender that takes this many seconds for a sample gives only one of them in a round.
SLOW = 2.0


@dataclass
class Series:
    """The figures of one contender in one measure, one for each round."""

    figures: list[float] = field(default_factory=list)
    failure: str | None = None


@dataclass
class Outcome:
    """A measure and what each contender came to."""

    measure: Measure
    series: dict[str, Series]

    def figures(self, name: str) -> list[float]:
        """Return the figures of a contender, one for each round."""
        return self.series[name].figures if name in self.series else []

    def ratios(self, name: str) -> list[float]:
        """Return, for each round, the figure of a contender divided by that of raw urllib3."""
        peer = self.figures(self.measure.peer.name)
        return [one / raw for one, raw in zip(self.figures(name), peer)]

    def judged(self, name: str) -> list[float]:
        """Return the figures that the goal speaks of."""
        return self.ratios(name) if self.measure.is_ratio else self.figures(name)


def run(
    measures: list[Measure],
    contenders: list[Contender],
    setting: Setting,
    rounds: int,
    say: Callable[[str], None],
) -> list[Outcome]:
    """Take all the measures in each round, so that a busy minute does not fall on one of them."""
    outcomes = [Outcome(one, _empty(one, contenders)) for one in measures]
    for number in range(rounds):
        for outcome in outcomes:
            say(f"round {number + 1} of {rounds}: {outcome.measure.title}")
            _one_round(outcome, contenders, setting)
    return outcomes


def _empty(measure: Measure, contenders: Iterable[Contender]) -> dict[str, Series]:
    series = {one.name: Series() for one in measure.participants(contenders)}
    for name, reason in measure.without.items():
        if name in series:
            series[name].failure = reason
    return series


def _one_round(outcome: Outcome, contenders: list[Contender], setting: Setting) -> None:
    """Let each contender give its samples in turn, and add a figure to each series."""
    with ExitStack() as stack:
        turns = []
        for contender in outcome.measure.participants(contenders):
            series = outcome.series[contender.name]
            if series.failure is None:
                turns.append(_Turn(contender, series, outcome.measure))
                turns[-1].prepare(stack, setting)
        for number in range(outcome.measure.samples):
            shift = number % max(1, len(turns))
            for turn in turns[shift:] + turns[:shift]:
                turn.take()
    for turn in turns:
        turn.conclude()


class _Turn:
    """A contender's part in a round."""

    def __init__(self, contender: Contender, series: Series, measure: Measure) -> None:
        self._contender = contender
        self._series = series
        self._measure = measure
        self._samples: list[float] = []
        self._slow = False

    def prepare(self, stack: ExitStack, setting: Setting) -> None:
        """Make the contender ready; a failure is noted, and it sits out from then on."""
        try:
            start = self._measure.start(self._contender, setting)
            self._sample = stack.enter_context(start)
        except (ProcessError, OSError) as error:
            self._series.failure = str(error)

    def take(self) -> None:
        """Take one sample, unless the contender failed or is slow."""
        if self._series.failure is not None or self._slow:
            return
        began = time.perf_counter()
        try:
            self._samples.append(self._sample())
        except (ProcessError, OSError) as error:
            self._series.failure = str(error)
        self._slow = time.perf_counter() - began > SLOW

    def conclude(self) -> None:
        """Make the samples of the round one figure."""
        if self._series.failure is None:
            self._series.figures.append(self._measure.summary(self._samples))
