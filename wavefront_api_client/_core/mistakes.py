"""Says what to write in place of a mistake: imported when there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wavefront_api_client._core.notices import warn

if TYPE_CHECKING:
    from collections.abc import Iterable

LIKENESS = 0.75
"""From here on a name is taken for another one that was mistyped; `difflib` says how alike."""

OFFICIAL = frozenset({"logger_file_handler", "logger_formatter", "logger_stream_handler"})
"""Attributes that the official configuration has, and scripts may assign."""


def wrong_argument(call: str, wanted: str, given: object, right: str) -> TypeError:
    """The error for an argument that is something else altogether; its value is not shown.

    :param call: what was called.
    :param wanted: what it takes, with its article.
    :param given: what it was given.
    :param right: what to write instead.
    """
    kind = f"the class {given.__name__}" if isinstance(given, type) else type(given).__name__
    return TypeError(f"{call}() takes {wanted}, not {kind}: write {right}")


def check_setting(name: str, settings: Iterable[str]) -> None:
    """Refuse a name that is almost that of a setting, and warn of any other that is none.

    :param name: that is assigned to a configuration.
    :param settings: all that there are.
    :raises AttributeError: it is almost that of a setting.
    """
    if name in OFFICIAL:
        return
    problem = f"Configuration has no setting `{name}`"
    meant = like(name, settings)
    if meant:
        raise AttributeError(f"{problem}: did you mean `{meant}`?")
    meant = like(name, settings, 0.6)
    guess = f" Did you mean `{meant}`?" if meant else ""
    warn(f"{problem}: nothing reads it.{guess} A subclass may have attributes of its own.")


def like(name: str, others: Iterable[str], likeness: float = LIKENESS) -> str | None:
    """The one of some names that is most like another one, None if none is.

    :param name: perhaps mistyped.
    :param others: to choose from.
    :param likeness: from 0 to 1, how alike they have to be.
    """
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, others, 1, likeness)), None)
