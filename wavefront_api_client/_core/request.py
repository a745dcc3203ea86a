"""Checks and shapes a request, its headers and the credentials of a proxy, before it is sent."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes, urlencode

from wavefront_api_client._core.limits import FETCHING_METHODS
from wavefront_api_client._core.secrets import Secrets, mask_target, secrets_of_call, url_parts
from wavefront_api_client._core.urls import parse_host
from wavefront_api_client._core.wire import OF_NAMES, as_text, to_wire

METHODS = frozenset({"GET", "HEAD", "DELETE", "POST", "PUT", "PATCH", "OPTIONS"})

_OF_THE_CONNECTION = frozenset({"connection", "content-length", "host", "transfer-encoding"})
"""The headers that only the transport may set: they say where a request goes and where it ends."""


class Request(NamedTuple):
    """A request, as each attempt sends it."""

    method: str
    url: str
    headers: dict[str, str]
    payload: dict[str, Any]
    """The arguments of urllib3 that make the body."""
    body: object
    preload: bool
    """Whether the answer is to be read."""
    like: str
    """The method by whose rules it may be sent again."""

    def __repr__(self) -> str:
        return f"<Request {self.method} {mask_target(self.url)}>"


def prepare(
    method: str,
    url: str,
    query_params: Any,
    headers: Mapping[str, Any] | None,
    body: Any,
    post_params: Any,
    preload: bool,
) -> Request:
    """Check and shape what is to be sent, given as to `RESTClientObject.request`."""
    method = method.upper()
    if method not in METHODS:
        raise ValueError(f"the HTTP method must be one of {sorted(METHODS)}")
    if post_params and body:
        raise ValueError("body parameter cannot be used with post_params parameter.")
    sent = sendable({"Accept-Encoding": "gzip", **(headers or {})})
    url += f"?{urlencode(query_params)}" if query_params else ""
    payload = {} if method in FETCHING_METHODS else _payload(sent, body, post_params)
    return Request(method, url, sent, payload, body, preload, method)


def _payload(headers: dict[str, str], body: Any, post_params: Any) -> dict[str, Any]:
    """The arguments of urllib3 that make the body of a request."""
    name = next((name for name in headers if name.lower() == "content-type"), "Content-Type")
    if name not in headers:
        if body is None and not post_params:
            return {}
        headers[name] = "application/json"
    content_type = headers[name].lower()
    if "json" in content_type:
        return {"body": json.dumps({} if body is None else body, allow_nan=False)}
    if content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        # urllib3 has a header of its own for a form, which names the boundary of its parts.
        del headers[name]
        is_multipart = content_type == "multipart/form-data"
        return {"fields": post_params or {}, "encode_multipart": is_multipart}
    if isinstance(body, (str, bytes)):
        return {"body": body.encode() if isinstance(body, str) else body}
    raise ValueError(f"a body of type {type(body).__name__} cannot be sent as {content_type}")


@lru_cache(maxsize=64)
def name_of_header(name: object) -> str:
    """The name of a header as text; cached, as each call has the same ones."""
    text = as_text(name)
    if not isinstance(text, str):
        raise TypeError(f"the name of a header must be text, not {type(text).__name__}")
    if not (text and OF_NAMES.issuperset(text)):
        # It may be a credential: the caller may have swapped name and value.
        raise ValueError("the name of a header must be a token of RFC 9110 (not shown)")
    # Servers that put headers into variables do not tell the two characters apart.
    if text.lower().replace("_", "-") in _OF_THE_CONNECTION:
        raise ValueError(f"the header {text} cannot be set: this package sends the right one")
    return text


def sendable(headers: Mapping[Any, Any], whose: str = "") -> dict[str, str]:
    """Headers as text without white space around them; of several with one name, the last counts.

    One of None is not sent. An error shows no value.
    """
    by_name: dict[str, tuple[str, str]] = {}
    for each, value in headers.items():
        if value is None:
            continue
        name = name_of_header(each)
        text = (value if isinstance(value, str) else str(to_wire(value))).strip()
        is_plain = text.isascii() and text.isprintable()
        if not is_plain and re.search(r"[\x00-\x1f\x7f-\x9f]|[^\x00-\xff]", text):
            raise ValueError(
                f"the value for the header {name}{whose} holds a line break,"
                " a control character or one that is not Latin-1 (value not shown)"
            )
        by_name[name.lower()] = (name, text)
    return dict(by_name.values())


def parse_proxy(
    value: object, headers: Mapping[str, object] | None = None
) -> tuple[str, dict[str, str], Secrets]:
    """The address of a proxy without user and password, its headers, and what must not be shown.

    :param value: a URL, or a host with an optional port (then the scheme is http).
    :param headers: further headers for the proxy; they replace user and password.
    :raises ValueError: the address or a header cannot be used; the error shows neither.
    """
    if not isinstance(value, str):
        raise TypeError(f"proxy must be text, not {type(value).__name__}")
    scheme, authority, _, _ = url_parts(value if "://" in value else f"http://{value}")
    user, at, address = authority.rpartition("@")
    sent = sendable(headers or {}, " of the proxy")
    if at and not any(name.lower() == "proxy-authorization" for name in sent):
        # In UTF-8, as others send them, unless percent escapes say otherwise.
        raw = unquote_to_bytes(user.encode("utf-8", "surrogatepass"))
        sent = {"proxy-authorization": f"Basic {b64encode(raw).decode('ascii')}", **sent}
    url = parse_host(f"{scheme}://{address}", "proxy")
    return url, sent, secrets_of_call(f"{scheme}://{authority}", sent)
