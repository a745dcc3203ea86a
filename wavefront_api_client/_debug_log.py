"""Shows this package's log while a configuration asks for it: one handler, gone afterwards."""

from __future__ import annotations

import logging
import threading
import weakref
from typing import NamedTuple

LOGGER = logging.getLogger("wavefront_api_client")


class Wish(NamedTuple):
    """What a configuration asks for."""

    debug: bool
    file: str | None
    format: str


class _Output:
    """The one handler, and the level to go back to."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wishes: dict[int, Wish] = {}
        self._gone: list[int] = []
        self._handler: logging.Handler | None = None
        self._level_before: int | None = None

    def follow(self, owner: object, wish: Wish) -> None:
        key = id(owner)
        with self._lock:
            before = dict(self._wishes)
            self._wishes.pop(key, None)
            if wish.debug or wish.file:
                self._wishes[key] = wish
            try:
                self._apply()
            except OSError:
                self._wishes = before
                self._apply()
                raise
            if key in self._wishes and key not in before:
                weakref.finalize(owner, self._forget, key).atexit = False
        self._bury()

    def _forget(self, key: int) -> None:
        self._gone.append(key)
        self._bury()

    def _bury(self) -> None:
        """Drop the wishes of those that are gone.

        The garbage collector calls this at any time, also while the lock is held: whoever holds it
        looks here afterwards.
        """
        while self._gone and self._lock.acquire(blocking=False):
            try:
                while self._gone:
                    self._wishes.pop(self._gone.pop(), None)
                self._apply()
            finally:
                self._lock.release()

    def _apply(self) -> None:
        self._set_handler(next(reversed(list(self._wishes.values())), None))
        self._set_level(any(wish.debug for wish in self._wishes.values()))

    def _set_handler(self, wish: Wish | None) -> None:
        if self._handler is not None:
            LOGGER.removeHandler(self._handler)
            self._handler.close()
            self._handler = None
        if wish is not None:
            self._handler = logging.FileHandler(wish.file) if wish.file else logging.StreamHandler()
            self._handler.setFormatter(logging.Formatter(wish.format))
            LOGGER.addHandler(self._handler)

    def _set_level(self, debug: bool) -> None:
        """Lower the level while someone debugs; afterwards it is what it was."""
        if debug and self._level_before is None:
            self._level_before = LOGGER.level
            LOGGER.setLevel(logging.DEBUG)
        elif not debug and self._level_before is not None:
            LOGGER.setLevel(self._level_before)
            self._level_before = None


_output = _Output()


def follow(owner: object, wish: Wish) -> None:
    """Do what the settings of a configuration ask for, until they change or it is gone.

    :param owner: the configuration.
    :param wish: its settings; the latest wish wins where several configurations have one.
    :raises OSError: the file cannot be written; all stays as it was.
    """
    _output.follow(owner, wish)
