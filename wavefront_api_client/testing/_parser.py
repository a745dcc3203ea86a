"""A strict HTTP/1.1 request parser: bytes in, whole requests out, no I/O."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from ._bodies import Refusal
from ._messages import Headers, Request

if TYPE_CHECKING:
    from collections.abc import Generator

    Taking = Generator["Need", None, bytes]

MAX_HEAD = 64 * 1024
MAX_BODY = 1024 * 1024

Need = Literal["more", "continue"]
"""What the parser waits for: bytes, or bytes after the client was told to continue."""

_END_OF_HEAD = b"\r\n\r\n"
_MAX_CHUNK_LINE = 1024
_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_FIRST_BYTE = re.compile(rb"[\r!#$%&'*+.^_`|~0-9A-Za-z-]")
_REQUEST_LINE = re.compile(rb"(%s) ([\x21\x22\x24-\x7e]+) (HTTP/\d\.\d)" % _TOKEN)
_FIELD = re.compile(rb"(%s):([\t\x20-\x7e\x80-\xff]*)" % _TOKEN)
_TARGET = re.compile(r"(?:https?://[^/?]+)?(?:/.*)?", re.IGNORECASE)
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[\t\x20-\x7e\x80-\xff]*)?")
_DIGITS = re.compile(r"\d{1,19}", re.ASCII)


class RequestParser:
    """Requests as they arrive on one connection. After a Refusal it is of no more use."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._steps = self._requests()

    @property
    def unread(self) -> int:
        """Bytes that have been fed and do not belong to a whole request yet."""
        return len(self._buffer)

    def feed(self, data: bytes) -> None:
        """Add bytes as they came."""
        self._buffer += data

    def next(self) -> Request | Need:
        """The next request, or what is needed before there is one.

        :raises Refusal: the bytes are not a request that this service reads.
        """
        return next(self._steps)

    def _requests(self) -> Generator[Request | Need, None, None]:
        while True:
            head = yield from self._take_head()
            if not head:
                continue
            method, target, version, headers = parse_head(head)
            body = yield from self._take_body(version, headers)
            yield Request(method, target, headers, body, version)

    def _take_head(self) -> Taking:
        while not self._buffer:
            yield "more"
        if not _FIRST_BYTE.match(self._buffer):
            raise Refusal(400, "this is not HTTP")
        head = yield from self._take_until(_END_OF_HEAD, MAX_HEAD, 431)
        return head[2:] if head.startswith(b"\r\n") else head

    def _take_body(self, version: str, headers: Headers) -> Taking:
        length = body_length(version, headers)
        if length == 0:
            return b""
        if expects_continue(version, headers) and not self._buffer:
            yield "continue"
        if length is None:
            return (yield from self._take_chunks())
        return (yield from self._take(length))

    def _take_chunks(self) -> Taking:
        body = bytearray()
        while True:
            size = chunk_size((yield from self._take_until(b"\r\n", _MAX_CHUNK_LINE, 400)))
            if not size:
                yield from self._take_trailer()
                return bytes(body)
            if len(body) + size > MAX_BODY:
                raise too_large()
            body += yield from self._take(size)
            if (yield from self._take(2)) != b"\r\n":
                raise Refusal(400, "a chunk is longer than it says")

    def _take_trailer(self) -> Generator[Need, None, None]:
        room = MAX_HEAD
        while True:
            line = yield from self._take_until(b"\r\n", room, 431)
            if not line:
                return
            parse_fields([line])
            room -= len(line)

    def _take(self, count: int) -> Taking:
        while len(self._buffer) < count:
            yield "more"
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    def _take_until(self, mark: bytes, limit: int, status: int) -> Taking:
        searched = 0
        while (end := self._buffer.find(mark, searched, limit + len(mark))) < 0:
            if len(self._buffer) >= limit + len(mark):
                raise Refusal(status, f"more than {limit} bytes before the end of a line or header")
            searched = max(0, len(self._buffer) - len(mark) + 1)
            yield "more"
        taken = bytes(self._buffer[:end])
        del self._buffer[: end + len(mark)]
        return taken


def parse_head(head: bytes) -> tuple[str, str, str, Headers]:
    """Read a header block.

    :param head: its lines, without the blank line that ends them.
    :return: method, target, version and fields.
    :raises Refusal: 400 if it is malformed, 505 for another version of HTTP.
    """
    lines = head.split(b"\r\n")
    found = _REQUEST_LINE.fullmatch(lines[0])
    if not found:
        raise Refusal(400, "the request line is malformed")
    method, target, version = (part.decode("ascii") for part in found.groups())
    if version not in ("HTTP/1.1", "HTTP/1.0"):
        raise Refusal(505, "this service speaks HTTP/1.1 and HTTP/1.0")
    if target != "*" and not _TARGET.fullmatch(target):
        raise Refusal(400, "the request target is neither a path nor an http URL")
    fields = parse_fields(lines[1:])
    if version == "HTTP/1.1" and "host" not in fields:
        raise Refusal(400, "the Host field is missing")
    return method, target, version, Headers(fields)


_ONCE = frozenset({"host", "content-length", "transfer-encoding", "content-type"})


def parse_fields(lines: list[bytes]) -> dict[str, str]:
    """Read header fields, those with the same name joined with a comma.

    :raises Refusal: 400 for a malformed field or for two of one that stands alone.
    """
    fields: dict[str, str] = {}
    for line in lines:
        found = _FIELD.fullmatch(line)
        if not found:
            raise Refusal(400, "a header field is malformed")
        name, value = found[1].decode("ascii").lower(), found[2].strip(b" \t").decode("latin-1")
        if name in fields:
            if name in _ONCE:
                raise Refusal(400, f"there are two {name} fields")
            value = f"{fields[name]}, {value}"
        fields[name] = value
    return fields


def body_length(version: str, headers: Headers) -> int | None:
    """How many bytes of body follow the header, None if they come in chunks.

    :raises Refusal: 400 if that is not clear, 413 if it is too much, 501 for another coding.
    """
    length = headers.get("content-length")
    coding = headers.get("transfer-encoding")
    if coding is None:
        return _known_length(length) if length is not None else 0
    if length is not None or version == "HTTP/1.0":
        raise Refusal(400, "Transfer-Encoding contradicts Content-Length or HTTP/1.0")
    if coding.lower() != "chunked":
        raise Refusal(501, "the only transfer coding is chunked")
    return None


def _known_length(text: str) -> int:
    if not _DIGITS.fullmatch(text):
        raise Refusal(400, "Content-Length is not a number of bytes")
    if int(text) > MAX_BODY:
        raise too_large()
    return int(text)


def expects_continue(version: str, headers: Headers) -> bool:
    """Whether the client waits to be told to send the body.

    :raises Refusal: 417 if it expects something else.
    """
    expected = headers.get("expect")
    if expected is None or version == "HTTP/1.0":
        return False
    if expected.lower() != "100-continue":
        raise Refusal(417, "the only expectation is 100-continue")
    return True


def chunk_size(line: bytes) -> int:
    """Read the line before a chunk.

    :raises Refusal: 400 if it is malformed.
    """
    found = _CHUNK_LINE.fullmatch(line)
    if not found:
        raise Refusal(400, "a chunk does not say how long it is")
    return int(found[1], 16)


def too_large() -> Refusal:
    """The refusal of a body beyond the limit."""
    return Refusal(413, f"the body is larger than {MAX_BODY} bytes")
