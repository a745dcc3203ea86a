"""What runs inside a contender's own process: make the client warm, then measure when told to."""

from __future__ import annotations

import gc
import importlib
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

Fetch = Callable[[], "list[Any]"]
Connect = Callable[..., Fetch]
Sample = Callable[[], float]

WARM_UP_CALLS = 50
THREADS = 16


def per_call(connect: Connect, urls: list[str], calls: int) -> Sample:
    """Sample the seconds per call, over a batch on one connection."""
    fetch = connect(urls[0])
    for _ in range(min(calls, WARM_UP_CALLS)):
        fetch()
    return lambda: timed(fetch, calls) / calls


def first_call(connect: Connect, urls: list[str], _calls: int) -> Sample:
    """Sample the seconds of one call of the last URL, after the others: once in each process."""
    fetch = [connect(url) for url in urls]
    for one in fetch[:-1]:
        one()
    return lambda: timed(fetch[-1], 1)


def memory(connect: Connect, urls: list[str], _calls: int) -> Sample:
    """Sample the bytes kept by the list that one call returns, when nothing else of it is kept."""
    for url in urls:
        connect(url)()

    def sample() -> float:
        gc.collect()
        tracemalloc.start()
        kept = connect(urls[-1])()
        gc.collect()
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        del kept
        return float(size)

    return sample


def threads(connect: Connect, urls: list[str], calls: int) -> Sample:
    """Sample the calls per second of threads that share one client."""
    fetch = connect(urls[0], THREADS)

    def sample() -> float:
        crowd = [threading.Thread(target=timed, args=(fetch, calls)) for _ in range(THREADS)]
        start = time.perf_counter()
        for one in crowd:
            one.start()
        for one in crowd:
            one.join()
        return THREADS * calls / (time.perf_counter() - start)

    sample()
    return sample


def timed(fetch: Fetch, calls: int) -> float:
    """Return the seconds that a number of calls take; the last answer is freed after them."""
    start = time.perf_counter()
    for _ in range(calls):
        _kept = fetch()
    return time.perf_counter() - start


MEASURES = {"call": per_call, "first": first_call, "memory": memory, "threads": threads}


def answer_samples(sample: Sample) -> None:
    """Say that all is ready, then print a sample for each line of standard input."""
    print("0", flush=True)
    for _ in sys.stdin:
        print(sample(), flush=True)


def main() -> None:
    """Arguments: the client's module, the measure, the calls in a batch, the URLs."""
    client, measure, calls, *urls = sys.argv[1:]
    connect = importlib.import_module(f"benchmarks.clients.{client}").connect
    sample = MEASURES[measure](connect, urls, int(calls))
    answer_samples(sample)
