"""Shows this package's log while a configuration asks for it: one handler, and no trace after."""

from __future__ import annotations

import logging
import weakref
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    pass

LOGGER = logging.getLogger("wavefront_api_client")


class Wish(NamedTuple):
    """What a configuration asks for."""

    debug: bool
    file: str | None
    format: str


_wishes: dict[int, Wish] = {}
_handler: logging.Handler | None = None
_level_before: int | None = None


def follow(owner: object, wish: Wish) -> None:
    """Do what the settings of a configuration ask for, until they change or it is gone.

    :param owner: the configuration.
    :param wish: its settings; the latest wish wins where several configurations have one.
    """
    is_new = id(owner) not in _wishes
    _wishes.pop(id(owner), None)
    if wish.debug or wish.file:
        _wishes[id(owner)] = wish
        if is_new:
            weakref.finalize(owner, _forget, id(owner)).atexit = False
    _apply()


def _forget(key: int) -> None:
    if _wishes.pop(key, None):
        _apply()


def _apply() -> None:
    wish = next(reversed(_wishes.values()), None)
    _set_handler(wish)
    _set_level(any(each.debug for each in _wishes.values()))


def _set_handler(wish: Wish | None) -> None:
    global _handler
    if _handler is not None:
        LOGGER.removeHandler(_handler)
        _handler.close()
        _handler = None
    if wish is not None:
        _handler = logging.FileHandler(wish.file) if wish.file else logging.StreamHandler()
        _handler.setFormatter(logging.Formatter(wish.format))
        LOGGER.addHandler(_handler)


def _set_level(debug: bool) -> None:
    """Lower the level while someone debugs; afterwards it is what it was."""
    global _level_before
    if debug and _level_before is None:
        _level_before = LOGGER.level
        LOGGER.setLevel(logging.DEBUG)
    elif not debug and _level_before is not None:
        LOGGER.setLevel(_level_before)
        _level_before = None
