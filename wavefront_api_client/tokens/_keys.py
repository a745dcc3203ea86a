"""Clients that use another key, and whether a key works."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from wavefront_api_client import ApiClient, ApiTokenApi
from wavefront_api_client.exceptions import ForbiddenException, UnauthorizedException
from wavefront_api_client.tokens import _surroundings
from wavefront_api_client.tokens._listing import tokens_of
from wavefront_api_client.tokens._secret import Secret
from wavefront_api_client.tokens.errors import VerificationFailed

if TYPE_CHECKING:
    from typing import Callable

    from wavefront_api_client.tokens._info import TokenInfo

    Verify = Callable[[Secret], object]

KEY_HEADER = "X-AUTH-TOKEN"
_OTHER_KEY_HEADER = "authorization"
_BEARER = "bearer "

PATIENCE = 60
"""Seconds that a new key may take to work."""


def own_keys(api: ApiTokenApi) -> set[Secret]:
    """The tokens that a client authenticates itself with: none, one, or one in each header."""
    client = api.api_client
    found = [_last_word(client.configuration.get_api_key_with_prefix(KEY_HEADER))]
    found += [_last_word(client.default_headers[name]) for name in _bearers(client)]
    return {secret for secret in found if secret is not None}


def use_key(api: ApiTokenApi, secret: Secret) -> None:
    """Have a client authenticate itself with another key, in the same way as before."""
    client, configuration = api.api_client, api.api_client.configuration
    bearers = _bearers(client)
    for name in bearers:
        client.set_default_header(name, f"Bearer {secret.reveal()}")
    if configuration.api_key.get(KEY_HEADER) or not bearers:
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
    if verify is None and listed_by(api, Secret(_surroundings.word() * 4)) is not None:
        raise VerificationFailed("a random key works as well: nothing can be verified here")
    until = _surroundings.clock() + PATIENCE
    while not (verify(new) if verify else _lists_the_same(api, new, old)):
        if _surroundings.clock() >= until:
            raise VerificationFailed(
                f"token {new.handle} did not work for {PATIENCE} seconds;"
                f" token {old.handle} is untouched, run it again"
            )
        _surroundings.sleep(1)


def _lists_the_same(api: ApiTokenApi, new: Secret, old: Secret) -> bool:
    expected, found = listed_by(api, old), listed_by(api, new)
    if not expected or not found:
        return False
    return {token.secret for token in expected} == {token.secret for token in found}


def _bearers(client: ApiClient) -> list[str]:
    """The names of the headers that carry a key beside, or in place of, the usual one."""
    return [
        name
        for name, value in client.default_headers.items()
        if name.lower() == _OTHER_KEY_HEADER and str(value).lower().startswith(_BEARER)
    ]


def _last_word(value: object) -> Secret | None:
    """A key without its prefix."""
    return Secret(str(value).rpartition(" ")[2]) if value else None
