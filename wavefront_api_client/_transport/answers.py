"""Answers: head and body have to come before a deadline, and end where all see the end."""

from __future__ import annotations

import http.client
import io
import socket
import time
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from wavefront_api_client._transport.connection import Exchange

MAX_LINE = 65536
"""Bytes of a line."""

LONGEST_REASON = 1000
"""Bytes of a reason phrase that are read; there is more to it for nobody."""

MAX_LINES = 100
"""Lines of a head."""

MAX_INTERIM = 100
"""Interim answers (1xx) before the final one."""

_OF_TOKENS = b"!#$%&'*+.^_`|~-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LONGEST_LENGTH = 18
"""Digits of a Content-Length."""

_NO_BODY = frozenset({204, 304})
_OF_FRAMING = frozenset({"content-length", "transfer-encoding"})


class MalformedHead(http.client.HTTPException):
    """A head that two parsers could read in two ways; it is not shown."""


class Fields(http.client.HTTPMessage):
    """The fields of a head; nothing of the email package interprets what they say."""

    def items(self) -> list[tuple[str, str]]:
        """Names and values as they came."""
        return list(self.raw_items())

    def is_multipart(self) -> bool:
        """No: the body of an answer is not part of it."""
        return False

    def get_payload(self, *_: object, **__: object) -> None:
        """None: the body of an answer is not part of it."""


class Framing:
    """Where the body of an answer ends.

    :param chunked: whether it says so itself.
    :param length: bytes, None where it is chunked or goes on until the connection is closed.
    :param doubtful: whether somebody may think that it ends elsewhere: the connection serves no
        further call.
    """

    __slots__ = ("chunked", "doubtful", "length")

    def __init__(self, chunked: bool, length: int | None, doubtful: bool) -> None:
        self.chunked = chunked
        self.length = length
        self.doubtful = doubtful


def read_status_line(readline: Callable[[int], bytes]) -> tuple[str, int, str]:
    """The line that an answer begins with.

    :param readline: gives the next line, of at most so many bytes; empty where the bytes end.
    :return: version, status and reason.
    :raises http.client.HTTPException: there is none, or none of HTTP/1.
    """
    line = readline(MAX_LINE + 1)
    if not line:
        raise http.client.RemoteDisconnected("Remote end closed connection without response")
    return _status_line(line)


@lru_cache(maxsize=8)
def _status_line(line: bytes) -> tuple[str, int, str]:
    """What a status line says; most answers begin with the same one."""
    text = _without_end(line)
    version, status, reason = text[:8], text[9:12], text[12:]
    is_version = version[:-1] == b"HTTP/1." and version[-1:].isdigit() and text[8:9] == b" "
    is_status = len(status) == 3 and status.isdigit() and status[:1] != b"0"
    is_reason = reason[:1] in (b"", b" ") and not _holds_break(reason.decode("latin-1"))
    if not (is_version and is_status and is_reason and len(line) <= MAX_LINE):
        # Whole or not at all: what hides secrets would not know a part of one.
        raise http.client.BadStatusLine(line.decode("latin-1") if len(line) < 1000 else "too long")
    return version.decode("ascii"), int(status), reason[1 : LONGEST_REASON + 1].decode("latin-1")


def _without_end(line: bytes) -> bytes:
    """A line without the end of it, which need not be there where the bytes end."""
    if line.endswith(b"\n"):
        return line[: -2 if line.endswith(b"\r\n") else -1]
    return line


def _holds_break(text: str) -> bool:
    # What can be printed holds none, and that is known at once.
    return not text.isprintable() and ("\n" in text or "\r" in text or "\0" in text)


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
    if not colon or not name or name.translate(None, _OF_TOKENS):
        raise MalformedHead("a header of the answer has no proper name")
    return name.decode("ascii"), _value(value)


def _unfolded(name: str, value: str, line: bytes) -> tuple[str, str]:
    if name.lower() in _OF_FRAMING:
        raise MalformedHead("the length of the answer is written over several lines")
    return name, f"{value} {_value(line)}".strip(" \t")


def _value(rest: bytes) -> str:
    value = _without_end(rest).strip(b" \t").decode("latin-1")
    if _holds_break(value):
        raise MalformedHead("a header of the answer holds a line break or NUL")
    return value


def _too_large() -> Exception:
    return MalformedHead("the head of the answer is too large")


def _ended() -> Exception:
    return http.client.RemoteDisconnected("Remote end closed connection in the head of its answer")


