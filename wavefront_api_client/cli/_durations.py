"""Spans of time as people write them: ``90d``, ``24h``, ``30m``, ``2w``."""

from __future__ import annotations

import re
from datetime import timedelta

UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}
LONGEST = timedelta(days=36500)


def parse_duration(text: str) -> timedelta:
    """Read a span of time.

    :param text: digits and one of the letters w, d, h, m; 0 alone will do as well.
    :raises ValueError: it is none, or longer than a hundred years.
    """
    found = re.fullmatch(r"([0-9]{1,9})([wdhm])", text)
    if text == "0":
        return timedelta()
    if not found:
        raise ValueError(f"{text!r} is no span of time such as 90d, 24h, 30m or 2w")
    span = timedelta(**{UNITS[found[2]]: int(found[1])})
    if span > LONGEST:
        raise ValueError(f"{text!r} is more than a hundred years")
    return span


def ago(seconds: float) -> str:
    """How long ago something was, for people: in the largest unit of which it is two or more.

    :param seconds: how many; negative ones are those of a clock that is a little ahead.
    """
    for size, unit in _SIZES:
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {unit}s ago"
    return "just now"


_SIZES = ((31557600, "year"), (2629800, "month"), (86400, "day"), (3600, "hour"), (60, "minute"))
