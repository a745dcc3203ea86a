"""Reads the address of a proxy, and takes apart what goes to it and what may be shown of it."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from wavefront_api_client._core.secrets import parts_of_user, parts_of_value, worth_hiding
from wavefront_api_client._core.sendable import sendable
from wavefront_api_client._core.urls import parse_host, url_parts

if TYPE_CHECKING:
    from collections.abc import Mapping

AUTHORIZATION = "proxy-authorization"


class Proxy:
    """A proxy as it is used.

    :param url: its address, without user and password.
    :param headers: what is sent to it, and to nobody behind it.
    :param secrets: what must not be shown.
    """

    __slots__ = ("headers", "secrets", "url")

    def __init__(self, url: str, headers: dict[str, str], secrets: frozenset[str]) -> None:
        self.url = url
        self.headers = headers
        self.secrets = secrets

    def __repr__(self) -> str:
        return f"<Proxy {self.url}>"


def parse_proxy(value: object, headers: Mapping[str, object] | None = None) -> Proxy:
    """Take user and password out of the address of a proxy, so that no message shows them.

    :param value: a URL, or a host with an optional port (http is meant then).
    :param headers: further ones for the proxy; they win over user and password.
    :raises TypeError: the address, or the name of a header, is not text.
    :raises ValueError: the address or a header cannot be used; the error shows neither.
    """
    if not isinstance(value, str):
        raise TypeError(f"proxy must be text, not {type(value).__name__}")
    url = value if "://" in value else f"http://{value}"
    scheme, authority, _, _ = url_parts(url)
    user, at, address = authority.rpartition("@")
    given = sendable(headers or {}, " of the proxy")
    sent = {**(_basic(user) if at and not _authorizes(given) else {}), **given}
    secrets = {part for each in sent.values() for part in parts_of_value(each)}
    secrets.update(parts_of_user(user))
    return Proxy(parse_host(f"{scheme}://{address}", "proxy"), sent, worth_hiding(secrets))


def _authorizes(headers: Mapping[str, str]) -> bool:
    return any(name.lower() == AUTHORIZATION for name in headers)


def _basic(user: str) -> dict[str, str]:
    """User and password as others send them: in UTF-8, unless percent escapes say otherwise."""
    try:
        # What is not UTF-8 in a variable of the environment is surrogates in Python.
        raw = unquote_to_bytes(user.encode("utf-8", "surrogateescape"))
        return {AUTHORIZATION: "Basic " + b64encode(raw).decode("ascii")}
    except UnicodeEncodeError:
        pass
    raise ValueError("user and password of the proxy must be text that UTF-8 can hold (not shown)")
