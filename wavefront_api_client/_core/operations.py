"""The eleven operations of the API token service, as data, and the check of a call of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from wavefront_api_client._core.limits import parse_timeout
from wavefront_api_client._core.wire import as_text

OPTIONS = frozenset({"async_req", "_preload_content", "_request_timeout", "_return_http_data_only"})
"""The options of every call, which `types.CallOptions` documents."""


class Operation(NamedTuple):
    """An endpoint of the service, by the method that calls it."""

    name: str
    method: str
    path: str
    """Resource path, with its parameters in braces."""
    result: str
    """Name of the model that it answers with."""
    takes_body: bool = False
    """Whether a `UserApiToken` may be sent along."""
    permission: str | None = None
    """The permission that the caller needs, None for calls about its own tokens."""


def check_call(
    operation: Operation, arguments: Mapping[str, Any], options: Mapping[str, Any]
) -> None:
    """Refuse wrong arguments of a call; `urls.fill` checks the values of the path."""
    for name in options:
        if name not in OPTIONS and not (name == "body" and operation.takes_body):
            near = [f": write `{each}`" for each in OPTIONS if len(name) > 4 and name in each]
            raise TypeError(
                f"Got an unexpected keyword argument '{name}' to method {operation.name}"
                + "".join(near)
            )
    for name, value in arguments.items():
        if value is None:
            raise ValueError(
                f"Missing the required parameter `{name}` when calling `{operation.name}`"
            )
    if "_request_timeout" in options:
        parse_timeout(options["_request_timeout"])


def with_json_keys(operation: Operation, body: Any) -> Any:
    """A body as it is sent: the names of attributes in a dictionary become JSON keys.

    As with a model, an attribute that is None is left out. A model stays as it is.
    """
    if body is None:
        return None
    # Imported here: a process that sends no model does not wait for the models before it sends.
    from wavefront_api_client.models.user_api_token import UserApiToken

    if isinstance(body, UserApiToken):
        return body
    what = f"`body` of `{operation.name}`"
    if not isinstance(body, dict):
        raise TypeError(f"{what} must be a UserApiToken or a dict, not {type(body).__name__}")
    keys = UserApiToken.attribute_map
    sent: dict[str, Any] = {}
    for given, value in body.items():
        name = as_text(given)
        key = keys.get(name, name)
        if key not in keys.values():
            known = ", ".join(sorted(keys.values()))
            raise ValueError(f"{what} holds a key (not shown) that is not one of {known}")
        is_sent = value is not None or name not in keys
        if is_sent and key in sent and sent[key] != value:
            raise ValueError(f"{what} has two values of `{key}`")
        if is_sent:
            sent[key] = value
    return sent


ROOT = "/api/v2/apitoken"
ACCOUNT, CUSTOMER = ROOT + "/serviceaccount/{id}", ROOT + "/customertokens"
ONE = "ResponseContainerUserApiToken"
LIST = "ResponseContainerListUserApiToken"
CUSTOMER_ONE = "ResponseContainerApiTokenModel"
CUSTOMER_LIST = "ResponseContainerListApiTokenModel"
BODY, NO_BODY = True, False
API_TOKENS = "API Tokens"
ACCOUNTS = "Accounts"

_ALL = (
    Operation("create_token", "POST", ROOT, LIST, NO_BODY, API_TOKENS),
    Operation("delete_customer_token", "PUT", CUSTOMER + "/revoke", ONE, BODY, ACCOUNTS),
    Operation("delete_token", "DELETE", ROOT + "/{id}", LIST),
    Operation(
        "delete_token_service_account", "DELETE", ACCOUNT + "/{token}", LIST, NO_BODY, ACCOUNTS
    ),
    Operation("generate_token_service_account", "POST", ACCOUNT, LIST, BODY, ACCOUNTS),
    Operation("get_all_tokens", "GET", ROOT, LIST),
    Operation("get_customer_token", "GET", CUSTOMER + "/{id}", CUSTOMER_ONE, NO_BODY, ACCOUNTS),
    Operation("get_customer_tokens", "GET", CUSTOMER, CUSTOMER_LIST, NO_BODY, ACCOUNTS),
    Operation("get_tokens_service_account", "GET", ACCOUNT, LIST, NO_BODY, ACCOUNTS),
    Operation("update_token_name", "PUT", ROOT + "/{id}", ONE, BODY),
    Operation(
        "update_token_name_service_account", "PUT", ACCOUNT + "/{token}", ONE, BODY, ACCOUNTS
    ),
)
OPERATIONS = {operation.name: operation for operation in _ALL}
BY_REQUEST = {(operation.method, operation.path): operation for operation in _ALL}
