"""The types of the eleven calls, which depend on their options; made by scripts/make_stub.py."""

from collections.abc import Mapping
from typing import Any, Literal, overload

from urllib3 import HTTPResponse

from wavefront_api_client._core.background import AsyncResult
from wavefront_api_client._core.limits import NotGiven, RequestTimeout
from wavefront_api_client.api_client import ApiClient
from wavefront_api_client.models import (
    ResponseContainerApiTokenModel,
    ResponseContainerListApiTokenModel,
    ResponseContainerListUserApiToken,
    ResponseContainerUserApiToken,
    UserApiToken,
)

__all__ = ["ApiTokenApi"]

_Token = ResponseContainerUserApiToken
_Tokens = ResponseContainerListUserApiToken
_CustomerToken = ResponseContainerApiTokenModel
_CustomerTokens = ResponseContainerListApiTokenModel
_Headers = Mapping[str, str]

class ApiTokenApi:
    api_client: ApiClient
    def __init__(self, api_client: ApiClient | None = None) -> None: ...
    @overload
    def create_token(
        self,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> _Tokens: ...
    @overload
    def create_token(
        self,
        *,
        async_req: Literal[True],
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> AsyncResult[_Tokens]: ...
    @overload
    def create_token(
        self,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[False],
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> HTTPResponse: ...
    @overload
    def create_token(
        self,
        *,
        async_req: bool = ...,
        _preload_content: bool = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: bool = ...,
    ) -> Any: ...
    @overload
    def create_token_with_http_info(
        self,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> tuple[_Tokens, int, _Headers]: ...
    @overload
    def create_token_with_http_info(
        self,
        *,
        async_req: Literal[True],
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> AsyncResult[tuple[_Tokens, int, _Headers]]: ...
    @overload
    def create_token_with_http_info(
        self,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[False],
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> tuple[HTTPResponse, int, _Headers]: ...
    @overload
    def create_token_with_http_info(
        self,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[True],
    ) -> _Tokens: ...
    @overload
    def create_token_with_http_info(
        self,
        *,
        async_req: bool = ...,
        _preload_content: bool = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: bool = ...,
    ) -> Any: ...
    @overload
    def delete_customer_token(
        self,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> _Token: ...
    @overload
    def delete_customer_token(
        self,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: Literal[True],
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> AsyncResult[_Token]: ...
    @overload
    def delete_customer_token(
        self,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: Literal[False] = ...,
        _preload_content: Literal[False],
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> HTTPResponse: ...
    @overload
    def delete_customer_token(
        self,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: bool = ...,
        _preload_content: bool = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: bool = ...,
    ) -> Any: ...
    @overload
    def delete_customer_token_with_http_info(
        self,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> tuple[_Token, int, _Headers]: ...
    @overload
    def delete_customer_token_with_http_info(
        self,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: Literal[True],
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> AsyncResult[tuple[_Token, int, _Headers]]: ...
    @overload
    def delete_customer_token_with_http_info(
        self,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: Literal[False] = ...,
        _preload_content: Literal[False],
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> tuple[HTTPResponse, int, _Headers]: ...
    @overload
    def delete_customer_token_with_http_info(
        self,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[True],
    ) -> _Token: ...
    @overload
    def delete_customer_token_with_http_info(
        self,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: bool = ...,
        _preload_content: bool = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: bool = ...,
    ) -> Any: ...
    @overload
    def delete_token(
        self,
        id: str | bytes,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> _Tokens: ...
    @overload
    def delete_token(
        self,
        id: str | bytes,
        *,
        async_req: Literal[True],
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> AsyncResult[_Tokens]: ...
    @overload
    def delete_token(
        self,
        id: str | bytes,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[False],
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> HTTPResponse: ...
    @overload
    def delete_token(
        self,
        id: str | bytes,
        *,
        async_req: bool = ...,
        _preload_content: bool = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: bool = ...,
    ) -> Any: ...
    @overload
    def delete_token_with_http_info(
        self,
        id: str | bytes,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> tuple[_Tokens, int, _Headers]: ...
    @overload
    def delete_token_with_http_info(
        self,
        id: str | bytes,
        *,
        async_req: Literal[True],
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> AsyncResult[tuple[_Tokens, int, _Headers]]: ...
    @overload
    def delete_token_with_http_info(
        self,
        id: str | bytes,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[False],
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> tuple[HTTPResponse, int, _Headers]: ...
    @overload
    def delete_token_with_http_info(
        self,
        id: str | bytes,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[True],
    ) -> _Tokens: ...
    @overload
    def delete_token_with_http_info(
        self,
        id: str | bytes,
        *,
        async_req: bool = ...,
        _preload_content: bool = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: bool = ...,
    ) -> Any: ...
    @overload
    def delete_token_service_account(
        self,
        id: str | bytes,
        token: str | bytes,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> _Tokens: ...
    @overload
    def delete_token_service_account(
        self,
        id: str | bytes,
        token: str | bytes,
        *,
        async_req: Literal[True],
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> AsyncResult[_Tokens]: ...
    @overload
    def delete_token_service_account(
        self,
        id: str | bytes,
        token: str | bytes,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[False],
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> HTTPResponse: ...
    @overload
    def delete_token_service_account(
        self,
        id: str | bytes,
        token: str | bytes,
        *,
        async_req: bool = ...,
        _preload_content: bool = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: bool = ...,
    ) -> Any: ...
    @overload
    def delete_token_service_account_with_http_info(
        self,
        id: str | bytes,
        token: str | bytes,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> tuple[_Tokens, int, _Headers]: ...
    @overload
    def delete_token_service_account_with_http_info(
        self,
        id: str | bytes,
        token: str | bytes,
        *,
        async_req: Literal[True],
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> AsyncResult[tuple[_Tokens, int, _Headers]]: ...
    @overload
    def delete_token_service_account_with_http_info(
        self,
        id: str | bytes,
        token: str | bytes,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[False],
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> tuple[HTTPResponse, int, _Headers]: ...
    @overload
    def delete_token_service_account_with_http_info(
        self,
        id: str | bytes,
        token: str | bytes,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[True],
    ) -> _Tokens: ...
    @overload
    def delete_token_service_account_with_http_info(
        self,
        id: str | bytes,
        token: str | bytes,
        *,
        async_req: bool = ...,
        _preload_content: bool = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: bool = ...,
    ) -> Any: ...
    @overload
    def generate_token_service_account(
        self,
        id: str | bytes,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> _Tokens: ...
    @overload
    def generate_token_service_account(
        self,
        id: str | bytes,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: Literal[True],
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> AsyncResult[_Tokens]: ...
    @overload
    def generate_token_service_account(
        self,
        id: str | bytes,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: Literal[False] = ...,
        _preload_content: Literal[False],
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> HTTPResponse: ...
    @overload
    def generate_token_service_account(
        self,
        id: str | bytes,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: bool = ...,
        _preload_content: bool = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: bool = ...,
    ) -> Any: ...
    @overload
    def generate_token_service_account_with_http_info(
        self,
        id: str | bytes,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> tuple[_Tokens, int, _Headers]: ...
    @overload
    def generate_token_service_account_with_http_info(
        self,
        id: str | bytes,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: Literal[True],
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> AsyncResult[tuple[_Tokens, int, _Headers]]: ...
    @overload
    def generate_token_service_account_with_http_info(
        self,
        id: str | bytes,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: Literal[False] = ...,
        _preload_content: Literal[False],
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> tuple[HTTPResponse, int, _Headers]: ...
    @overload
    def generate_token_service_account_with_http_info(
        self,
        id: str | bytes,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[True],
    ) -> _Tokens: ...
    @overload
    def generate_token_service_account_with_http_info(
        self,
        id: str | bytes,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: bool = ...,
        _preload_content: bool = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: bool = ...,
    ) -> Any: ...
    @overload
    def get_all_tokens(
        self,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> _Tokens: ...
    @overload
    def get_all_tokens(
        self,
        *,
        async_req: Literal[True],
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> AsyncResult[_Tokens]: ...
    @overload
    def get_all_tokens(
        self,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[False],
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> HTTPResponse: ...
    @overload
    def get_all_tokens(
        self,
        *,
        async_req: bool = ...,
        _preload_content: bool = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: bool = ...,
    ) -> Any: ...
    @overload
    def get_all_tokens_with_http_info(
        self,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> tuple[_Tokens, int, _Headers]: ...
    @overload
    def get_all_tokens_with_http_info(
        self,
        *,
        async_req: Literal[True],
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> AsyncResult[tuple[_Tokens, int, _Headers]]: ...
    @overload
    def get_all_tokens_with_http_info(
        self,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[False],
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> tuple[HTTPResponse, int, _Headers]: ...
    @overload
    def get_all_tokens_with_http_info(
        self,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[True],
    ) -> _Tokens: ...
    @overload
    def get_all_tokens_with_http_info(
        self,
        *,
        async_req: bool = ...,
        _preload_content: bool = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: bool = ...,
    ) -> Any: ...
    @overload
    def get_customer_token(
        self,
        id: str | bytes,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> _CustomerToken: ...
    @overload
    def get_customer_token(
        self,
        id: str | bytes,
        *,
        async_req: Literal[True],
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> AsyncResult[_CustomerToken]: ...
    @overload
    def get_customer_token(
        self,
        id: str | bytes,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[False],
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> HTTPResponse: ...
    @overload
    def get_customer_token(
        self,
        id: str | bytes,
        *,
        async_req: bool = ...,
        _preload_content: bool = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: bool = ...,
    ) -> Any: ...
    @overload
    def get_customer_token_with_http_info(
        self,
        id: str | bytes,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> tuple[_CustomerToken, int, _Headers]: ...
    @overload
    def get_customer_token_with_http_info(
        self,
        id: str | bytes,
        *,
        async_req: Literal[True],
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> AsyncResult[tuple[_CustomerToken, int, _Headers]]: ...
    @overload
    def get_customer_token_with_http_info(
        self,
        id: str | bytes,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[False],
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> tuple[HTTPResponse, int, _Headers]: ...
    @overload
    def get_customer_token_with_http_info(
        self,
        id: str | bytes,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[True],
    ) -> _CustomerToken: ...
    @overload
    def get_customer_token_with_http_info(
        self,
        id: str | bytes,
        *,
        async_req: bool = ...,
        _preload_content: bool = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: bool = ...,
    ) -> Any: ...
    @overload
    def get_customer_tokens(
        self,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> _CustomerTokens: ...
    @overload
    def get_customer_tokens(
        self,
        *,
        async_req: Literal[True],
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> AsyncResult[_CustomerTokens]: ...
    @overload
    def get_customer_tokens(
        self,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[False],
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> HTTPResponse: ...
    @overload
    def get_customer_tokens(
        self,
        *,
        async_req: bool = ...,
        _preload_content: bool = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: bool = ...,
    ) -> Any: ...
    @overload
    def get_customer_tokens_with_http_info(
        self,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> tuple[_CustomerTokens, int, _Headers]: ...
    @overload
    def get_customer_tokens_with_http_info(
        self,
        *,
        async_req: Literal[True],
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> AsyncResult[tuple[_CustomerTokens, int, _Headers]]: ...
    @overload
    def get_customer_tokens_with_http_info(
        self,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[False],
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> tuple[HTTPResponse, int, _Headers]: ...
    @overload
    def get_customer_tokens_with_http_info(
        self,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[True],
    ) -> _CustomerTokens: ...
    @overload
    def get_customer_tokens_with_http_info(
        self,
        *,
        async_req: bool = ...,
        _preload_content: bool = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: bool = ...,
    ) -> Any: ...
    @overload
    def get_tokens_service_account(
        self,
        id: str | bytes,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> _Tokens: ...
    @overload
    def get_tokens_service_account(
        self,
        id: str | bytes,
        *,
        async_req: Literal[True],
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> AsyncResult[_Tokens]: ...
    @overload
    def get_tokens_service_account(
        self,
        id: str | bytes,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[False],
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> HTTPResponse: ...
    @overload
    def get_tokens_service_account(
        self,
        id: str | bytes,
        *,
        async_req: bool = ...,
        _preload_content: bool = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: bool = ...,
    ) -> Any: ...
    @overload
    def get_tokens_service_account_with_http_info(
        self,
        id: str | bytes,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> tuple[_Tokens, int, _Headers]: ...
    @overload
    def get_tokens_service_account_with_http_info(
        self,
        id: str | bytes,
        *,
        async_req: Literal[True],
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> AsyncResult[tuple[_Tokens, int, _Headers]]: ...
    @overload
    def get_tokens_service_account_with_http_info(
        self,
        id: str | bytes,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[False],
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> tuple[HTTPResponse, int, _Headers]: ...
    @overload
    def get_tokens_service_account_with_http_info(
        self,
        id: str | bytes,
        *,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[True],
    ) -> _Tokens: ...
    @overload
    def get_tokens_service_account_with_http_info(
        self,
        id: str | bytes,
        *,
        async_req: bool = ...,
        _preload_content: bool = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: bool = ...,
    ) -> Any: ...
    @overload
    def update_token_name(
        self,
        id: str | bytes,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> _Token: ...
    @overload
    def update_token_name(
        self,
        id: str | bytes,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: Literal[True],
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> AsyncResult[_Token]: ...
    @overload
    def update_token_name(
        self,
        id: str | bytes,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: Literal[False] = ...,
        _preload_content: Literal[False],
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> HTTPResponse: ...
    @overload
    def update_token_name(
        self,
        id: str | bytes,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: bool = ...,
        _preload_content: bool = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: bool = ...,
    ) -> Any: ...
    @overload
    def update_token_name_with_http_info(
        self,
        id: str | bytes,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> tuple[_Token, int, _Headers]: ...
    @overload
    def update_token_name_with_http_info(
        self,
        id: str | bytes,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: Literal[True],
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> AsyncResult[tuple[_Token, int, _Headers]]: ...
    @overload
    def update_token_name_with_http_info(
        self,
        id: str | bytes,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: Literal[False] = ...,
        _preload_content: Literal[False],
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> tuple[HTTPResponse, int, _Headers]: ...
    @overload
    def update_token_name_with_http_info(
        self,
        id: str | bytes,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[True],
    ) -> _Token: ...
    @overload
    def update_token_name_with_http_info(
        self,
        id: str | bytes,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: bool = ...,
        _preload_content: bool = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: bool = ...,
    ) -> Any: ...
    @overload
    def update_token_name_service_account(
        self,
        id: str | bytes,
        token: str | bytes,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> _Token: ...
    @overload
    def update_token_name_service_account(
        self,
        id: str | bytes,
        token: str | bytes,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: Literal[True],
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> AsyncResult[_Token]: ...
    @overload
    def update_token_name_service_account(
        self,
        id: str | bytes,
        token: str | bytes,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: Literal[False] = ...,
        _preload_content: Literal[False],
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> HTTPResponse: ...
    @overload
    def update_token_name_service_account(
        self,
        id: str | bytes,
        token: str | bytes,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: bool = ...,
        _preload_content: bool = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: bool = ...,
    ) -> Any: ...
    @overload
    def update_token_name_service_account_with_http_info(
        self,
        id: str | bytes,
        token: str | bytes,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> tuple[_Token, int, _Headers]: ...
    @overload
    def update_token_name_service_account_with_http_info(
        self,
        id: str | bytes,
        token: str | bytes,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: Literal[True],
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> AsyncResult[tuple[_Token, int, _Headers]]: ...
    @overload
    def update_token_name_service_account_with_http_info(
        self,
        id: str | bytes,
        token: str | bytes,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: Literal[False] = ...,
        _preload_content: Literal[False],
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[False] = ...,
    ) -> tuple[HTTPResponse, int, _Headers]: ...
    @overload
    def update_token_name_service_account_with_http_info(
        self,
        id: str | bytes,
        token: str | bytes,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: Literal[False] = ...,
        _preload_content: Literal[True] = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: Literal[True],
    ) -> _Token: ...
    @overload
    def update_token_name_service_account_with_http_info(
        self,
        id: str | bytes,
        token: str | bytes,
        *,
        body: UserApiToken | dict[str, Any] | None = ...,
        async_req: bool = ...,
        _preload_content: bool = ...,
        _request_timeout: RequestTimeout | NotGiven = ...,
        _return_http_data_only: bool = ...,
    ) -> Any: ...
