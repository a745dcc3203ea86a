"""Writes `api_token_api.pyi`: the types of the calls, which depend on their options.

Run it after a change of `_core/operations.py`: `python scripts/make_stub.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from wavefront_api_client._core.operations import OPERATIONS, Operation

STUB = Path(__file__).parents[1] / "wavefront_api_client" / "api" / "api_token_api.pyi"

RESULTS = {
    "ResponseContainerUserApiToken": "_Token",
    "ResponseContainerListUserApiToken": "_Tokens",
    "ResponseContainerApiTokenModel": "_CustomerToken",
    "ResponseContainerListApiTokenModel": "_CustomerTokens",
}

OPTIONS = {
    "Now": "async_req: Literal[False] = ..., _preload_content: Literal[True] = ...",
    "Later": "async_req: Literal[True], _preload_content: Literal[True] = ...",
    "Unread": "async_req: Literal[False] = ..., _preload_content: Literal[False]",
    "DataOnly": "async_req: Literal[False] = ..., _preload_content: Literal[True] = ...",
    "Any": "async_req: bool = ..., _preload_content: bool = ...",
}
DATA_ONLY = {"DataOnly": "Literal[True]", "Any": "bool = ..."}

HEAD = '''\
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
    parameters = re.findall(r"\{(\w+)\}", operation.path)
    arguments = ["self", *(f"{each}: str | bytes" for each in parameters), "*"]
    if operation.takes_body:
        arguments.append("body: UserApiToken | dict[str, Any] | None = ...")
    arguments += OPTIONS[options].split(", ")
    arguments.append("_request_timeout: RequestTimeout | NotGiven = ...")
    arguments.append(f"_return_http_data_only: {DATA_ONLY.get(options, 'Literal[False] = ...')}")
    lines = "".join(f"        {argument},\n" for argument in arguments)
    return f"    @overload\n    def {name}(\n{lines}    ) -> {result}: ...\n"


if __name__ == "__main__":
    STUB.write_text(stub(), encoding="utf-8")
