"""Find: which tokens are meant by a secret, a handle or a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wavefront_api_client.exceptions import ForbiddenException, UnauthorizedException
from wavefront_api_client.tokens._listing import tokens_of, tokens_of_customer
from wavefront_api_client.tokens._resolve import has_handle, is_handle
from wavefront_api_client.tokens._token import Secret

if TYPE_CHECKING:
    from wavefront_api_client import ApiTokenApi
    from wavefront_api_client.tokens._token import TokenInfo


def find(
    api: ApiTokenApi,
    *,
    secret: Secret | str | None = None,
    handle: str | None = None,
    name: str | None = None,
    account: str | None = None,
) -> list[TokenInfo]:
    """List the tokens that something is known of. No token is put into a URL.

    Calls ``get_customer_tokens``, and ``get_all_tokens`` where that is forbidden; with an
    account, ``get_tokens_service_account``.

    :param api: a client.
    :param secret: the token itself, such as one that has leaked.
    :param handle: its handle, or the first 6 digits of it or more.
    :param name: its exact name.
    :param account: id of the service account that holds it; None for wherever the caller may
        look: all accounts of the customer, or else the caller's own.
    :return: those that all of it is true of; none if there is none.
    :raises ValueError: nothing was given, or what cannot be a handle.
    :raises ApiException: a call failed.
    """
    secret = Secret(secret) if isinstance(secret, str) else secret
    if secret is None and handle is None and name is None:
        raise ValueError("say what to find: a secret, a handle or a name")
    if handle is not None and not is_handle(handle):
        raise ValueError("a handle is 6 or more hex digits")
    return [
        token
        for token in _all(api, account)
        if secret in (None, token.secret)
        and name in (None, token.name)
        and (handle is None or has_handle(token, handle))
    ]


def _all(api: ApiTokenApi, account: str | None) -> list[TokenInfo]:
    if account is not None:
        return tokens_of(api, account)
    try:
        return tokens_of_customer(api)
    except (ForbiddenException, UnauthorizedException):
        return tokens_of(api, None)
