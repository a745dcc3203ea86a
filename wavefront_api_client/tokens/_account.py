"""The tokens of one account, the calls for them, and clients that use another key."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Callable

from wavefront_api_client import ApiClient, ApiTokenApi
from wavefront_api_client.exceptions import (
    ForbiddenException,
    InvalidResponseException,
    UnauthorizedException,
)
from wavefront_api_client.models import UserApiToken
from wavefront_api_client.tokens import _clock
from wavefront_api_client.tokens._listing import KEY_HEADER, infos_of, response_of, tokens_of
from wavefront_api_client.tokens._states import seconds
from wavefront_api_client.tokens._token import Secret, renamed
from wavefront_api_client.tokens.errors import (
    NoFreeSlot,
    TokenOperationError,
    VerificationFailed,
)

if TYPE_CHECKING:
    from wavefront_api_client.tokens._token import TokenInfo

Verify = Callable[[Secret], object]
"""Tells whether a key works."""

_OTHER_KEY_HEADER = "authorization"
_BEARER = "bearer "

PROOF_PATIENCE = 60
"""Seconds that a new key may take to work."""

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
        :return: all tokens that the account holds then.
        :raises InvalidResponseException: the answer is no listing; its outcome is unknown.
        """
        if self.id is None:
            answer = self.api.create_token()
        else:
            body = UserApiToken(token_name=name)
            answer = self.api.generate_token_service_account(self.id, body=body)
        try:
            return infos_of(answer)
        except InvalidResponseException as error:
            error.outcome_unknown = True
            raise

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


def require_api(api: object) -> None:
    """Refuse what has no calls for tokens, such as an `ApiClient`.

    :raises TypeError: it has none.
    """
    if not hasattr(api, "get_all_tokens"):
        raise TypeError(f"api must be an ApiTokenApi, not {type(api).__name__}")


def own_keys(api: ApiTokenApi) -> set[Secret]:
    """The tokens that a client authenticates itself with: none, one, or one in each header."""
    client = api.api_client
    found = [client.configuration.get_api_key_with_prefix(KEY_HEADER) or ""]
    found += _key_headers(client).values()
    return {Secret(words[-1]) for words in map(str.split, found) if words}


def use_key(api: ApiTokenApi, secret: Secret) -> None:
    """Have a client authenticate itself with another key, in the same way as before."""
    client, configuration = api.api_client, api.api_client.configuration
    headers = _key_headers(client)
    for name, value in headers.items():
        client.set_default_header(name, " ".join([*value.split()[:-1], secret.reveal()]))
    if configuration.api_key.get(KEY_HEADER) or not headers:
        configuration.api_key = {**configuration.api_key, KEY_HEADER: secret.reveal()}


def with_key(api: ApiTokenApi, secret: Secret) -> ApiTokenApi:
    """A client like another one, but with a key of its own; it has to be closed.

    :param api: stays as it is.
    """
    configuration = copy(api.api_client.configuration)
    configuration.refresh_api_key_hook = None
    other = ApiTokenApi(ApiClient(configuration, cookie=api.api_client.cookie))
    other.api_client.default_headers.update(api.api_client.default_headers)
    use_key(other, secret)
    return other


def listed_by(api: ApiTokenApi, secret: Secret) -> list[TokenInfo] | None:
    """The tokens that a key lists as its own account's; None if it does not work, or may not.

    :raises ApiException: the call failed for another reason.
    """
    other = with_key(api, secret)
    with other.api_client:
        try:
            return tokens_of(other, None)
        except (UnauthorizedException, ForbiddenException):
            return None


def prove(api: ApiTokenApi, new: Secret, old: Secret, verify: Verify | None) -> None:
    """Wait until a new key does what an old one does.

    :param verify: asked instead of the service; truth means that the key works.
    :raises VerificationFailed: it does not within a minute, or any key does.
    :raises ApiException: a call failed for another reason than its key.
    """
    if verify is None and listed_by(api, Secret(_clock.word() * 4)) is not None:
        raise VerificationFailed("a random key works as well: nothing can be verified here")
    until = _clock.clock() + PROOF_PATIENCE
    while not (verify(new) if verify else _lists_the_same(api, new, old)):
        if _clock.clock() >= until:
            raise VerificationFailed(
                f"token {new.handle} did not work for {PROOF_PATIENCE} seconds;"
                f" token {old.handle} is untouched, run it again"
            )
        _clock.sleep(1)


def _lists_the_same(api: ApiTokenApi, new: Secret, old: Secret) -> bool:
    expected, found = listed_by(api, old), listed_by(api, new)
    if not expected or not found:
        return False
    return {token.secret for token in expected} == {token.secret for token in found}


def _key_headers(client: ApiClient) -> dict[str, str]:
    """The headers that carry a key beside, or in place of, the one of the configuration."""
    texts = {name: _text_of(value) for name, value in client.default_headers.items()}
    return {name: text for name, text in texts.items() if _has_key(name.lower(), text.lower())}


def _has_key(name: str, text: str) -> bool:
    return name == KEY_HEADER.lower() or (name == _OTHER_KEY_HEADER and text.startswith(_BEARER))


def _text_of(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value or "")
