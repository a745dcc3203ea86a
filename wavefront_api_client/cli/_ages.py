"""How long ago something was, for people."""

from __future__ import annotations

_SIZES = ((31557600, "year"), (2629800, "month"), (86400, "day"), (3600, "hour"), (60, "minute"))


def ago(seconds: float) -> str:
    """How long ago something was: in the largest unit of which it is two or more.

    :param seconds: how many; negative ones are those of a clock that is a little ahead.
    """
    for size, unit in _SIZES:
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {unit}s ago"
    return "just now"
