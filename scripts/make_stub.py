"""Writes `api_token_api.pyi`: the types of the calls, which depend on their options.

Run it after a change of `_operations.py`: `python scripts/make_stub.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from wavefront_api_client._operation import Operation
from wavefront_api_client._operations import OPERATIONS

STUB = Path(__file__).parents[1] / "wavefront_api_client" / "api" / "api_token_api.pyi"
LONGEST_LINE = 100

RESULTS = {
    "ResponseContainerUserApiToken": "_Token",
    "ResponseContainerListUserApiToken": "_Tokens",
    "ResponseContainerApiTokenModel": "_CustomerToken",
    "ResponseContainerListApiTokenModel": "_CustomerTokens",
}

HEAD = '''\
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
'''


def stub() -> str:
    """The whole text."""
    return HEAD + "".join(line for each in OPERATIONS.values() for line in _overloads(each))


def _overloads(operation: Operation) -> Iterator[str]:
    data = RESULTS[operation.result]
    for options, result in (
        ("Now", data),
        ("Later", f"AsyncResult[{data}]"),
        ("Unread", "HTTPResponse"),
        ("Any", "Any"),
    ):
        yield _overload(operation, operation.name, options, result)
    for options, result in (
        ("Now", f"tuple[{data}, int, _Headers]"),
        ("Later", f"AsyncResult[tuple[{data}, int, _Headers]]"),
        ("Unread", "tuple[HTTPResponse, int, _Headers]"),
        ("DataOnly", data),
        ("Any", "Any"),
    ):
        yield _overload(operation, f"{operation.name}_with_http_info", options, result)


def _overload(operation: Operation, name: str, options: str, result: str) -> str:
    kind = f"_Body{options}" if operation.takes_body else f"_{options}"
    parameters = [f"{each}: str | bytes" for each in re.findall(r"\{(\w+)\}", operation.path)]
    arguments = ", ".join(["self", *parameters, f"**options: Unpack[{kind}]"])
    line = f"    def {name}({arguments}) -> {result}: ...\n"
    if len(line) > LONGEST_LINE + 1:
        line = f"    def {name}(\n        {arguments}\n    ) -> {result}: ...\n"
    return f"    @overload\n{line}"


if __name__ == "__main__":
    STUB.write_text(stub(), encoding="utf-8")
