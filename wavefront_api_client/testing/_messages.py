"""HTTP messages as values: requests, answers, and the bytes of an answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from wavefront_api_client.masking import mask_token

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization", "x-auth-token"})

_ORIGIN = re.compile(r"https?://[^/?]*", re.IGNORECASE)
_WITHOUT_BODY = frozenset({204, 304})


class Headers(Mapping[str, str]):
    """Header fields by name in any case; names are lower case when iterated.

    :param fields: names and values; those of a name that comes twice are joined with a comma.
    """

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        self._fields: dict[str, str] = {}
        for name, value in fields:
            before = self._fields.get(name.lower())
            joined = value if before is None else f"{before}, {value}"
            self._fields[name.lower()] = joined.strip(" \t")

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        shown = {n: mask_token(v) if n in SECRET_HEADERS else v for n, v in self._fields.items()}
        return f"Headers({shown!r})"


class Request(NamedTuple):
    """A whole HTTP request."""

    method: str
    target: str
    """As sent: path and query, or an absolute URL."""
    headers: Headers
    body: bytes = b""
    keeps_alive: bool = True
    """Whether the connection may stay open after the answer."""

    @property
    def path(self) -> str:
        """The path as sent: percent-encoded, without origin and query."""
        target = self.target
        if target[0] != "/":
            target = _ORIGIN.sub("", target, count=1)
        return target.partition("?")[0] or "/"


class Reply(NamedTuple):
    """An answer to a request, before it is bytes."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = {}
    """Fields that are added to those of every answer, or replace them."""


def phrase(status: int) -> str:
    """The reason phrase of a status, as in "404 Not Found"."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def encode(reply: Reply, method: str, keep_alive: bool) -> tuple[bytes, bytes]:
    """Write an answer as bytes.

    :param reply: the answer.
    :param method: the method of the request: HEAD is answered without the body.
    :param keep_alive: whether the connection stays open afterwards.
    :return: the header with the blank line that ends it, and the body.
    """
    bodiless = reply.status in _WITHOUT_BODY
    fields = {"Connection": "keep-alive" if keep_alive else "close", "Cache-Control": "no-store"}
    if not bodiless:
        fields["Content-Type"] = reply.content_type
        fields["Content-Length"] = str(len(reply.body))
    if reply.headers:
        fields = _merged(fields, reply.headers)
    lines = [f"{name}: {value}\r\n" for name, value in fields.items()]
    head = f"HTTP/1.1 {reply.status} {phrase(reply.status)}\r\n{''.join(lines)}\r\n"
    return head.encode("latin-1"), b"" if bodiless or method == "HEAD" else reply.body


def _merged(fields: Mapping[str, str], extra: Mapping[str, str]) -> dict[str, str]:
    replaced = {name.lower() for name in extra}
    if "transfer-encoding" in replaced:
        replaced.add("content-length")
    kept = {name: value for name, value in fields.items() if name.lower() not in replaced}
    return {**kept, **extra}
