"""What is measured: each measure with its goal, and how a contender is made to give samples."""

from __future__ import annotations

import enum
import json
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import processes
from benchmarks.contenders import (
    BARE_CALL,
    BARE_SOCKET,
    CLICK,
    CLIENTS,
    CONTENDERS,
    LIMITED,
    NOTHING,
    OURS,
    RAW,
    Contender,
)
from benchmarks.environment import Environment

IMPORT_TIME = """
import time; start = time.perf_counter(); import {package}; print(time.perf_counter() - start)
"""


COMMAND = CLIENTS / "command.py"
HAVE_NO_COMMAND = {name: "has none" for name in CONTENDERS if name != OURS.name}


class Judged(enum.Enum):
    """What the goal speaks of."""

    RATIO = "ratio to raw urllib3"
    FIGURE = "the figure itself"


@dataclass(frozen=True)
class Setting:
    """Where the measures find what they need."""

    environments: Mapping[str, Environment]
    urls: Mapping[int, str]


Sample = Callable[[], float]
Start = Callable[[Contender, Setting], AbstractContextManager[Sample]]


@dataclass(frozen=True)
class Measure:
    """One line of the results."""

    name: str
    title: str
    unit: str
    goal: float | None
    start: Start
    samples: int
    judged: Judged = Judged.RATIO
    higher_is_better: bool = False
    summary: Callable[[list[float]], float] = min
    floor: Contender | None = None
    peer: Contender = RAW
    without: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_ratio(self) -> bool:
        """Whether the goal speaks of the ratio to raw urllib3."""
        return self.judged is Judged.RATIO

    def participants(self, contenders: Iterable[Contender]) -> list[Contender]:
        """Return the contenders, the one they are compared with, and the floor if there is one."""
        some = [*contenders, self.peer, *([self.floor] if self.floor else [])]
        return list(dict.fromkeys(some))

    def reached(self, figure: float) -> bool:
        """Say whether a figure meets the goal."""
        goal = figure if self.goal is None else self.goal
        return figure >= goal if self.higher_is_better else figure <= goal


@dataclass(frozen=True)
class Sizes:
    """How much each measure does."""

    tokens: tuple[int, int, int]
    calls: int
    thread_calls: int
    service_calls: int
    samples: int


FULL = Sizes((2, 10_000, 100_000), calls=100, thread_calls=50, service_calls=3_000, samples=10)
SMALL = Sizes((2, 100, 1_000), calls=10, thread_calls=2, service_calls=160, samples=1)


