"""_core.latch: a flag to wait for, without a lock."""

from __future__ import annotations

import threading
import time

import pytest
from cases import for_all

from wavefront_api_client._core.latch import Latch


def waiting(latch, count):
    """Threads that wait, and what they got."""
    got = []
    threads = [threading.Thread(target=lambda: got.append(latch.wait(5))) for _ in range(count)]
    for thread in threads:
        thread.start()
    end = time.monotonic() + 5
    while len(latch.waiters) < count and time.monotonic() < end:
        time.sleep(0.001)
    return threads, got


@pytest.mark.parametrize("count", [1, 8])
def test_setting_it_wakes_all_that_wait(count):
    latch = Latch()
    threads, got = waiting(latch, count)
    assert got == []
    latch.set()
    for thread in threads:
        thread.join(5)
    assert got == [True] * count
    assert not latch.waiters


@for_all("timeout", [None, 0, -1, 5])
def test_once_it_is_set_nobody_waits(timeout):
    latch = Latch()
    latch.set()
    latch.set()
    assert latch.is_set()
    assert latch.wait(timeout) is True


@pytest.mark.parametrize("timeout", [0, -1, 0.01])
def test_waiting_in_vain_leaves_nothing(timeout):
    latch = Latch()
    assert not latch.is_set()
    assert latch.wait(timeout) is False
    assert not latch.waiters


def test_one_that_is_set_before_it_is_looked_at_again():
    class SetInBetween(set):
        def add(self, waiter):
            latch.set()
            super().add(waiter)

    latch = Latch()
    latch.waiters = SetInBetween()
    assert latch.wait() is True


def test_two_threads_may_set_it():
    latch = Latch()
    threads, got = waiting(latch, 1)
    (waiter,) = latch.waiters
    waiter.release()
    latch.set()
    threads[0].join(5)
    assert len(got) == 1
    assert latch.is_set()


def test_an_interrupted_wait_leaves_nothing(monkeypatch):
    class Interrupted:
        def __init__(self):
            self.times = 0

        def acquire(self, **_):
            self.times += 1
            if self.times > 1:
                raise KeyboardInterrupt

    monkeypatch.setattr(threading, "Lock", Interrupted)
    latch = Latch()
    with pytest.raises(KeyboardInterrupt):
        latch.wait(5)
    assert not latch.waiters
