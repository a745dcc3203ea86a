"""Text for a terminal: ages, and what others wrote with nothing in it that a terminal obeys."""

from __future__ import annotations

from wavefront_api_client.tokens._text import visible

_SIZES = (
    (31557600, "year", "y"),
    (2629800, "month", "mo"),
    (86400, "day", "d"),
    (3600, "hour", "h"),
    (60, "minute", "min"),
)


def ago(seconds: float, short: bool = False) -> str:
    """How long ago something was: in the largest unit of which it is two or more.

    :param seconds: how many; negative ones are those of a clock that is a little ahead.
    :param short: whether there is little room.
    """
    for size, unit, sign in _SIZES:
        if seconds >= 2 * size:
            number = int(seconds // size)
            return f"{number}{sign}" if short else f"{number} {unit}s ago"
    return "now" if short else "just now"


def shown(text: str, encoding: str = "utf-8") -> str:
    """A text as a terminal may show it.

    :param text: what the service or a file says.
    :param encoding: of the terminal; what it has no sign for is shown escaped, too.
    """
    if text.isascii() and text.isprintable():
        return text
    return visible(text).encode(encoding, "backslashreplace").decode(encoding)