def all_measures(sizes: Sizes) -> list[Measure]:
    """Return the measures, in the order of the results."""
    few, many, most = sizes.tokens
    some = max(1, sizes.samples // 2)
    return [
        Measure(
            "cold",
            "cold start: new process, import, client, first answer",
            "s",
            1.10,
            cold_start(few),
            sizes.samples,
            floor=NOTHING,
        ),
        Measure(
            "call",
            f"one small call on a warm connection ({few} tokens in the answer)",
            "s",
            1.03,
            in_worker("call", (few,), sizes.calls),
            sizes.samples * 2,
            floor=BARE_SOCKET,
        ),
        Measure(
            "large",
            f"one call that returns {many:,} tokens, models built",
            "s",
            1.10,
            in_worker("call", (many,), 1),
            sizes.samples,
        ),
        Measure(
            "largest",
            f"one call that returns {most:,} tokens",
            "s",
            1.16,
            in_worker("call", (most,), 1),
            some,
            without={"official": "grows with the square"},
        ),
        Measure(
            "growth",
            f"growth: {most:,} tokens against {many:,}",
            "x",
            1.1 * most / many,
            growth(few, many, most),
            some,
            judged=Judged.FIGURE,
            summary=statistics.median,
            without={"official": "grows with the square"},
        ),
        Measure(
            "memory",
            f"memory kept by a list of {many:,} models, against the parsed dicts",
            "B",
            0.72,
            in_worker("memory", (few, many), 1),
            1,
        ),
        Measure(
            "threads",
            f"16 threads sharing one client, calls per second, against {LIMITED.title}",
            "1/s",
            0.95,
            in_worker("threads", (few,), sizes.thread_calls),
            sizes.samples,
            higher_is_better=True,
            summary=statistics.median,
            peer=LIMITED,
        ),
        Measure(
            "unlimited",
            "the same, against urllib3 without time limits, which no client should be without",
            "1/s",
            None,
            in_worker("threads", (few,), sizes.thread_calls),
            sizes.samples,
            higher_is_better=True,
            summary=statistics.median,
        ),
        Measure("import", "import alone", "s", 0.15, import_alone, sizes.samples),
        Measure(
            "version",
            f"the command: wavefront-tokens --version, against {CLICK.title}",
            "s",
            1.2,
            command(few, "--version"),
            sizes.samples,
            peer=CLICK,
            without=HAVE_NO_COMMAND,
        ),
        Measure(
            "help",
            f"the command: wavefront-tokens rotate --help, against {CLICK.title}",
            "s",
            1.2,
            command(few, "rotate", "--help"),
            sizes.samples,
            peer=CLICK,
            without=HAVE_NO_COMMAND,
        ),
        Measure(
            "list",
            f"the command: list of {many:,} tokens as JSON, against {BARE_CALL.title}",
            "s",
            1.6,
            command(many, "-o", "json", "list"),
            sizes.samples,
            peer=BARE_CALL,
            without=HAVE_NO_COMMAND,
        ),
        Measure(
            "service",
            "embedded token service, requests per second on one connection",
            "1/s",
            5_000,
            service(few, sizes.service_calls),
            some,
            judged=Judged.FIGURE,
            higher_is_better=True,
            summary=statistics.median,
            without=dict.fromkeys(("requests", "httpx", "official"), "has none"),
        ),
    ]


def cold_start(size: int) -> Start:
    """Time, from outside, whole processes that make one call."""

    @contextmanager
    def start(contender: Contender, setting: Setting) -> Iterator[Sample]:
        python = setting.environments[contender.environment].python
        if contender is NOTHING:
            command = [str(python), "-I", "-c", "pass"]
        else:
            command = [str(python), "-I", str(contender.script), setting.urls[size]]
        processes.wall_time(command)
        yield lambda: processes.wall_time(command)

    return start


def command(size: int, *arguments: str) -> Start:
    """Time, from outside, whole processes of the command, and what it is compared with."""

    @contextmanager
    def start(contender: Contender, setting: Setting) -> Iterator[Sample]:
        python = [str(setting.environments[contender.environment].python), "-I"]
        url = setting.urls[size]
        if contender is OURS:
            line = [*python, str(COMMAND), url, *arguments]
        elif contender is CLICK:
            line = [*python, "-c", "import click"]
        else:
            line = [*python, str(contender.script), url]
        processes.wall_time(line)
        yield lambda: processes.wall_time(line)

    return start


@contextmanager
def import_alone(contender: Contender, setting: Setting) -> Iterator[Sample]:
    """Let new processes time one import statement, from inside."""
    python = setting.environments[contender.environment].python
    code = IMPORT_TIME.format(package=contender.package)
    command = [str(python), "-I", "-c", code]
    processes.wall_time(command)
    yield lambda: processes.printed_number(command)


def in_worker(measure: str, sizes: tuple[int, ...], calls: int) -> Start:
    """Measure in a process that stays, made warm before the first sample."""

    def start(contender: Contender, setting: Setting) -> AbstractContextManager[Sample]:
        python = setting.environments[contender.environment].python
        urls = [setting.urls[size] for size in sizes]
        command = processes.bootstrap(python, "worker", contender.module, measure, calls, *urls)
        return processes.worker(command)

    return start


def growth(few: int, many: int, most: int) -> Start:
    """Divide the times of two sizes, each the first large call of a new process.

    In a process that goes on, the call of the smaller size finds its memory ready from the call
    before, while the larger one has to get it from the system: json.loads alone then seems to grow
    thirteenfold.
    """
    start_many, start_most = in_worker("first", (few, many), 1), in_worker("first", (few, most), 1)

    @contextmanager
    def start(contender: Contender, setting: Setting) -> Iterator[Sample]:
        def sample() -> float:
            with start_most(contender, setting) as most_time:
                seconds = most_time()
            with start_many(contender, setting) as many_time:
                return seconds / many_time()

        yield sample

    return start


def service(size: int, calls: int) -> Start:
    """Load the embedded service from another process; for raw, load the canned server."""

    @contextmanager
    def start(contender: Contender, setting: Setting) -> Iterator[Sample]:
        python = setting.environments["main"].python
        if contender is RAW:
            with _load(python, setting.urls[size], "key", calls) as sample:
                yield sample
        else:
            with processes.conversation(processes.bootstrap(python, "service_host")) as ask:
                where = json.loads(ask())
                with _load(python, where["url"], where["key"], calls) as sample:
                    yield sample

    return start


def _load(python: Path, url: str, key: str, calls: int) -> AbstractContextManager[Sample]:
    return processes.worker(processes.bootstrap(python, "service", url, key, calls))
