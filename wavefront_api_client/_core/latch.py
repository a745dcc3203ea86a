"""Latch: a flag to wait for, which signal handlers and finalizers may set or wait for as well."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


class Latch:
    """Like `threading.Event`, but without a lock of its own.

    What interrupts a thread that holds a lock, a signal handler or the garbage collector, would
    wait for that lock for ever. Here each step is one that Python takes whole.
    """

    __slots__ = ("_is_set", "waiters")

    def __init__(self) -> None:
        self._is_set = False
        self.waiters: set[Any] = set()

    def is_set(self) -> bool:
        """Whether `set` has been called."""
        return self._is_set

    def set(self) -> None:
        """Let everybody go on who waits."""
        self._is_set = True
        for waiter in list(self.waiters):
            # Another thread may do the same.
            with suppress(RuntimeError):
                waiter.release()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set.

        :param timeout: seconds to wait at the most, None for no limit.
        :return: whether it is set.
        """
        if not self._is_set:
            waiter = threading.Lock()
            waiter.acquire()
            self.waiters.add(waiter)
            try:
                # Again: nobody releases a waiter that came after `set` had looked.
                if not self._is_set:
                    waiter.acquire(timeout=-1 if timeout is None else max(timeout, 0))
            finally:
                self.waiters.discard(waiter)
        return self._is_set
