"""Shows a token to people without giving it away.

What else is secret, and how that is hidden, is in `_core.secrets`.
"""

from __future__ import annotations

__all__ = ["mask_token"]

SHOWN = 4


def mask_token(token: str | None) -> str:
    """A token as it may be printed or logged: enough of it to tell tokens apart.

    :param token: the token; None for one that is not known.
    :return: ``***`` and its last four characters, without them if it is shorter than eight.
    """
    return "***" + (token[-SHOWN:] if token and len(token) >= 2 * SHOWN else "")
