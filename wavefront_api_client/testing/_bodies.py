"""JSON bodies: the fields of requests, the containers and errors of answers."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any, NoReturn

from wavefront_api_client.models.user_api_token import ACCOUNT_TYPES

from ._messages import Reply, phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ._messages import Request

JsonObject = dict[str, Any]

_encode = json.JSONEncoder(separators=(",", ":")).encode


class Refusal(Exception):
    """A request that is answered with an error in the container shape."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, message)
        self.status = status
        self.message = message
        self.headers = headers or {}

    def reply(self) -> Reply:
        """The answer to send."""
        body = to_json(container(self.status, self.message))
        return Reply(self.status, body, headers=self.headers)


def to_json(value: object) -> bytes:
    """Write a JSON value, in ASCII."""
    return _encode(value).encode("ascii")


def container(status: int, message: str = "") -> JsonObject:
    """The container of an answer without a response."""
    result = "OK" if status < 400 else "ERROR"
    return {"status": {"result": result, "message": message, "code": status}}


def success(response: object) -> Reply:
    """The answer 200 with a response in its container."""
    return Reply(200, to_json({**container(200), "response": response}))


def error_body(shape: str, status: int, message: str) -> str | JsonObject:
    """Write an error in one of the shapes that the service uses."""
    if shape == "container":
        return container(status, message)
    if shape == "gateway":
        error = message or f"HTTP {status} {phrase(status)}"
        return {"error": error, "trackingId": str(uuid.uuid4())}
    if shape == "text":
        error = phrase(status).lower().replace(" ", "_")
        return f"error='{error}'\nmessage='{message}'\ntrackingId={uuid.uuid4()}\n"
    raise ValueError(f'shape must be "container", "gateway" or "text", not {shape!r}')


def _is_whole(value: object) -> bool:
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


FIELDS: dict[str, Callable[[object], bool]] = {
    "account": _is_text,
    "accountType": lambda value: _is_text(value) and value in ACCOUNT_TYPES,
    "dateGenerated": _is_whole,
    "lastUsed": _is_whole,
    "tokenID": _is_text,
    "tokenName": _is_text,
}
"""The types of the fields of a UserApiToken. Others are ignored, null is "not given"."""


def read_token(request: Request) -> JsonObject:
    """Read the fields of a body; without a body there are none.

    :raises Refusal: 415 for another type of content, 400 for anything but a UserApiToken.
    """
    if not request.body:
        return {}
    media_type = request.headers.get("content-type", "").partition(";")[0]
    if media_type.strip().lower() != "application/json":
        raise Refusal(415, "the body must be application/json")
    value = read_json(request.body)
    if not isinstance(value, dict):
        raise Refusal(400, "the body must be a JSON object")
    given = {name: value[name] for name in FIELDS if value.get(name) is not None}
    for name, item in given.items():
        if not FIELDS[name](item):
            raise Refusal(400, f"{name} in the body has a wrong type or value")
    return given


def read_json(body: bytes) -> Any:
    """Read a body as JSON.

    :raises Refusal: 400 if it is not JSON.
    """
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_no_json)
    except (ValueError, RecursionError):
        raise Refusal(400, "the body is not JSON in UTF-8") from None


def _no_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
