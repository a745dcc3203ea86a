"""Bodies of requests: a JSON object with the fields of a UserApiToken, or a refusal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn

from wavefront_api_client.models._account_types import ACCOUNT_TYPES

from ._bodies import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._bodies import JsonObject
    from ._messages import Request


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_whole(value: object) -> bool:
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


def _is_account_type(value: object) -> bool:
    return isinstance(value, str) and value in ACCOUNT_TYPES


FIELDS: dict[str, Callable[[object], bool]] = {
    "account": _is_text,
    "accountType": _is_account_type,
    "dateGenerated": _is_whole,
    "lastUsed": _is_whole,
    "tokenID": _is_text,
    "tokenName": _is_text,
}
"""What each field of a UserApiToken has to be. Others are ignored, null is "not given"."""


def read_token(request: Request) -> JsonObject:
    """Read the fields that a body gives; without a body there are none.

    :raises Refusal: 415 for another type of content, 400 for anything but a UserApiToken.
    """
    if not request.body:
        return {}
    if _media_type(request) != "application/json":
        raise Refusal(415, "the body must be application/json")
    value = _parse(request.body)
    if not isinstance(value, dict):
        raise Refusal(400, "the body must be a JSON object")
    given = {name: value[name] for name in FIELDS if value.get(name) is not None}
    for name, item in given.items():
        if not FIELDS[name](item):
            raise Refusal(400, f"{name} in the body has a wrong type or value")
    return given


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _parse(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_no_json)
    except (ValueError, RecursionError):
        raise Refusal(400, "the body is not JSON in UTF-8") from None


def _no_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
