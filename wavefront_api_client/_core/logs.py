"""Shows this package's log while a configuration asks for it: one handler, gone afterwards."""

from __future__ import annotations

import logging
import os
import threading
import weakref
from typing import Any

LOGGER = logging.getLogger("wavefront_api_client")


class _Output:
    """The handler of the latest wish, and the level to go back to.

    The garbage collector may change a wish during a change: the lock is reentrant, and what was
    interrupted shows both.
    """

    def __init__(self) -> None:
        # By process: a fork may have left one taken.
        self.locks: dict[int, threading.RLock] = {}
        # By owner, the latest last: its handler, whether it debugs, and its finalizer.
        self._wishes: dict[int, tuple[logging.Handler, bool, weakref.finalize[..., Any]]] = {}
        self._is_stale = self._is_changing = False
        self._handler: logging.Handler | None = None
        self._level_before: int | None = None

    def change(self, key: int, wish: Any = None) -> None:
        with self.locks.setdefault(os.getpid(), threading.RLock()):
            handler, _, finalizer = self._wishes.pop(key, (None, False, None))
            if wish is not None:
                self._wishes[key] = wish
            self._is_stale = True
            if not self._is_changing:
                try:
                    while self._is_stale:
                        self._is_changing, self._is_stale = True, False
                        self._show()
                finally:
                    self._is_changing = False
        if handler is not None and finalizer is not None:
            handler.close()
            finalizer.detach()

    def _show(self) -> None:
        wishes = list(self._wishes.values())
        latest = wishes[-1][0] if wishes else None
        if self._handler is not None and self._handler is not latest:
            LOGGER.removeHandler(self._handler)
            self._handler.close()
        self._handler = latest
        if latest is not None:
            LOGGER.addHandler(latest)
        if any(debug for _, debug, _ in wishes):
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
    wish = None
    if debug or file:
        handler = logging.FileHandler(file) if file else logging.StreamHandler()
        handler.setFormatter(logging.Formatter(format))
        finalizer = weakref.finalize(owner, _output.change, id(owner))
        finalizer.atexit = False
        wish = handler, debug, finalizer
    _output.change(id(owner), wish)
