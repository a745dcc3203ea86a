"""Containers for urllib3 without the locks of its own: whoever is interrupted holds nobody up.

A signal handler or finalizer would wait for ever for a lock of the thread that it has interrupted,
and so would another thread that the handler waits for.
"""

from __future__ import annotations

import queue
from collections import deque
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


class Stack:
    """The idle connections of a pool: what urllib3 uses of `queue.LifoQueue`, without waiting.

    :param maxsize: how many it holds.
    """

    def __init__(self, maxsize: int) -> None:
        self._maxsize = maxsize
        self.items: deque[Any] = deque()
        self._is_closed = False

    def get(self, block: bool = False, timeout: float | None = None) -> Any:
        """Take the latest.

        :raises queue.Empty: there is none.
        """
        try:
            return self.items.pop()
        except IndexError:
            raise queue.Empty from None

    def put(self, item: Any, block: bool = False) -> None:
        """Add one.

        :raises queue.Full: there is no room.
        :raises AttributeError: its pool is closed; that is what urllib3 knows a closed pool by.
        """
        if len(self.items) >= self._maxsize:
            raise queue.Full
        self.items.append(item)
        # Afterwards: whoever closes the pool takes what is there by then.
        if self._is_closed:
            with suppress(ValueError):
                self.items.remove(item)
                raise AttributeError("the pool is closed")

    def close(self) -> None:
        """Take nothing more; what is there can be got."""
        self._is_closed = True

    def qsize(self) -> int:
        """How many there are."""
        return len(self.items)


class Pools(dict):  # type: ignore[type-arg]
    """The pools of a manager: what urllib3 uses of its `RecentlyUsedContainer`.

    :param maxsize: how many it holds; the oldest makes room.
    """

    lock = nullcontext()

    def __init__(self, maxsize: int) -> None:
        super().__init__()
        self._maxsize = maxsize

    def __setitem__(self, key: object, pool: Any) -> None:
        """Add a pool, unless another thread has added one."""
        self.setdefault(key, pool)
        for oldest in list(self)[: -self._maxsize]:
            gone = self.pop(oldest, None)
            if gone is not None:
                gone.close()

    def clear(self) -> None:
        """Close and drop all pools."""
        for key in list(self):
            gone = self.pop(key, None)
            if gone is not None:
                gone.close()
