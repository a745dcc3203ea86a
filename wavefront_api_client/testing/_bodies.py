"""The bodies of answers: the container, and the two other shapes errors come in."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from ._messages import Reply, phrase

if TYPE_CHECKING:
    from collections.abc import Mapping

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
