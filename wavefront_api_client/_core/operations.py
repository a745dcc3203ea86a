"""The eleven operations of the API token service, as data."""

from __future__ import annotations

from wavefront_api_client._core.operation import Operation, operations

ONE = "ResponseContainerUserApiToken"
LIST = "ResponseContainerListUserApiToken"
CUSTOMER_ONE = "ResponseContainerApiTokenModel"
CUSTOMER_LIST = "ResponseContainerListApiTokenModel"
BODY, NO_BODY = True, False
API_TOKENS = "API Tokens"
ACCOUNTS = "Accounts"

OPERATIONS = operations(
    "/api/v2/apitoken",
    create_token=("POST", "", LIST, NO_BODY, API_TOKENS),
    delete_customer_token=("PUT", "/customertokens/revoke", ONE, BODY, ACCOUNTS),
    delete_token=("DELETE", "/{id}", LIST),
    delete_token_service_account=(
        "DELETE",
        "/serviceaccount/{id}/{token}",
        LIST,
        NO_BODY,
        ACCOUNTS,
    ),
    generate_token_service_account=("POST", "/serviceaccount/{id}", LIST, BODY, ACCOUNTS),
    get_all_tokens=("GET", "", LIST),
    get_customer_token=("GET", "/customertokens/{id}", CUSTOMER_ONE, NO_BODY, ACCOUNTS),
    get_customer_tokens=("GET", "/customertokens", CUSTOMER_LIST, NO_BODY, ACCOUNTS),
    get_tokens_service_account=("GET", "/serviceaccount/{id}", LIST, NO_BODY, ACCOUNTS),
    update_token_name=("PUT", "/{id}", ONE, BODY),
    update_token_name_service_account=("PUT", "/serviceaccount/{id}/{token}", ONE, BODY, ACCOUNTS),
)


def find(method: str, path: str) -> Operation | None:
    """The operation that a request is, None for one that has no name.

    :param method: HTTP method.
    :param path: resource path, with its parameters in braces.
    """
    for operation in OPERATIONS.values():
        if (operation.method, operation.path) == (method, path):
            return operation
    return None
