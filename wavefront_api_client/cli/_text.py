"""Text of others on a terminal: what could move the cursor or hide something is shown escaped."""

from __future__ import annotations

import unicodedata

ESCAPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of characters that are not shown as they are, those that change direction among
them."""

JOINER = "\u200d"
"""What joins several emoji to one."""


def shown(text: str, encoding: str = "utf-8") -> str:
    """A text as a terminal may show it.

    :param text: what the service or a file says.
    :param encoding: of the terminal; what it has no sign for is shown escaped, too.
    """
    safe = "".join(_escape(char) for char in text)
    return safe.encode(encoding, "backslashreplace").decode(encoding)


def _escape(char: str) -> str:
    if char == JOINER or unicodedata.category(char) not in ESCAPED:
        return char
    return char.encode("unicode_escape").decode("ascii")
