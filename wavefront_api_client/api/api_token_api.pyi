"""The types of the eleven calls, which depend on their options; made by scripts/make_stub.py."""

from collections.abc import Mapping
from typing import Any, Literal, TypedDict, overload

from typing_extensions import Required, Unpack
from urllib3 import HTTPResponse

from wavefront_api_client._timeouts import RequestTimeout
from wavefront_api_client._workers import AsyncResult
from wavefront_api_client.api_client import ApiClient
from wavefront_api_client.models import (
    ResponseContainerApiTokenModel,
    ResponseContainerListApiTokenModel,
    ResponseContainerListUserApiToken,
    ResponseContainerUserApiToken,
    UserApiToken,
)

__all__ = ["ApiTokenApi"]

class _Timeout(TypedDict, total=False):
    _request_timeout: RequestTimeout

class _Body(TypedDict, total=False):
    body: UserApiToken | dict[str, Any] | None

class _Now(_Timeout, total=False):
    async_req: Literal[False]
    _preload_content: Literal[True]
    _return_http_data_only: Literal[False]

class _Later(_Timeout, total=False):
    async_req: Required[Literal[True]]
    _preload_content: Literal[True]
    _return_http_data_only: Literal[False]

class _Unread(_Timeout, total=False):
    async_req: Literal[False]
    _preload_content: Required[Literal[False]]
    _return_http_data_only: Literal[False]

class _DataOnly(_Timeout, total=False):
    async_req: Literal[False]
    _preload_content: Literal[True]
    _return_http_data_only: Required[Literal[True]]

class _Any(_Timeout, total=False):
    async_req: bool
    _preload_content: bool
    _return_http_data_only: bool

class _BodyNow(_Now, _Body): ...
class _BodyLater(_Later, _Body): ...
class _BodyUnread(_Unread, _Body): ...
class _BodyDataOnly(_DataOnly, _Body): ...
class _BodyAny(_Any, _Body): ...

_Token = ResponseContainerUserApiToken
_Tokens = ResponseContainerListUserApiToken
_CustomerToken = ResponseContainerApiTokenModel
_CustomerTokens = ResponseContainerListApiTokenModel
_Headers = Mapping[str, str]

