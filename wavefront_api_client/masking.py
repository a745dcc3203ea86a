"""Shows a token to people without giving it away.

What else is secret, and how that is hidden, is in `_redaction`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["mask_secrets", "mask_token"]

SHOWN = 4

_UUID_WITHOUT_DASHES = r"(?i)\b[0-9a-f]{32}\b"
_DIGITS = r"(?i)[0-9a-f][0-9a-f-]{14,}[0-9a-f]"
"""What may hold half a UUID."""


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
    from wavefront_api_client._redaction import redact

    return redact(text, secrets)


def mask_uuids(text: str, secrets: Iterable[str]) -> str:
    """A text without UUIDs that lack their dashes, and without halves of secrets that are UUIDs.

    :param text: the text.
    :param secrets: the secrets; those that are no UUIDs are not looked for.
    """
    digits = [secret.replace("-", "").lower() for secret in secrets]
    halves = {each[at : at + 16] for each in digits if len(each) == 32 for at in range(17)}

    def shown(found: re.Match[str]) -> str:
        there = found[0].replace("-", "").lower()
        return "***" if any(half in there for half in halves) else found[0]

    return re.sub(_DIGITS, shown, re.sub(_UUID_WITHOUT_DASHES, "***", text))
