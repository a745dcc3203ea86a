"""The exceptions of the operations on tokens, beside the `ApiException` of a call.

TokenOperationError
├── AmbiguousToken      a reference matches several tokens
├── TokenNotFound       the caller cannot list such a token
├── NameTaken           another token has the name
├── NoFreeSlot          the account holds as many tokens as it may
├── MintOutcomeUnknown  a token may have been made, and it is unknown which
├── VerificationFailed  a new token does not work
├── DeliveryFailed      a sink did not take it, or does not hold it
├── RotationPending     unfinished: run it again, or look
├── TokenInUse          the old token is still used
├── TooManyTokens       more than the limit would be revoked
├── WrongTenant         a plan is for another host or customer
└── RefusedOwnKey       it is the key that the client itself uses
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from wavefront_api_client.tokens._token import TokenInfo


class TokenOperationError(Exception):
    """An operation on tokens that was refused or could not be finished.

    :param message: what happened and what to do next; it holds no token.
    :param tokens: the tokens that it is about; they are left out when it is pickled.
    """

    def __init__(self, message: str, tokens: Iterable[TokenInfo] = ()) -> None:
        super().__init__(message)
        self.tokens: tuple[TokenInfo, ...] = tuple(tokens)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self),)


class AmbiguousToken(TokenOperationError):
    """A reference matches several tokens; `tokens` holds them."""


class TokenNotFound(TokenOperationError):
    """The caller cannot list such a token."""


class NameTaken(TokenOperationError):
    """Another token of the account has the name; `tokens` holds it."""


class NoFreeSlot(TokenOperationError):
    """The account holds as many tokens as it may; `tokens` holds those that could go."""


class MintOutcomeUnknown(TokenOperationError):
    """A token may have been made that cannot be told from others; `tokens` holds the candidates."""


class VerificationFailed(TokenOperationError):
    """The new token does not work; the old one does."""


class DeliveryFailed(TokenOperationError):
    """A sink did not take a token, or does not hold it; the old token works."""


class RotationPending(TokenOperationError):
    """A rotation is unfinished: run it again, or look at what `tokens` holds."""


class TokenInUse(TokenOperationError):
    """The old token has been used since the new one was delivered."""


class TooManyTokens(TokenOperationError):
    """More tokens than the limit would be revoked."""


class WrongTenant(TokenOperationError):
    """The plan is for another host or customer."""


class RefusedOwnKey(TokenOperationError):
    """The token is the key that the client itself uses."""
