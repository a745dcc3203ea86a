"""A script as a type checker sees it: mypy and pyright check each `assert_type`, and that each
line with a `type: ignore` is an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from typing_extensions import assert_type
from urllib3 import HTTPResponse

import wavefront_api_client
from wavefront_api_client import (
    ApiTokenApi,
    Configuration,
    ResponseContainerListUserApiToken,
    ResponseContainerUserApiToken,
    ResponseStatus,
    UserApiToken,
)
from wavefront_api_client._core.background import AsyncResult
from wavefront_api_client.credentials import CspApiToken, CspApp
from wavefront_api_client.types import AccountType

configuration = Configuration(host="https://example.wavefront.com", request_timeout=30)
configuration.api_key["X-AUTH-TOKEN"] = "key"
assert_type(configuration.credentials, "CspApiToken | CspApp | None")
configuration.credentials = CspApp("id", "secret", org_id="org")
Configuration(credentials=CspApiToken("token"))
api = ApiTokenApi(wavefront_api_client.ApiClient(configuration))

tokens = api.create_token()
assert_type(tokens, ResponseContainerListUserApiToken)
assert_type(api.create_token(async_req=True), AsyncResult[ResponseContainerListUserApiToken])
assert_type(api.create_token(async_req=True).get(), ResponseContainerListUserApiToken)
assert_type(
    api.create_token_with_http_info(),
    tuple[ResponseContainerListUserApiToken, int, Mapping[str, str]],
)
assert_type(
    api.create_token_with_http_info(_return_http_data_only=True),
    ResponseContainerListUserApiToken,
)
assert_type(api.get_all_tokens(_preload_content=False), HTTPResponse)
assert_type(api.delete_token("x", _request_timeout=(1, 2.5)), ResponseContainerListUserApiToken)
renamed = api.update_token_name(id="x", body={"tokenName": "y"})
assert_type(renamed, ResponseContainerUserApiToken)
assert_type(renamed.response, "UserApiToken | None")
assert_type(renamed.status, "ResponseStatus | None")
if tokens.response is not None:
    assert_type(tokens.response[-1].token_id, "str | None")

token = UserApiToken(token_name="ci", _configuration=configuration)
assert_type(token.last_used, "int | None")
token.token_name = "cd"
used_at: datetime | None = token.last_used_at
assert_type(AccountType.is_service_account(token.account_type), bool)

Configuration(credentials="token")  # type: ignore
configuration.credentials = "token"  # type: ignore
api.create_token(bogus=1)  # type: ignore
api.create_token(async_req="yes")  # type: ignore
api.create_token(body=token)  # type: ignore
api.get_all_tokens(_request_timeout="1")  # type: ignore
api.update_token_name("x", body=ResponseStatus())  # type: ignore
api.delete_token()  # type: ignore
token.nonsense = "x"  # type: ignore
token.token_name = 3  # type: ignore
token.last_used_at = None  # type: ignore
never: datetime = token.last_used_at  # type: ignore
configuration.request_timout = 3  # type: ignore
UserApiToken(nonsense="x")  # type: ignore
wavefront_api_client.Nonsense  # type: ignore
