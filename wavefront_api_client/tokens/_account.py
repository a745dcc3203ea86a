"""The tokens of one account: its own calls, whether it is a service account or the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wavefront_api_client.models import UserApiToken
from wavefront_api_client.tokens import _clock
from wavefront_api_client.tokens._keys import own_keys
from wavefront_api_client.tokens._listing import infos_of, response_of, tokens_of
from wavefront_api_client.tokens._states import seconds
from wavefront_api_client.tokens._token import renamed
from wavefront_api_client.tokens.errors import NoFreeSlot, TokenOperationError

if TYPE_CHECKING:
    from typing import Callable

    from wavefront_api_client import ApiTokenApi
    from wavefront_api_client.tokens._token import TokenInfo

MOST_TOKENS = 20
"""As many tokens an account may hold."""

PATIENCE = 10
"""Seconds that a listing may lag behind."""


class Account:
    """An account as the operations see it.

    :param api: how to call.
    :param id: that of a service account, None for the caller's own tokens.
    """

    def __init__(self, api: ApiTokenApi, id: str | None) -> None:
        self.api = api
        self.id = id

    def tokens(self) -> list[TokenInfo]:
        """Its tokens, in the order of the service."""
        return tokens_of(self.api, self.id)

    def create(self, name: str) -> list[TokenInfo]:
        """Make a token.

        :param name: only the token of a service account gets it.
        :return: all tokens that the account holds then; none if the answer was empty.
        """
        if self.id is None:
            return infos_of(self.api.create_token())
        body = UserApiToken(token_name=name)
        return infos_of(self.api.generate_token_service_account(self.id, body=body))

    def rename(self, token: TokenInfo, name: str) -> TokenInfo:
        """Give a token another name.

        :return: the token with the name that the service has given it.
        """
        body = UserApiToken(token_name=name)
        secret = token.secret
        if self.id is None:
            answer = self.api.update_token_name(secret.reveal(), body=body)
        else:
            answer = self.api.update_token_name_service_account(self.id, secret.reveal(), body=body)
        model = response_of(answer)
        return renamed(token, name if model is None else model.token_name or "")

    def rename_exactly(self, token: TokenInfo, name: str) -> TokenInfo:
        """Give a token another name, or leave it the one that it has.

        :raises TokenOperationError: the service made another name of it.
        """
        found = self.rename(token, name)
        if found.name != name:
            self.restore(token)
            raise not_kept(name, found)
        return found

    def restore(self, token: TokenInfo) -> None:
        """Give a token back the name that it had when it was listed."""
        self.rename(token, token.name)

    def delete(self, token: TokenInfo) -> None:
        """Delete a token."""
        if self.id is None:
            response_of(self.api.delete_token(token.secret.reveal()))
        else:
            response_of(self.api.delete_token_service_account(self.id, token.secret.reveal()))

    def wait_for(self, fact: Callable[[list[TokenInfo]], object]) -> list[TokenInfo]:
        """List until something holds, for a listing may lag behind.

        :param fact: what has to be true of the listing.
        :return: the last listing, whether it holds or not.
        """
        until = _clock.clock() + PATIENCE
        while not fact(tokens := self.tokens()) and _clock.clock() < until:
            _clock.sleep(1)
        return tokens

    def require_slot(self, tokens: list[TokenInfo]) -> None:
        """Refuse to go on where no token can be made.

        :param tokens: all that the account holds.
        :raises NoFreeSlot: it holds those that could go, the longest idle first.
        """
        if len(tokens) < MOST_TOKENS:
            return
        own = own_keys(self.api)
        others = [token for token in tokens if token.secret not in own]
        raise NoFreeSlot(
            f"the account holds {len(tokens)} tokens, and more than {MOST_TOKENS} cannot be:"
            " revoke one that nobody uses",
            sorted(others, key=lambda token: seconds(token.last_used)),
        )


def not_kept(name: str, token: TokenInfo) -> TokenOperationError:
    """The error for a name that came back changed."""
    return TokenOperationError(
        f"the service made {token.name!r} of the name {name!r}: choose another, perhaps a shorter"
        f" one; token {token.handle} does not bear it",
        [token],
    )
