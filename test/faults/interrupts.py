"""Interrupts a piece of code before each of its steps in turn, as a signal handler may do.

`python interrupts.py <room> some` (or `all`) tries places in each scene of a room, and prints how
many; `python interrupts.py <storm> <seconds>` goes on for that long. They die if they hang. The
environment names the services, which another process runs: in this one, it could not start threads
where a handler interrupts `Thread.start`.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from wavefront_api_client import ApiClient, ApiException, ApiTokenApi, Configuration
from wavefront_api_client._core import background
from wavefront_api_client._core.background import AsyncResult, Flag, Workers
from wavefront_api_client.credentials import CspApiToken
from wavefront_api_client.retry import RetryPolicy

HANG = 5
"""Seconds after which a place counts as one where it hangs."""

WATCHED = ("wavefront_api_client", "urllib3", "threading.py", "queue.py", "weakref.py", "logging")

Scene = tuple[Callable[[], Any], Callable[[], Any], Callable[[], Any]]


def interrupt(code: Callable[[], Any], handler: Callable[[], Any], place: int) -> bool:
    """Run code, and a signal handler before one of its steps: whether it has that many."""
    left = place

    def trace(frame: Any, happened: str, _: Any) -> Any:
        nonlocal left
        if not any(name in frame.f_code.co_filename for name in WATCHED):
            return None
        frame.f_trace_opcodes = True
        if happened == "opcode":
            left -= 1
            if left == 0:
                signal.raise_signal(signal.SIGUSR1)
        return trace

    signal.signal(signal.SIGUSR1, lambda *_: handler())
    # Python 3.12 looks for it when tracing begins.
    sys._getframe().f_trace_opcodes = True
    sys.settrace(trace)
    try:
        code()
    finally:
        sys.settrace(None)
        signal.signal(signal.SIGUSR1, signal.SIG_DFL)
    return left <= 0


def at_every_place(make: Callable[[], Scene], stride: int) -> int:
    """Play a scene anew for each place where it can be interrupted: how many were tried."""
    place, there_is_more = 1, True
    while there_is_more:
        faulthandler.dump_traceback_later(HANG, exit=True)
        code, handler, check = make()
        there_is_more = interrupt(code, handler, place)
        if not there_is_more:
            handler()
        check()
        place += stride
    faulthandler.cancel_dump_traceback_later()
    return place // stride


def eventually(condition: Callable[[], Any]) -> None:
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


def no_thread() -> None:
    eventually(lambda: not any("wavefront_api" in thread.name for thread in threading.enumerate()))


# --- threads for async_req --------------------------------------------------------------------


def submit_and_close(limit: int = 2) -> Scene:
    workers, results, made = Workers(limit), [], []

    def submit() -> None:
        with suppress(RuntimeError):
            results.append(workers.submit(lambda: made.append(1)))

    def check() -> None:
        assert [result.get(5) for result in results] == [None] * len(results)
        assert len(made) == len(results)
        no_thread()

    return submit, workers.close, check


def submit_twice_and_close() -> Scene:
    """The first thread may not have begun yet, and not be able to."""
    submit, close, check = submit_and_close(2)
    return lambda: (submit(), submit()), close, check


def submit_to_idle_and_close() -> Scene:
    code, close, check = submit_and_close(1)
    code()
    return code, close, check


def close_and_close() -> Scene:
    workers = Workers(2)
    results = [workers.submit(lambda: time.sleep(0.001)) for _ in range(3)]

    def check() -> None:
        assert all(result.ready() for result in results)
        no_thread()

    return workers.close, workers.close, check


def get_and(handler: Callable[[Workers, AsyncResult[Any]], Any]) -> Scene:
    workers, got = Workers(2), []
    result = workers.submit(lambda: time.sleep(0.002))

    def check() -> None:
        assert got == [None]
        workers.close()
        no_thread()

    return lambda: got.append(result.get(5)), lambda: handler(workers, result), check


def get_and_close() -> Scene:
    return get_and(lambda workers, _: workers.close())


def wait_and_set() -> Scene:
    flag = Flag()
    return lambda: flag.wait(0.002), flag.set, lambda: flag.wait(5)


# --- calls ------------------------------------------------------------------------------------


def call_and_close() -> Scene:
    return call_with(ApiClient(Configuration()))


def exchange_and_close() -> Scene:
    address, csp, token = os.environ["ONBOARDED"].split()
    credentials = CspApiToken(token, base_url=csp)
    return call_with(ApiClient(Configuration(host=address, credentials=credentials)))


def call_with(client: ApiClient) -> Scene:
    def call() -> None:
        with suppress(RuntimeError, ApiException):
            ApiTokenApi(client).get_all_tokens()

    def check() -> None:
        assert not client.rest_client.pool_manager.pools.keys()

    return call, client.close, check


def call_later_and_close() -> Scene:
    client = ApiClient(Configuration())
    results = []

    def call() -> None:
        with suppress(RuntimeError):
            results.append(ApiTokenApi(client).get_all_tokens(async_req=True))

    def check() -> None:
        for result in results:
            with suppress(RuntimeError, ApiException):
                result.get(5)
        no_thread()

    return call, client.close, check


def wait_for_the_next_attempt_and_close() -> Scene:
    client = ApiClient(Configuration())
    client.configuration.retries = RetryPolicy(1, backoff=0)
    wait = client.rest_client.sleep
    return lambda: wait(0.001), client.close, lambda: wait(5)


ROOMS = {
    "threads": [
        submit_and_close,
        submit_twice_and_close,
        submit_to_idle_and_close,
        close_and_close,
        get_and_close,
        wait_and_set,
    ],
    "calls": [
        wait_for_the_next_attempt_and_close,
        call_and_close,
        exchange_and_close,
        call_later_and_close,
    ],
}
"""Each scene: some code, a handler that may interrupt it anywhere, and what has to hold then."""


# --- signals that come when they like ---------------------------------------------------------


def storm(use: Callable[[], None], seconds: float) -> int:
    """Do something again and again: how often."""
    faulthandler.dump_traceback_later(seconds + HANG, exit=True)
    end, times = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        use()
        times += 1
    faulthandler.cancel_dump_traceback_later()
    return times


def closing_signals(seconds: float) -> int:
    """A timer's signals close whatever client is in use."""
    clients: list[ApiClient] = []
    signals, handlers = [], []

    def close(*_: object) -> None:
        signals.append(1)
        # A signal may interrupt the handler of another, but not so often that none ever ends.
        if len(handlers) < 5:
            handlers.append(1)
            for client in clients[-1:]:
                client.close()
            handlers.pop()

    def use() -> None:
        clients[:] = [ApiClient(Configuration())]
        api = ApiTokenApi(clients[0])
        with suppress(RuntimeError, ApiException):
            results = [api.get_all_tokens(async_req=True) for _ in range(3)]
            api.get_all_tokens()
            for result in results:
                result.get(5)
        clients[0].close()

    signal.signal(signal.SIGALRM, close)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.0007)
    try:
        times = storm(use, seconds)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    assert len(signals) > times
    no_thread()
    return times


STRIDES = {
    "submit_and_close": 7,
    "submit_twice_and_close": 7,
    "call_later_and_close": 7,
    "call_and_close": 397,
    "exchange_and_close": 797,
}
"""A prime for scenes of many steps, so that it is not always the same place of a loop."""

STORMS = {"closing_signals": closing_signals}

if __name__ == "__main__":
    # What the `threading` module may hold up, so that it does not take long to see.
    background.LEAVING = 0.05
    name, amount = sys.argv[1:]
    if name in STORMS:
        sys.stdout.write(f"{name} {STORMS[name](float(amount))}\n")
    for scene in ROOMS.get(name, ()):
        stride = STRIDES.get(scene.__name__, 1) if amount == "some" else 1
        sys.stdout.write(f"{scene.__name__} {at_every_place(scene, stride)}\n")
        sys.stdout.flush()
