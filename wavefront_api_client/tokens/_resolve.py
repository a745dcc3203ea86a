"""Which token is meant by a handle, a name, a secret or what a listing showed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Union

from wavefront_api_client.masking import mask_token
from wavefront_api_client.tokens._token import HANDLE_DIGITS, SHORTEST_PREFIX, Secret, TokenInfo
from wavefront_api_client.tokens.errors import AmbiguousToken, TokenNotFound

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 20
"""Hex digits and dashes; what is longer may be a token that was taken for a reference."""

Ref = Union[str, Secret, TokenInfo]
"""A handle or the beginning of one, an exact name, a token, or what a listing showed of it."""


def resolve(ref: Ref, tokens: Iterable[TokenInfo]) -> TokenInfo:
    """The one token that is meant.

    :raises TokenNotFound: none is.
    :raises AmbiguousToken: more than one is.
    """
    found = matching(ref, tokens)
    if not found:
        raise TokenNotFound(f"there is no token {described(ref)}")
    if len(found) > 1:
        raise AmbiguousToken(f"{len(found)} tokens are {described(ref)}: use a handle", found)
    return found[0]


def matching(ref: Ref, tokens: Iterable[TokenInfo]) -> list[TokenInfo]:
    """All tokens that may be meant.

    :raises ValueError: the reference is empty.
    """
    if not ref:
        raise ValueError("a reference to a token cannot be empty")
    if isinstance(ref, TokenInfo):
        ref = ref.secret
    if isinstance(ref, Secret):
        return [token for token in tokens if token.secret == ref]
    return [
        token
        for token in tokens
        if token.name == ref or (is_handle(ref) and has_handle(token, ref))
    ]


def has_handle(token: TokenInfo, text: str) -> bool:
    """Whether a text is the handle of a token, the beginning of it, or the whole SHA-256."""
    return token.handle.startswith(text.lower()[:HANDLE_DIGITS])


def is_handle(text: str) -> bool:
    """Whether a text can be a handle, the beginning of one, or the whole SHA-256.

    :param text: what somebody wrote.
    """
    return len(text) >= SHORTEST_PREFIX and not set(text.lower()) - set("0123456789abcdef")


def described(ref: Ref) -> str:
    """A reference as a message shows it: a secret by its handle, and what may be one masked."""
    if not isinstance(ref, str):
        return ref.handle
    return mask_token(ref) if is_handle(ref.replace("-", "")) and len(ref) > LONGEST else repr(ref)