class ApiTokenApi:
    """The API tokens of users, service accounts and the whole customer."""

    api_client: ApiClient
    def __init__(self, api_client: ApiClient | None = None) -> None: ...
    @overload
    def create_token(self, **options: Unpack[_Now]) -> _Tokens: ...
    @overload
    def create_token(self, **options: Unpack[_Later]) -> AsyncResult[_Tokens]: ...
    @overload
    def create_token(self, **options: Unpack[_Unread]) -> HTTPResponse: ...
    @overload
    def create_token(self, **options: Unpack[_Any]) -> Any: ...
    @overload
    def create_token_with_http_info(
        self, **options: Unpack[_Now]
    ) -> tuple[_Tokens, int, _Headers]: ...
    @overload
    def create_token_with_http_info(
        self, **options: Unpack[_Later]
    ) -> AsyncResult[tuple[_Tokens, int, _Headers]]: ...
    @overload
    def create_token_with_http_info(
        self, **options: Unpack[_Unread]
    ) -> tuple[HTTPResponse, int, _Headers]: ...
    @overload
    def create_token_with_http_info(self, **options: Unpack[_DataOnly]) -> _Tokens: ...
    @overload
    def create_token_with_http_info(self, **options: Unpack[_Any]) -> Any: ...
    @overload
    def delete_customer_token(self, **options: Unpack[_BodyNow]) -> _Token: ...
    @overload
    def delete_customer_token(self, **options: Unpack[_BodyLater]) -> AsyncResult[_Token]: ...
    @overload
    def delete_customer_token(self, **options: Unpack[_BodyUnread]) -> HTTPResponse: ...
    @overload
    def delete_customer_token(self, **options: Unpack[_BodyAny]) -> Any: ...
    @overload
    def delete_customer_token_with_http_info(
        self, **options: Unpack[_BodyNow]
    ) -> tuple[_Token, int, _Headers]: ...
    @overload
    def delete_customer_token_with_http_info(
        self, **options: Unpack[_BodyLater]
    ) -> AsyncResult[tuple[_Token, int, _Headers]]: ...
    @overload
    def delete_customer_token_with_http_info(
        self, **options: Unpack[_BodyUnread]
    ) -> tuple[HTTPResponse, int, _Headers]: ...
    @overload
    def delete_customer_token_with_http_info(self, **options: Unpack[_BodyDataOnly]) -> _Token: ...
    @overload
    def delete_customer_token_with_http_info(self, **options: Unpack[_BodyAny]) -> Any: ...
    @overload
    def delete_token(self, id: str | bytes, **options: Unpack[_Now]) -> _Tokens: ...
    @overload
    def delete_token(self, id: str | bytes, **options: Unpack[_Later]) -> AsyncResult[_Tokens]: ...
    @overload
    def delete_token(self, id: str | bytes, **options: Unpack[_Unread]) -> HTTPResponse: ...
    @overload
    def delete_token(self, id: str | bytes, **options: Unpack[_Any]) -> Any: ...
    @overload
    def delete_token_with_http_info(
        self, id: str | bytes, **options: Unpack[_Now]
    ) -> tuple[_Tokens, int, _Headers]: ...
    @overload
    def delete_token_with_http_info(
        self, id: str | bytes, **options: Unpack[_Later]
    ) -> AsyncResult[tuple[_Tokens, int, _Headers]]: ...
    @overload
    def delete_token_with_http_info(
        self, id: str | bytes, **options: Unpack[_Unread]
    ) -> tuple[HTTPResponse, int, _Headers]: ...
    @overload
    def delete_token_with_http_info(
        self, id: str | bytes, **options: Unpack[_DataOnly]
    ) -> _Tokens: ...
    @overload
    def delete_token_with_http_info(self, id: str | bytes, **options: Unpack[_Any]) -> Any: ...
    @overload
    def delete_token_service_account(
        self, id: str | bytes, token: str | bytes, **options: Unpack[_Now]
    ) -> _Tokens: ...
    @overload
    def delete_token_service_account(
        self, id: str | bytes, token: str | bytes, **options: Unpack[_Later]
    ) -> AsyncResult[_Tokens]: ...
    @overload
    def delete_token_service_account(
        self, id: str | bytes, token: str | bytes, **options: Unpack[_Unread]
    ) -> HTTPResponse: ...
    @overload
    def delete_token_service_account(
        self, id: str | bytes, token: str | bytes, **options: Unpack[_Any]
    ) -> Any: ...
    @overload
    def delete_token_service_account_with_http_info(
        self, id: str | bytes, token: str | bytes, **options: Unpack[_Now]
    ) -> tuple[_Tokens, int, _Headers]: ...
    @overload
    def delete_token_service_account_with_http_info(
        self, id: str | bytes, token: str | bytes, **options: Unpack[_Later]
    ) -> AsyncResult[tuple[_Tokens, int, _Headers]]: ...
    @overload
    def delete_token_service_account_with_http_info(
        self, id: str | bytes, token: str | bytes, **options: Unpack[_Unread]
    ) -> tuple[HTTPResponse, int, _Headers]: ...
    @overload
    def delete_token_service_account_with_http_info(
        self, id: str | bytes, token: str | bytes, **options: Unpack[_DataOnly]
    ) -> _Tokens: ...
    @overload
    def delete_token_service_account_with_http_info(
        self, id: str | bytes, token: str | bytes, **options: Unpack[_Any]
    ) -> Any: ...
    @overload
    def generate_token_service_account(
        self, id: str | bytes, **options: Unpack[_BodyNow]
    ) -> _Tokens: ...
    @overload
    def generate_token_service_account(
        self, id: str | bytes, **options: Unpack[_BodyLater]
    ) -> AsyncResult[_Tokens]: ...
    @overload
    def generate_token_service_account(
        self, id: str | bytes, **options: Unpack[_BodyUnread]
    ) -> HTTPResponse: ...
    @overload
    def generate_token_service_account(
        self, id: str | bytes, **options: Unpack[_BodyAny]
    ) -> Any: ...
    @overload
    def generate_token_service_account_with_http_info(
        self, id: str | bytes, **options: Unpack[_BodyNow]
    ) -> tuple[_Tokens, int, _Headers]: ...
    @overload
    def generate_token_service_account_with_http_info(
        self, id: str | bytes, **options: Unpack[_BodyLater]
    ) -> AsyncResult[tuple[_Tokens, int, _Headers]]: ...
    @overload
    def generate_token_service_account_with_http_info(
        self, id: str | bytes, **options: Unpack[_BodyUnread]
    ) -> tuple[HTTPResponse, int, _Headers]: ...
    @overload
    def generate_token_service_account_with_http_info(
        self, id: str | bytes, **options: Unpack[_BodyDataOnly]
    ) -> _Tokens: ...
    @overload
    def generate_token_service_account_with_http_info(
        self, id: str | bytes, **options: Unpack[_BodyAny]
    ) -> Any: ...
    @overload
    def get_all_tokens(self, **options: Unpack[_Now]) -> _Tokens: ...
    @overload
    def get_all_tokens(self, **options: Unpack[_Later]) -> AsyncResult[_Tokens]: ...
    @overload
    def get_all_tokens(self, **options: Unpack[_Unread]) -> HTTPResponse: ...
    @overload
    def get_all_tokens(self, **options: Unpack[_Any]) -> Any: ...
    @overload
    def get_all_tokens_with_http_info(
        self, **options: Unpack[_Now]
    ) -> tuple[_Tokens, int, _Headers]: ...
    @overload
    def get_all_tokens_with_http_info(
        self, **options: Unpack[_Later]
    ) -> AsyncResult[tuple[_Tokens, int, _Headers]]: ...
    @overload
    def get_all_tokens_with_http_info(
        self, **options: Unpack[_Unread]
    ) -> tuple[HTTPResponse, int, _Headers]: ...
    @overload
    def get_all_tokens_with_http_info(self, **options: Unpack[_DataOnly]) -> _Tokens: ...
    @overload
    def get_all_tokens_with_http_info(self, **options: Unpack[_Any]) -> Any: ...
    @overload
    def get_customer_token(self, id: str | bytes, **options: Unpack[_Now]) -> _CustomerToken: ...
    @overload
    def get_customer_token(
        self, id: str | bytes, **options: Unpack[_Later]
    ) -> AsyncResult[_CustomerToken]: ...
    @overload
    def get_customer_token(self, id: str | bytes, **options: Unpack[_Unread]) -> HTTPResponse: ...
    @overload
    def get_customer_token(self, id: str | bytes, **options: Unpack[_Any]) -> Any: ...
    @overload
    def get_customer_token_with_http_info(
        self, id: str | bytes, **options: Unpack[_Now]
    ) -> tuple[_CustomerToken, int, _Headers]: ...
    @overload
    def get_customer_token_with_http_info(
        self, id: str | bytes, **options: Unpack[_Later]
    ) -> AsyncResult[tuple[_CustomerToken, int, _Headers]]: ...
    @overload
    def get_customer_token_with_http_info(
        self, id: str | bytes, **options: Unpack[_Unread]
    ) -> tuple[HTTPResponse, int, _Headers]: ...
    @overload
    def get_customer_token_with_http_info(
        self, id: str | bytes, **options: Unpack[_DataOnly]
    ) -> _CustomerToken: ...
    @overload
    def get_customer_token_with_http_info(
        self, id: str | bytes, **options: Unpack[_Any]
    ) -> Any: ...
    @overload
    def get_customer_tokens(self, **options: Unpack[_Now]) -> _CustomerTokens: ...
    @overload
    def get_customer_tokens(self, **options: Unpack[_Later]) -> AsyncResult[_CustomerTokens]: ...
    @overload
    def get_customer_tokens(self, **options: Unpack[_Unread]) -> HTTPResponse: ...
    @overload
    def get_customer_tokens(self, **options: Unpack[_Any]) -> Any: ...
    @overload
    def get_customer_tokens_with_http_info(
        self, **options: Unpack[_Now]
    ) -> tuple[_CustomerTokens, int, _Headers]: ...
    @overload
    def get_customer_tokens_with_http_info(
        self, **options: Unpack[_Later]
    ) -> AsyncResult[tuple[_CustomerTokens, int, _Headers]]: ...
    @overload
    def get_customer_tokens_with_http_info(
        self, **options: Unpack[_Unread]
    ) -> tuple[HTTPResponse, int, _Headers]: ...
    @overload
    def get_customer_tokens_with_http_info(
        self, **options: Unpack[_DataOnly]
    ) -> _CustomerTokens: ...
    @overload
    def get_customer_tokens_with_http_info(self, **options: Unpack[_Any]) -> Any: ...
    @overload
    def get_tokens_service_account(self, id: str | bytes, **options: Unpack[_Now]) -> _Tokens: ...
    @overload
    def get_tokens_service_account(
        self, id: str | bytes, **options: Unpack[_Later]
    ) -> AsyncResult[_Tokens]: ...
    @overload
    def get_tokens_service_account(
        self, id: str | bytes, **options: Unpack[_Unread]
    ) -> HTTPResponse: ...
    @overload
    def get_tokens_service_account(self, id: str | bytes, **options: Unpack[_Any]) -> Any: ...
    @overload
    def get_tokens_service_account_with_http_info(
        self, id: str | bytes, **options: Unpack[_Now]
    ) -> tuple[_Tokens, int, _Headers]: ...
    @overload
    def get_tokens_service_account_with_http_info(
        self, id: str | bytes, **options: Unpack[_Later]
    ) -> AsyncResult[tuple[_Tokens, int, _Headers]]: ...
    @overload
    def get_tokens_service_account_with_http_info(
        self, id: str | bytes, **options: Unpack[_Unread]
    ) -> tuple[HTTPResponse, int, _Headers]: ...
    @overload
    def get_tokens_service_account_with_http_info(
        self, id: str | bytes, **options: Unpack[_DataOnly]
    ) -> _Tokens: ...
    @overload
    def get_tokens_service_account_with_http_info(
        self, id: str | bytes, **options: Unpack[_Any]
    ) -> Any: ...
    @overload
    def update_token_name(self, id: str | bytes, **options: Unpack[_BodyNow]) -> _Token: ...
    @overload
    def update_token_name(
        self, id: str | bytes, **options: Unpack[_BodyLater]
    ) -> AsyncResult[_Token]: ...
    @overload
    def update_token_name(
        self, id: str | bytes, **options: Unpack[_BodyUnread]
    ) -> HTTPResponse: ...
    @overload
    def update_token_name(self, id: str | bytes, **options: Unpack[_BodyAny]) -> Any: ...
    @overload
    def update_token_name_with_http_info(
        self, id: str | bytes, **options: Unpack[_BodyNow]
    ) -> tuple[_Token, int, _Headers]: ...
    @overload
    def update_token_name_with_http_info(
        self, id: str | bytes, **options: Unpack[_BodyLater]
    ) -> AsyncResult[tuple[_Token, int, _Headers]]: ...
    @overload
    def update_token_name_with_http_info(
        self, id: str | bytes, **options: Unpack[_BodyUnread]
    ) -> tuple[HTTPResponse, int, _Headers]: ...
    @overload
    def update_token_name_with_http_info(
        self, id: str | bytes, **options: Unpack[_BodyDataOnly]
    ) -> _Token: ...
    @overload
    def update_token_name_with_http_info(
        self, id: str | bytes, **options: Unpack[_BodyAny]
    ) -> Any: ...
    @overload
    def update_token_name_service_account(
        self, id: str | bytes, token: str | bytes, **options: Unpack[_BodyNow]
    ) -> _Token: ...
    @overload
    def update_token_name_service_account(
        self, id: str | bytes, token: str | bytes, **options: Unpack[_BodyLater]
    ) -> AsyncResult[_Token]: ...
    @overload
    def update_token_name_service_account(
        self, id: str | bytes, token: str | bytes, **options: Unpack[_BodyUnread]
    ) -> HTTPResponse: ...
    @overload
    def update_token_name_service_account(
        self, id: str | bytes, token: str | bytes, **options: Unpack[_BodyAny]
    ) -> Any: ...
    @overload
    def update_token_name_service_account_with_http_info(
        self, id: str | bytes, token: str | bytes, **options: Unpack[_BodyNow]
    ) -> tuple[_Token, int, _Headers]: ...
    @overload
    def update_token_name_service_account_with_http_info(
        self, id: str | bytes, token: str | bytes, **options: Unpack[_BodyLater]
    ) -> AsyncResult[tuple[_Token, int, _Headers]]: ...
    @overload
    def update_token_name_service_account_with_http_info(
        self, id: str | bytes, token: str | bytes, **options: Unpack[_BodyUnread]
    ) -> tuple[HTTPResponse, int, _Headers]: ...
    @overload
    def update_token_name_service_account_with_http_info(
        self, id: str | bytes, token: str | bytes, **options: Unpack[_BodyDataOnly]
    ) -> _Token: ...
    @overload
    def update_token_name_service_account_with_http_info(
        self, id: str | bytes, token: str | bytes, **options: Unpack[_BodyAny]
    ) -> Any: ...
