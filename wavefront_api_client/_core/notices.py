"""Warnings and errors about mistakes of the caller: at the line of the caller, with advice."""

from __future__ import annotations

import sys
import warnings

OFFICIAL = frozenset({"logger_file_handler", "logger_formatter", "logger_stream_handler"})
"""Attributes that the official configuration has, and scripts may assign."""


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn with the first frame outside this package as the place."""
    package = __name__.partition(".")[0] + "."
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and str(frame.f_globals.get("__name__")).startswith(package):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


def check_argument(given: object, needed: str, call: str, wanted: str, right: str) -> None:
    """Refuse an argument that lacks an attribute which is needed of it; a stand-in may have it."""
    if isinstance(given, type) or not hasattr(given, needed):
        kind = f"the class {given.__name__}" if isinstance(given, type) else type(given).__name__
        raise TypeError(f"{call}() takes {wanted}, not {kind}: write {right}")


def check_setting(name: str) -> None:
    """Warn of an attribute of a configuration that is not a setting."""
    if name not in OFFICIAL:
        warn(
            f"Configuration has no setting `{name}`: nothing reads it."
            " A subclass may have attributes of its own."
        )
