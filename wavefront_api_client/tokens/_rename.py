"""Rename: another name for a token, or the one that it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wavefront_api_client.tokens._account import Account
from wavefront_api_client.tokens._find import resolve
from wavefront_api_client.tokens._marks import checked

if TYPE_CHECKING:
    from wavefront_api_client import ApiTokenApi
    from wavefront_api_client.tokens._find import Ref
    from wavefront_api_client.tokens._token import TokenInfo


def rename(api: ApiTokenApi, ref: Ref, name: str, *, account: str | None = None) -> TokenInfo:
    """Give a token exactly this name, or leave it the one that it has.

    Calls ``get_tokens_service_account`` and ``update_token_name_service_account``, or
    ``get_all_tokens`` and ``update_token_name``.

    :param api: a client.
    :param ref: handle or exact name of the token, or the token itself as a `Secret`.
    :param name: what it is to be called.
    :param account: id of the service account that holds it; None for one of the caller's own.
    :return: the token with its new name.
    :raises ValueError: the name is empty, or ends like the mark of an unfinished operation.
    :raises TokenNotFound: the account has no such token.
    :raises AmbiguousToken: it has more than one.
    :raises TokenOperationError: the service made another name of it; it has its old one again.
    :raises ApiException: a call failed.
    """
    checked(name)
    holder = Account(api, account)
    return holder.rename_exactly(resolve(ref, holder.tokens()), name)
