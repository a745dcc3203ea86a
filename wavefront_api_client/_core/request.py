"""Request: checks what is to be sent and shapes it, before anything is sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from wavefront_api_client._core.sendable import sendable
from wavefront_api_client.retry import FETCHING_METHODS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

METHODS = frozenset({"GET", "HEAD", "DELETE", "POST", "PUT", "PATCH", "OPTIONS"})


class Request(NamedTuple):
    """What is sent with each attempt."""

    method: str
    url: str
    headers: dict[str, str]
    payload: dict[str, Any]
    """The arguments of urllib3 that make the body."""
    body: object
    preload: bool
    """Whether the answer is to be read."""


def prepare(
    method: str,
    url: str,
    query_params: Any,
    headers: Mapping[str, Any] | None,
    body: Any,
    post_params: Any,
    preload: bool,
) -> Request:
    """Check and shape what is to be sent.

    :param method: HTTP method.
    :param url: absolute URL.
    :param query_params: pairs or a dictionary to put behind the URL.
    :param headers: of the request.
    :param body: JSON value, or text for a content type other than JSON.
    :param post_params: pairs of a form, instead of a body.
    :param preload: whether the answer is to be read.
    :raises ValueError: it cannot be sent as it is.
    :raises TypeError: the name or the value of a header is of the wrong type.
    """
    method = method.upper()
    if method not in METHODS:
        raise ValueError(f"the HTTP method must be one of {sorted(METHODS)}")
    if post_params and body:
        raise ValueError("body parameter cannot be used with post_params parameter.")
    sent = sendable({"Accept-Encoding": "gzip", **(headers or {})})
    url += f"?{urlencode(query_params)}" if query_params else ""
    payload = {} if method in FETCHING_METHODS else _payload(sent, body, post_params)
    return Request(method, url, sent, payload, body, preload)


def _payload(headers: dict[str, str], body: Any, post_params: Any) -> dict[str, Any]:
    """The arguments of urllib3 that make the body of a request."""
    name = next((name for name in headers if name.lower() == "content-type"), "Content-Type")
    if name not in headers:
        if body is None and not post_params:
            return {}
        headers[name] = "application/json"
    content_type = headers[name].lower()
    if "json" in content_type:
        return {"body": _json_text({} if body is None else body)}
    if content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        # urllib3 has a header of its own for a form, which names the boundary of its parts.
        del headers[name]
        is_multipart = content_type == "multipart/form-data"
        return {"fields": post_params or {}, "encode_multipart": is_multipart}
    if isinstance(body, (str, bytes)):
        return {"body": body.encode() if isinstance(body, str) else body}
    raise ValueError(f"a body of type {type(body).__name__} cannot be sent as {content_type}")


def _json_text(body: Any) -> str:
    try:
        return json.dumps(body, allow_nan=False)
    except RecursionError:
        pass
    raise ValueError("a body nested too deeply has no JSON form")
