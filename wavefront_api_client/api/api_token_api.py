"""The eleven calls of the API token service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from wavefront_api_client import models  # noqa: F401 (for `typing.get_type_hints`)
from wavefront_api_client._core.operations import OPERATIONS, check_call, with_json_keys
from wavefront_api_client._core.secrets import clears_frames, clears_frames_of_methods
from wavefront_api_client.api_client import JSON, ApiClient, check_argument

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from wavefront_api_client.types import BodyOptions, CallOptions
else:
    # For `typing.get_type_hints`: to import them would take time at each start.
    Unpack, BodyOptions, CallOptions = list, Any, Any

__all__ = ["ApiTokenApi"]

OneToken = "models.ResponseContainerUserApiToken"
Tokens = "models.ResponseContainerListUserApiToken"
CustomerToken = "models.ResponseContainerApiTokenModel"
CustomerTokens = "models.ResponseContainerListApiTokenModel"

T = TypeVar("T")
Answer = tuple[T, int, Mapping[str, str]]
"""Data, status and headers."""


@clears_frames_of_methods
class ApiTokenApi:
    """The API tokens of users, service accounts and the whole customer.

    Each call returns a container, whose `response` has the tokens that there are after the call, or
    the one that it is about; nothing where the answer has no body, or an earlier attempt of a
    removal had got through. A twin also returns status and headers. A ``body`` is a `UserApiToken`
    or a dictionary of its attributes or JSON keys. All raise `ApiException` where the service says
    no or no usable answer comes, and `ValueError` or `TypeError`, before anything is sent, for
    wrong arguments. Each takes these options, by name:

    - `async_req` (bool): If True, call in a thread and return an `AsyncResult` at once.
    - `_preload_content` (bool): If False, return the `urllib3.HTTPResponse`, unread; another status
      than 2xx still raises.
    - `_request_timeout` (RequestTimeout): Seconds for the whole call, a pair of seconds (connect,
      read), a `urllib3.Timeout`, or None for no limit; `Configuration.request_timeout` if not
      given.
    - `_return_http_data_only` (bool): If True, return the data alone, where the method would return
      (data, status, headers).

    :param api_client: the client to call with; a new `ApiClient` if None.
    :raises TypeError: `api_client` is something else.
    """

    @clears_frames
    def __init__(self, api_client: ApiClient | None = None) -> None:
        self.api_client = ApiClient() if api_client is None else api_client
        right = 'ApiTokenApi(ApiClient(Configuration(host="https://...", api_key="...")))'
        check_argument(self.api_client, "call_api", "ApiTokenApi", "an ApiClient", right)

    def create_token(self, **options: Unpack[CallOptions]) -> Tokens:
        """Create a token for the calling user.

        The newest token is the last of the list. An account may hold 20: one more is a
        `BadRequestException`. It is a `ForbiddenException` for a service account, and on an
        instance that is onboarded to VMware Cloud services. Calls POST /api/v2/apitoken
        """
        return self.create_token_with_http_info(**_data_only(options))

    def create_token_with_http_info(self, **options: Unpack[CallOptions]) -> Answer[Tokens]:
        """Like `create_token`, but returns (data, status, headers)."""
        return self._call("create_token", {}, options)

    def delete_customer_token(self, **options: Unpack[BodyOptions]) -> OneToken:
        """Revoke any token of the customer, the one that the body names.

        This cannot be undone. Calls PUT /api/v2/apitoken/customertokens/revoke

        :param body: holds the `token_id` to revoke.
        """
        return self.delete_customer_token_with_http_info(**_data_only(options))

    def delete_customer_token_with_http_info(
        self, **options: Unpack[BodyOptions]
    ) -> Answer[OneToken]:
        """Like `delete_customer_token`, but returns (data, status, headers)."""
        return self._call("delete_customer_token", {}, options)

    def delete_token(self, id: str, **options: Unpack[CallOptions]) -> Tokens:
        """Delete a token of the calling user.

        This cannot be undone. Calls DELETE /api/v2/apitoken/{id}

        :param id: the token to delete.
        """
        return self.delete_token_with_http_info(id, **_data_only(options))

    def delete_token_with_http_info(
        self, id: str, **options: Unpack[CallOptions]
    ) -> Answer[Tokens]:
        """Like `delete_token`, but returns (data, status, headers)."""
        return self._call("delete_token", {"id": id}, options)

    def delete_token_service_account(
        self, id: str, token: str, **options: Unpack[CallOptions]
    ) -> Tokens:
        """Delete a token of a service account.

        This cannot be undone. Calls DELETE /api/v2/apitoken/serviceaccount/{id}/{token}

        :param id: id of the service account, such as ``sa::name``.
        :param token: the token to delete.
        """
        return self.delete_token_service_account_with_http_info(id, token, **_data_only(options))

    def delete_token_service_account_with_http_info(
        self, id: str, token: str, **options: Unpack[CallOptions]
    ) -> Answer[Tokens]:
        """Like `delete_token_service_account`, but returns (data, status, headers)."""
        return self._call("delete_token_service_account", {"id": id, "token": token}, options)

    def generate_token_service_account(self, id: str, **options: Unpack[BodyOptions]) -> Tokens:
        """Create a token for a service account, under the name in the body if there is one.

        The newest token is the last of the list. An account may hold 20: one more is a
        `BadRequestException`. Calls POST /api/v2/apitoken/serviceaccount/{id}

        :param id: id of the service account, such as ``sa::name``.
        :param body: holds the `token_name`, or nothing.
        """
        return self.generate_token_service_account_with_http_info(id, **_data_only(options))

    def generate_token_service_account_with_http_info(
        self, id: str, **options: Unpack[BodyOptions]
    ) -> Answer[Tokens]:
        """Like `generate_token_service_account`, but returns (data, status, headers)."""
        return self._call("generate_token_service_account", {"id": id}, options)

    def get_all_tokens(self, **options: Unpack[CallOptions]) -> Tokens:
        """List the tokens of the calling user.

        Calls GET /api/v2/apitoken
        """
        return self.get_all_tokens_with_http_info(**_data_only(options))

    def get_all_tokens_with_http_info(self, **options: Unpack[CallOptions]) -> Answer[Tokens]:
        """Like `get_all_tokens`, but returns (data, status, headers)."""
        return self._call("get_all_tokens", {}, options)

    def get_customer_token(self, id: str, **options: Unpack[CallOptions]) -> CustomerToken:
        """Look up any token of the customer.

        Calls GET /api/v2/apitoken/customertokens/{id}

        :param id: the token.
        """
        return self.get_customer_token_with_http_info(id, **_data_only(options))

    def get_customer_token_with_http_info(
        self, id: str, **options: Unpack[CallOptions]
    ) -> Answer[CustomerToken]:
        """Like `get_customer_token`, but returns (data, status, headers)."""
        return self._call("get_customer_token", {"id": id}, options)

    def get_customer_tokens(self, **options: Unpack[CallOptions]) -> CustomerTokens:
        """List all tokens of the customer.

        Calls GET /api/v2/apitoken/customertokens
        """
        return self.get_customer_tokens_with_http_info(**_data_only(options))

    def get_customer_tokens_with_http_info(
        self, **options: Unpack[CallOptions]
    ) -> Answer[CustomerTokens]:
        """Like `get_customer_tokens`, but returns (data, status, headers)."""
        return self._call("get_customer_tokens", {}, options)

    def get_tokens_service_account(self, id: str, **options: Unpack[CallOptions]) -> Tokens:
        """List the tokens of a service account.

        Calls GET /api/v2/apitoken/serviceaccount/{id}

        :param id: id of the service account, such as ``sa::name``.
        """
        return self.get_tokens_service_account_with_http_info(id, **_data_only(options))

    def get_tokens_service_account_with_http_info(
        self, id: str, **options: Unpack[CallOptions]
    ) -> Answer[Tokens]:
        """Like `get_tokens_service_account`, but returns (data, status, headers)."""
        return self._call("get_tokens_service_account", {"id": id}, options)

    def update_token_name(self, id: str, **options: Unpack[BodyOptions]) -> OneToken:
        """Rename a token of the calling user to the `token_name` in the body.

        Calls PUT /api/v2/apitoken/{id}

        :param id: the token to rename.
        :param body: holds the new `token_name`.
        """
        return self.update_token_name_with_http_info(id, **_data_only(options))

    def update_token_name_with_http_info(
        self, id: str, **options: Unpack[BodyOptions]
    ) -> Answer[OneToken]:
        """Like `update_token_name`, but returns (data, status, headers)."""
        return self._call("update_token_name", {"id": id}, options)

    def update_token_name_service_account(
        self, id: str, token: str, **options: Unpack[BodyOptions]
    ) -> OneToken:
        """Rename a token of a service account to the `token_name` in the body.

        Calls PUT /api/v2/apitoken/serviceaccount/{id}/{token}

        :param id: id of the service account, such as ``sa::name``.
        :param token: the token to rename.
        :param body: holds the new `token_name`.
        """
        return self.update_token_name_service_account_with_http_info(
            id, token, **_data_only(options)
        )

    def update_token_name_service_account_with_http_info(
        self, id: str, token: str, **options: Unpack[BodyOptions]
    ) -> Answer[OneToken]:
        """Like `update_token_name_service_account`, but returns (data, status, headers)."""
        return self._call("update_token_name_service_account", {"id": id, "token": token}, options)

    def _call(self, name: str, arguments: Mapping[str, Any], options: Mapping[str, Any]) -> Any:
        operation = OPERATIONS[name]
        check_call(operation, arguments, options)
        headers = {"Accept": JSON}
        if operation.takes_body:
            headers["Content-Type"] = JSON
            options = {**options, "body": with_json_keys(operation, options.get("body"))}
        return self.api_client.call_api(
            operation.path,
            operation.method,
            arguments,
            [],
            headers,
            post_params=[],
            files={},
            response_type=operation.result,
            auth_settings=["api_key"],
            collection_formats={},
            **{"body": None, **options},
        )


def _data_only(options: Mapping[str, Any]) -> dict[str, Any]:
    return {**options, "_return_http_data_only": True}
