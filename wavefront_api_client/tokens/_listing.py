"""What counts as a listing: a list of tokens that each have an id, and nothing else does."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from wavefront_api_client.exceptions import ApiException, InvalidResponseException
from wavefront_api_client.models import ApiTokenModel, UserApiToken
from wavefront_api_client.tokens._token import TokenInfo, hide_tokens

if TYPE_CHECKING:
    from typing import Any

    from wavefront_api_client import ApiTokenApi

KEY_HEADER = "X-AUTH-TOKEN"
LOG = logging.getLogger("wavefront_api_client.tokens")


def tokens_of(api: ApiTokenApi, account: str | None) -> list[TokenInfo]:
    """The tokens of an account, in the order of the service.

    :param account: id of a service account, None for the caller's own tokens.
    :raises InvalidResponseException: the answer is no listing.
    :raises ApiException: the call failed.
    """
    if account is not None:
        return infos_of(api.get_tokens_service_account(account))
    found = infos_of(api.get_all_tokens())
    _require_key(api, found)
    return found


def tokens_of_customer(api: ApiTokenApi) -> list[TokenInfo]:
    """The tokens of all accounts.

    :raises InvalidResponseException: the answer is no listing.
    :raises ApiException: the call failed.
    """
    return _infos(models_of_customer(api))


def models_of_customer(api: ApiTokenApi) -> list[Any]:
    """The tokens of all accounts as models; a customer may have a hundred thousand.

    :raises InvalidResponseException: the answer is no listing.
    :raises ApiException: the call failed.
    """
    found = models_of(api.get_customer_tokens(), ApiTokenModel)
    _require_key(api, found)
    return found


def _require_key(api: ApiTokenApi, found: list[Any]) -> None:
    """Refuse an empty listing where the key is an API token, which would have to be in it."""
    if not found and api.api_client.configuration.get_api_key_with_prefix(KEY_HEADER):
        raise _no_listing("an empty list, without the key itself,")


def infos_of(answer: Any) -> list[TokenInfo]:
    """The tokens that an answer lists.

    :param answer: a container whose response should be a list.
    :raises InvalidResponseException: the answer is no listing.
    :raises ApiException: the service said that it failed.
    """
    return _infos(models_of(answer, UserApiToken))


def _infos(models: list[Any]) -> list[TokenInfo]:
    tells_use = any(model.last_used for model in models)
    return [TokenInfo(model, tells_use) for model in models]


def models_of(answer: Any, kind: type[UserApiToken | ApiTokenModel]) -> list[Any]:
    """The models that an answer lists, each of which has the token itself.

    An empty list that comes with a message, such as that of the client for an answer without a
    body, says nothing about the tokens. The message of another listing is logged as a warning.

    :param answer: a container whose response should be a list.
    :param kind: the model of the elements.
    :raises InvalidResponseException: the answer is no listing.
    :raises ApiException: the service said that it failed.
    """
    token = "id" if kind is ApiTokenModel else "token_id"
    listed = response_of(answer)
    message = hide_tokens(str((answer.status and answer.status.message) or ""))
    if not isinstance(listed, list):
        raise _no_listing(type(listed).__name__, message)
    if message and not listed:
        raise _no_listing("an empty list", message)
    for element in listed:
        if not (isinstance(element, kind) and _is_text(getattr(element, token))):
            raise _no_listing(f"a list with an element without a token ({type(element).__name__})")
    if message:
        LOG.warning("the service says of its list of %d tokens: %s", len(listed), message)
    return listed


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _no_listing(found: str, message: str = "") -> InvalidResponseException:
    error = InvalidResponseException(200, f"a list of tokens was expected, and {found} came")
    error.message = message or None
    return error


def response_of(answer: Any) -> Any:
    """What an answer holds; status 200 with the result ERROR is a failure, not an empty answer.

    :raises ApiException: the service said that it failed.
    """
    status = answer.status
    if status is not None and status.result == "ERROR":
        error = ApiException(200, "the service answered with the result ERROR")
        error.message = status.message
        raise error
    return answer.response
