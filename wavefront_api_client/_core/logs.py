"""Shows this package's log while a configuration asks for it: one handler, gone afterwards."""

from __future__ import annotations

import logging
import os
import threading
import weakref

LOGGER = logging.getLogger("wavefront_api_client")


class _Output:
    """The handler of the latest wish, and the level to go back to.

    No thread waits for its lock: a change is left to the thread that has the lock. So
    the garbage collector or a signal handler may come at any time, also to that thread.
    """

    def __init__(self) -> None:
        self.locks: dict[int, threading.RLock] = {}
        self._worker: int | None = None
        self._owners: set[int] = set()
        # By owner, the latest last: its handler, and whether it debugs.
        self._wishes: dict[int, tuple[logging.Handler, bool]] = {}
        self._changes = self._shown = object()
        self._handler: logging.Handler | None = None
        self._level_before: int | None = None

    def follow(self, owner: object, handler: logging.Handler | None, debug: bool) -> None:
        key = id(owner)
        if handler is not None and key not in self._owners:
            self._owners.add(key)
            weakref.finalize(owner, self._forget, key).atexit = False
        if key in self._owners:
            self._change(key, handler, debug)

    def _forget(self, key: int) -> None:
        self._owners.discard(key)
        self._change(key, None, False)

    def _change(self, key: int, handler: logging.Handler | None, debug: bool) -> None:
        before = self._wishes.pop(key, None)
        if handler is not None:
            self._wishes[key] = handler, debug
        self._changes = object()
        # One for each process: a fork may have left the other one taken.
        lock = self.locks.setdefault(os.getpid(), threading.RLock())
        this = threading.get_ident()
        # Again afterwards: a change may have come just before the lock was released.
        # Ctrl-C may leave it taken: the same thread can take it again.
        while self._shown is not self._changes and self._worker != this and lock.acquire(False):
            try:
                self._worker, changes = this, self._changes
                self._show()
                self._shown = changes
            finally:
                self._worker = None
                lock.release()
        if before is not None:
            before[0].close()

    def _show(self) -> None:
        wishes = list(self._wishes.values())
        latest = wishes[-1][0] if wishes else None
        if self._handler is not None and self._handler is not latest:
            LOGGER.removeHandler(self._handler)
            self._handler.close()
        self._handler = latest
        if latest is not None:
            LOGGER.addHandler(latest)
        if any(debug for _, debug in wishes):
            if self._level_before is None:
                self._level_before = LOGGER.level
            LOGGER.setLevel(logging.DEBUG)
        elif self._level_before is not None:
            LOGGER.setLevel(self._level_before)
            self._level_before = None


_output = _Output()


def follow(owner: object, debug: bool, file: str | None, format: str) -> None:
    """Apply the settings of a configuration, until they change or it is garbage.

    The latest wins where several configurations ask. Where the file cannot be written, it raises
    OSError, and all stays as it was.
    """
    handler = None
    if debug or file:
        handler = logging.FileHandler(file) if file else logging.StreamHandler()
        handler.setFormatter(logging.Formatter(format))
    _output.follow(owner, handler, debug)
