"""Secret: a token that does not show itself, and the handle that stands for it."""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import TYPE_CHECKING

from wavefront_api_client.masking import mask_token

if TYPE_CHECKING:
    from typing import Any, NoReturn

HANDLE_DIGITS = 10
SHORTEST_PREFIX = 6
"""Digits of a handle that are enough to name a token, if only one begins with them."""


class Secret:
    """A token as a value: whatever prints, logs or formats it shows ``***`` and its end.

    It cannot be pickled, so that it does not leave the process unseen.

    :param text: the token.
    :raises ValueError: it is empty.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        if not text:
            raise ValueError("a token cannot be empty")
        self._text = text

    def reveal(self) -> str:
        """The token itself: it is the credential."""
        return self._text

    @property
    def handle(self) -> str:
        """What may be shown in its place: the first 10 hex digits of its SHA-256."""
        return handle_of(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __repr__(self) -> str:
        return mask_token(self._text)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret cannot be pickled: pass its handle, or reveal() it")


def handle_of(token: str) -> str:
    """The handle of a token.

    :param token: the token itself.
    :return: the first 10 hex digits of the SHA-256 of its UTF-8 text.
    """
    return sha256(token.encode()).hexdigest()[:HANDLE_DIGITS]
