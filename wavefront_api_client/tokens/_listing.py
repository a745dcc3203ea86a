"""Which tokens there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wavefront_api_client.exceptions import ApiException
from wavefront_api_client.tokens._token import TokenInfo

if TYPE_CHECKING:
    from typing import Any

    from wavefront_api_client import ApiTokenApi


def tokens_of(api: ApiTokenApi, account: str | None) -> list[TokenInfo]:
    """The tokens of an account, in the order of the service.

    :param account: id of a service account, None for the caller's own tokens.
    :raises ApiException: the call failed.
    """
    if account is None:
        return infos_of(api.get_all_tokens())
    return infos_of(api.get_tokens_service_account(account))


def tokens_of_customer(api: ApiTokenApi) -> list[TokenInfo]:
    """The tokens of all accounts.

    :raises ApiException: the call failed.
    """
    return infos_of(api.get_customer_tokens())


def infos_of(answer: Any) -> list[TokenInfo]:
    """What an answer lists; an element without a token is none.

    :param answer: a container whose response is a list.
    :raises ApiException: the service said that it failed.
    """
    infos = [TokenInfo(model) for model in response_of(answer) or ()]
    return [info for info in infos if info.is_known]


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
