"""Reads the head of an answer: its fields, and where its body ends, as every parser would."""

from __future__ import annotations

import http.client
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MAX_LINE = 65536
"""Bytes of a line."""

LONGEST_REASON = 1000
"""Bytes of a reason phrase that are read; there is more to it for nobody."""

MAX_LINES = 100
"""Lines of a head."""

MAX_INTERIM = 100
"""Interim answers (1xx) before the final one."""

_STATUS_LINE = re.compile(rb"(HTTP/1\.[0-9]) ([1-9][0-9]{2})(?: ([^\x00\r\n]*))?(?:\r?\n)?")
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FORBIDDEN = re.compile(rb"[\x00\r\n]")
_LENGTH = re.compile(r"[0-9]{1,18}", re.ASCII)
_NO_BODY = frozenset({204, 304})


class MalformedHead(http.client.HTTPException):
    """A head that two parsers could read in two ways; it is not shown."""


class Fields(http.client.HTTPMessage):
    """The fields of a head; nothing of the email package interprets what they say."""

    def is_multipart(self) -> bool:
        """No: the body of an answer is not part of it."""
        return False

    def get_payload(self, *_: object, **__: object) -> None:
        """None: the body of an answer is not part of it."""


class Framing(NamedTuple):
    """Where the body of an answer ends."""

    chunked: bool
    length: int | None
    """Bytes, None where it is chunked or goes on until the connection is closed."""
    doubtful: bool
    """Whether somebody may think that it ends elsewhere: the connection serves no further call."""


def read_status_line(readline: Callable[[int], bytes]) -> tuple[str, int, str]:
    """The line that an answer begins with.

    :param readline: gives the next line, of at most so many bytes; empty where the bytes end.
    :return: version, status and reason.
    :raises http.client.HTTPException: there is none, or none of HTTP/1.
    """
    line = readline(MAX_LINE + 1)
    if not line:
        raise http.client.RemoteDisconnected("Remote end closed connection without response")
    match = _STATUS_LINE.fullmatch(line) if len(line) <= MAX_LINE else None
    if match is None:
        # Whole or not at all: what hides secrets would not know a part of one.
        raise http.client.BadStatusLine(line.decode("latin-1") if len(line) < 1000 else "too long")
    reason = (match[3] or b"")[:LONGEST_REASON].decode("latin-1")
    return match[1].decode("ascii"), int(match[2]), reason


def read_fields(readline: Callable[[int], bytes]) -> list[tuple[str, str]]:
    """The fields of a head, to the empty line behind them.

    :param readline: gives the next line, of at most so many bytes; empty where the bytes end.
    :raises MalformedHead: a field is none, there are too many, or the bytes end.
    """
    fields: list[tuple[str, str]] = []
    for _ in range(MAX_LINES + 1):
        line = readline(MAX_LINE + 1)
        if line in (b"\r\n", b"\n"):
            return fields
        if not line.endswith(b"\n"):
            raise _too_large() if len(line) > MAX_LINE else _ended()
        if line.startswith((b" ", b"\t")) and fields:
            fields[-1] = _unfolded(*fields[-1], line)
        else:
            fields.append(_field(line))
    raise _too_large()


def _field(line: bytes) -> tuple[str, str]:
    name, colon, value = line.partition(b":")
    if not colon or not _TOKEN.fullmatch(name):
        raise MalformedHead("a header of the answer has no proper name")
    return name.decode("ascii"), _value(value)


def _unfolded(name: str, value: str, line: bytes) -> tuple[str, str]:
    if name.lower() in ("content-length", "transfer-encoding"):
        raise MalformedHead("the length of the answer is written over several lines")
    return name, f"{value} {_value(line)}".strip(" \t")


def _value(rest: bytes) -> str:
    value = rest[: -2 if rest.endswith(b"\r\n") else -1].strip(b" \t")
    if _FORBIDDEN.search(value):
        raise MalformedHead("a header of the answer holds a line break or NUL")
    return value.decode("latin-1")


def _too_large() -> Exception:
    return MalformedHead("the head of the answer is too large")


def _ended() -> Exception:
    return http.client.RemoteDisconnected("Remote end closed connection in the head of its answer")


def framing(
    method: str | None, status: int, is_http_1_1: bool, fields: Iterable[tuple[str, str]]
) -> Framing:
    """Where the body of an answer ends (RFC 9112, section 6.3).

    :param method: of the request.
    :param status: of the answer.
    :param is_http_1_1: whether it is HTTP/1.1.
    :param fields: of its head.
    :raises MalformedHead: there are two ways to read it.
    """
    codings = _values(fields, "transfer-encoding")
    lengths = set(_values(fields, "content-length"))
    if codings and [coding.lower() for coding in codings] != ["chunked"]:
        raise MalformedHead("its Transfer-Encoding is not chunked")
    if len(lengths) > 1 or not all(map(_LENGTH.fullmatch, lengths)):
        raise MalformedHead("its Content-Length is no number, or several")
    length = int(lengths.pop()) if lengths else None
    if method == "HEAD" or status in _NO_BODY:
        return Framing(False, 0, doubtful=bool(codings or length))
    if codings:
        return Framing(True, None, doubtful=length is not None or not is_http_1_1)
    return Framing(False, length, doubtful=False)


def will_close(is_http_1_1: bool, fields: Iterable[tuple[str, str]]) -> bool:
    """Whether the connection is closed behind an answer (RFC 9112, section 9.3).

    :param is_http_1_1: whether it is HTTP/1.1.
    :param fields: of its head.
    """
    options = {option.lower() for option in _values(fields, "connection")}
    return "close" in options or not (is_http_1_1 or "keep-alive" in options)


def speaks_of_a_body(fields: Iterable[tuple[str, str]]) -> bool:
    """Whether a head says how long the body behind it is."""
    return any(name.lower() in ("content-length", "transfer-encoding") for name, _ in fields)


def _values(fields: Iterable[tuple[str, str]], name: str) -> list[str]:
    values = [value for key, value in fields if key.lower() == name]
    return [part.strip(" \t") for part in ",".join(values).split(",")] if values else []


def as_message(fields: Iterable[tuple[str, str]], framed: Framing) -> Fields:
    """Fields as `http.client` holds them, with but one way left to read where the body ends.

    :param fields: of a head.
    :param framed: where its body ends.
    """
    message = Fields()
    for name, value in fields:
        if name.lower() not in ("transfer-encoding", "content-length"):
            message[name] = value
    if framed.chunked:
        message["Transfer-Encoding"] = "chunked"
    lengths = _values(fields, "content-length")
    if lengths and not framed.chunked:
        message["Content-Length"] = lengths[0]
    return message