def combined(fields: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The values of fields by their names in lower case, those of one name joined by commas."""
    values: dict[str, str] = {}
    for name, value in fields:
        key = name.lower()
        values[key] = f"{values[key]},{value}" if key in values else value
    return values


def framing(
    method: str | None, status: int, is_http_1_1: bool, values: Mapping[str, str]
) -> Framing:
    """Where the body of an answer ends (RFC 9112, section 6.3).

    :param method: of the request.
    :param status: of the answer.
    :param is_http_1_1: whether it is HTTP/1.1.
    :param values: of its head, `combined`.
    :raises MalformedHead: there are two ways to read it.
    """
    codings = _list(values, "transfer-encoding")
    lengths = set(_list(values, "content-length"))
    if codings and [coding.lower() for coding in codings] != ["chunked"]:
        raise MalformedHead("its Transfer-Encoding is not chunked")
    if len(lengths) > 1 or not all(map(_is_length, lengths)):
        raise MalformedHead("its Content-Length is no number, or several")
    length = int(lengths.pop()) if lengths else None
    if method == "HEAD" or status in _NO_BODY:
        return Framing(False, 0, doubtful=bool(codings or length))
    if codings:
        return Framing(True, None, doubtful=length is not None or not is_http_1_1)
    return Framing(False, length, doubtful=False)


def _is_length(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST_LENGTH


def will_close(is_http_1_1: bool, values: Mapping[str, str]) -> bool:
    """Whether the connection is closed behind an answer (RFC 9112, section 9.3).

    :param is_http_1_1: whether it is HTTP/1.1.
    :param values: of its head, `combined`.
    """
    options = {option.lower() for option in _list(values, "connection")}
    return "close" in options or not (is_http_1_1 or "keep-alive" in options)


def speaks_of_a_body(fields: Iterable[tuple[str, str]]) -> bool:
    """Whether a head says how long the body behind it is."""
    return any(name.lower() in _OF_FRAMING for name, _ in fields)


def _list(values: Mapping[str, str], name: str) -> list[str]:
    return [part.strip(" \t") for part in values[name].split(",")] if name in values else []


def as_message(fields: Iterable[tuple[str, str]], framed: Framing) -> Fields:
    """Fields as `http.client` holds them, with but one way left to read where the body ends.

    :param fields: of a head.
    :param framed: where its body ends.
    """
    message, length = Fields(), ""
    for name, value in fields:
        key = name.lower()
        if key not in _OF_FRAMING:
            message.set_raw(name, value)
        elif key == "content-length":
            length = value.partition(",")[0].strip(" \t")
    if framed.chunked:
        message.set_raw("Transfer-Encoding", "chunked")
    elif length:
        message.set_raw("Content-Length", length)
    return message


class DeadlineReader(io.RawIOBase):
    """The bytes of a connection, as long as they come before a deadline.

    A socket's timeout starts anew with each byte, so that a server could hold a call for ever.

    :param raw: the bytes of the connection.
    :param sock: the socket that they come from.
    :param until: the deadline, on the clock of `time.monotonic`; None for none.
    """

    def __init__(self, raw: io.RawIOBase, sock: Any, until: float | None) -> None:
        self._raw = raw
        self._sock = sock
        self._until = until
        self._limit: float | None = sock.gettimeout()
        self._set = self._limit
        self.is_done = False
        """Whether the answer has been read: what follows is not for it."""
        self.leftover = True
        """Whether bytes have come that are not for it: so, until it has been closed."""

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> Any:
        """The next bytes.

        :raises OSError: the deadline is over.
        """
        if self.is_done:
            return 0
        if self._until is not None:
            left = self._until - time.monotonic()
            if left <= 0:
                raise socket.timeout("timed out")
            # Setting it costs a system call, which most answers are too quick to need.
            if self._set is None or left < 0.99 * self._set:
                self._set = left
                self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def makefile(self, _mode: str) -> _Buffer:
        """A file that reads from it."""
        return _Buffer(self)

    def lift(self) -> None:
        """From now on, limit the wait for each next byte only."""
        self._until = None
        self._sock.settimeout(self._limit)

    def close(self) -> None:
        """Close it; the connection stays open."""
        self._raw.close()
        super().close()


class _Buffer(io.BufferedReader):
    """A buffer that says what is left in it when the answer has been read."""

    raw: DeadlineReader

    def close(self) -> None:
        if not self.closed:
            self.raw.is_done = True
            self.raw.leftover = bool(self.peek(1))
        super().close()


class Answer(http.client.HTTPResponse):
    """An answer whose head and body have to come before the deadline.

    :param exchange: what it answers, or connects for.
    :param until: the deadline, on the clock of `time.monotonic`; None for none.
    :param sock: the socket of the connection.
    """

    _method: str | None

    def __init__(
        self, exchange: Exchange, until: float | None, sock: Any, *args: Any, **kwargs: Any
    ) -> None:
        self._exchange = exchange
        self.reader = DeadlineReader(sock.makefile("rb", 0), sock, until)
        # It stands in for the socket, of which http.client wants a file to read from.
        super().__init__(self.reader, *args, **kwargs)  # type: ignore[arg-type]
        self.code = 0
        self._is_odd = False
        """Whether an interim answer spoke of a body, which none has."""

    def _read_status(self) -> tuple[str, int, str]:
        """The status line of the final answer, behind interim ones (RFC 9110, section 15.2)."""
        for _ in range(MAX_INTERIM):
            version, status, reason = read_status_line(self.fp.readline)
            self.code = status
            if status == http.client.SWITCHING_PROTOCOLS or status >= http.client.OK:
                return version, status, reason
            self._is_odd = speaks_of_a_body(read_fields(self.fp.readline)) or self._is_odd
        raise MalformedHead("interim answers without end")

    def begin(self) -> None:
        """Read the head.

        :raises http.client.HTTPException: it is malformed or two parsers could differ about it.
        """
        version, self.status, reason = self._read_status()
        if self.status < http.client.OK:
            raise MalformedHead("an interim answer where the final one should be")
        self.version = 10 if version == "HTTP/1.0" else 11
        self.reason = reason.strip()
        fields = read_fields(self.fp.readline)
        values, is_http_1_1 = combined(fields), self.version == 11
        framed = framing(self._method, self.status, is_http_1_1, values)
        self.headers = self.msg = as_message(fields, framed)
        self.chunked, self.chunk_left, self.length = framed.chunked, None, framed.length
        endless = not framed.chunked and framed.length is None
        is_last = will_close(is_http_1_1, values)
        self.will_close = is_last or endless or framed.doubtful or self._is_odd
        self._exchange.was_answered = True

    @property
    def is_complete(self) -> bool:
        """Whether all of it has been read, and no byte too many has come with it."""
        return self.isclosed() and not self.length and not self.reader.leftover
