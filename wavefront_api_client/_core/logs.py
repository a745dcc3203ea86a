"""Shows this package's log while a configuration asks for it: one handler, gone afterwards."""

from __future__ import annotations

import logging
import os
import threading
import weakref
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any, Optional

    Change = tuple[int, Optional["Wish"], Optional[logging.Handler]]

LOGGER = logging.getLogger("wavefront_api_client")


class Wish(NamedTuple):
    """What a configuration asks for."""

    debug: bool
    file: str | None
    format: str


class _Output:
    """The one handler, and the level to go back to.

    Nobody waits for its lock: changes queue up, and whoever has the lock makes them. So the garbage
    collector or a signal handler may come at any time, also to a thread that has the lock.
    """

    def __init__(self) -> None:
        self.locks: dict[int, threading.RLock] = {}
        self._worker: int | None = None
        self._changes: deque[Change] = deque()
        self._owners: set[int] = set()
        self._wishes: dict[int, Wish] = {}
        self._handler: logging.Handler | None = None
        self._level_before: int | None = None

    def follow(self, owner: object, wish: Wish) -> None:
        key = id(owner)
        is_wish = bool(wish.debug or wish.file)
        handler = _open(wish) if is_wish else None
        if is_wish and key not in self._owners:
            self._owners.add(key)
            weakref.finalize(owner, self._forget, key).atexit = False
        if key in self._owners:
            self._change(key, wish if is_wish else None, handler)

    def _forget(self, key: int) -> None:
        self._owners.discard(key)
        self._change(key, None, None)

    def _change(self, *change: Any) -> None:
        self._changes.append(change)
        # One for each process: a fork may have left the other one taken.
        lock = self.locks.setdefault(os.getpid(), threading.RLock())
        this = threading.get_ident()
        # Again afterwards: somebody may have come while the lock was about to be released.
        # Ctrl-C may leave it taken: the same thread can take it again.
        while self._changes and self._worker != this and lock.acquire(blocking=False):
            try:
                self._worker = this
                self._make_changes()
            finally:
                self._worker = None
                lock.release()

    def _make_changes(self) -> None:
        while self._changes:
            key, wish, handler = self._changes.popleft()
            self._wishes.pop(key, None)
            if wish is not None:
                self._wishes[key] = wish
            self._set_handler(handler or self._reopened())
            self._set_level(any(wish.debug for wish in self._wishes.values()))

    def _reopened(self) -> logging.Handler | None:
        """A handler for the latest wish that can be fulfilled."""
        for wish in reversed(list(self._wishes.values())):
            with suppress(OSError):
                return _open(wish)
        return None

    def _set_handler(self, handler: logging.Handler | None) -> None:
        if self._handler is not None:
            LOGGER.removeHandler(self._handler)
            self._handler.close()
        self._handler = handler
        if handler is not None:
            LOGGER.addHandler(handler)

    def _set_level(self, debug: bool) -> None:
        """Lower the level while someone debugs; afterwards it is what it was."""
        if debug:
            if self._level_before is None:
                self._level_before = LOGGER.level
            LOGGER.setLevel(logging.DEBUG)
        elif self._level_before is not None:
            LOGGER.setLevel(self._level_before)
            self._level_before = None


def _open(wish: Wish) -> logging.Handler:
    """A handler that writes what is wished to where it is wished.

    :raises OSError: the file cannot be written.
    """
    handler = logging.FileHandler(wish.file) if wish.file else logging.StreamHandler()
    handler.setFormatter(logging.Formatter(wish.format))
    return handler


_output = _Output()


def follow(owner: object, wish: Wish) -> None:
    """Do what the settings of a configuration ask for, until they change or it is gone.

    :param wish: its settings; the latest wish wins where several configurations have one.
    :raises OSError: the file cannot be written; all stays as it was.
    """
    _output.follow(owner, wish)
