"""Shows a token to people without giving it away.

What else is secret, and how that is hidden, is in `_core.secrets`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["mask_secrets", "mask_token"]

SHOWN = 4


def mask_token(token: str | None) -> str:
    """A token as it may be printed or logged: enough of it to tell tokens apart.

    :param token: the token; None for one that is not known.
    :return: ``***`` and its last four characters, without them if it is shorter than eight.
    """
    return "***" + (token[-SHOWN:] if token and len(token) >= 2 * SHOWN else "")


def mask_secrets(text: str, secrets: Iterable[str] = ()) -> str:
    """A text of others as it may be shown, such as what a program or a service said.

    :param text: the text.
    :param secrets: what must not be seen in it, in whichever spelling.
    :return: the text with ``***`` for each of them, and for whatever looks like a token.
    """
    from wavefront_api_client._core.secrets import redact

    return redact(text, secrets)
