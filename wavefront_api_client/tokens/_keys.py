"""Clients that use another key, and whether a key works."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from wavefront_api_client import ApiClient, ApiTokenApi
from wavefront_api_client.exceptions import ForbiddenException, UnauthorizedException
from wavefront_api_client.tokens import _clock
from wavefront_api_client.tokens._listing import tokens_of
from wavefront_api_client.tokens._token import Secret
from wavefront_api_client.tokens.errors import VerificationFailed

if TYPE_CHECKING:
    from typing import Callable

    from wavefront_api_client.tokens._token import TokenInfo

    Verify = Callable[[Secret], object]

KEY_HEADER = "X-AUTH-TOKEN"
_OTHER_KEY_HEADER = "authorization"
_BEARER = "bearer "

PATIENCE = 60
"""Seconds that a new key may take to work."""


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
    until = _clock.clock() + PATIENCE
    while not (verify(new) if verify else _lists_the_same(api, new, old)):
        if _clock.clock() >= until:
            raise VerificationFailed(
                f"token {new.handle} did not work for {PATIENCE} seconds;"
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
