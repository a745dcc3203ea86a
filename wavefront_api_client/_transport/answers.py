"""A request under way, and its answer: with deadlines, and with one certain end."""

from __future__ import annotations

import http.client
import io
import socket
import time
from typing import Any, BinaryIO

from urllib3 import Timeout

from wavefront_api_client._core.limits import Seconds, Timeouts
from wavefront_api_client._core.wire import OF_NAMES

MAX_LINE = 65536
MAX_LINES = 100
MAX_INTERIM = 100
LONGEST_REASON = 1000

_BLANK = " \t"
_NO_BODY = frozenset({204, 304})
_LISTS = ("transfer-encoding", "content-length", "connection")


class MalformedHead(http.client.HTTPException):
    """A head that two parsers could read in two ways; it is not shown."""


class _Fields(http.client.HTTPMessage):
    """The fields of a head, without the interpretations of the email package."""

    def items(self) -> list[tuple[str, str]]:
        return list(self.raw_items())

    def get_payload(self, *_: object, **__: object) -> None:
        """None, at once: urllib3 asks for it to find defects."""


def read_fields(file: BinaryIO) -> list[tuple[str, str]]:
    """The fields of a head, to the empty line behind them, in half the time of http.client."""
    fields: list[tuple[str, str]] = []
    for _ in range(MAX_LINES + 1):
        line = file.readline(MAX_LINE + 1)
        if line in (b"\r\n", b"\n"):
            return fields
        if not line.endswith(b"\n"):
            if len(line) > MAX_LINE:
                break
            raise http.client.RemoteDisconnected("the connection was closed within a head")
        text = line.decode("latin-1").removesuffix("\n").removesuffix("\r")
        name, colon, value = text.partition(":")
        if text[0] in _BLANK and fields:
            name, before = fields.pop()
            value = f"{before} {text.strip(_BLANK)}"
        elif not colon or not name or not OF_NAMES.issuperset(name):
            raise MalformedHead("a header of the answer has no proper name")
        if "\r" in text or "\0" in text:
            raise MalformedHead("a header of the answer holds a line break or NUL")
        fields.append((name, value.strip(_BLANK)))
    raise MalformedHead("the head of the answer is too large")


class Exchange(Timeout):
    """One request and what is known of it; it goes through urllib3 as the time limit of that.

    :param left: seconds until the whole call has to be over, None for no limit.
    :param max_idle: seconds that its connection may have been idle, None for no limit.
    """

    total = None
    """The limit that urllib3 would count; it is in the others."""
    target = ""
    """The target: path and query, or the whole URL for a proxy that forwards it."""
    was_written = False
    """Whether our connection has put the target into the request."""
    was_sent = False
    """Whether an open connection began to send it, perhaps in an earlier attempt."""
    was_answered = False
    """Whether an answer came to a request with that target."""
    maybe_sent = True
    """Whether any of it may have reached the service."""

    def __init__(
        self, method: str, limits: Timeouts, left: Seconds = None, max_idle: Seconds = None
    ) -> None:
        self.connect, self.read, self.method = limits.connect, limits.read, method
        self.deadline = None if left is None else time.monotonic() + left
        self.max_idle = max_idle

    def __repr__(self) -> str:
        return f"<Exchange {self.method}>"

    __str__ = __repr__

    def clone(self) -> Exchange:
        """Itself: urllib3 copies a time limit before it starts its clock."""
        return self

    def start_connect(self) -> float:
        """The time: the clock runs already."""
        return time.monotonic()

    @property
    def connect_timeout(self) -> float | None:
        """Seconds for connecting."""
        return self._soonest(self.connect)

    @property
    def read_timeout(self) -> float | None:
        """Seconds from now to the last byte of the answer."""
        return self._soonest(self.read)

    def _soonest(self, limit: float | None) -> float | None:
        if self.deadline is None:
            return limit
        left = max(self.deadline - time.monotonic(), 0.001)
        return left if limit is None else min(left, limit)


class _Reader(io.RawIOBase):
    """The bytes of a connection, all of them within the timeout of its socket.

    That timeout itself starts again with each byte, so a slow server could hold a call.
    """

    is_done = False
    """Whether the answer has been read: what follows is not for it."""
    leftover = True
    """Whether bytes have come that are not for it: so, until it has been closed."""

    def __init__(self, sock: Any) -> None:
        self._raw = sock.makefile("rb", 0)
        self._sock = sock
        self._limit = self._set = sock.gettimeout()
        self._until = None if self._limit is None else time.monotonic() + self._limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> Any:
        if self.is_done:
            return 0
        if self._until is not None:
            left = self._until - time.monotonic()
            if left <= 0:
                raise socket.timeout("timed out")
            # Setting it costs a system call, and most answers are there already.
            if left < 0.99 * self._set:
                self._set = left
                self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def makefile(self, _mode: str) -> _Buffer:
        """The file that http.client reads from; it takes the reader for a socket."""
        return _Buffer(self)

    def lift(self) -> None:
        """From now on, limit the wait for each next byte only."""
        self._until = None
        self._sock.settimeout(self._limit)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Buffer(io.BufferedReader):
    """A buffer that tells whether bytes are left after the answer."""

    raw: _Reader

    def close(self) -> None:
        if not self.closed:
            self.raw.is_done = True
            self.raw.leftover = bool(self.peek(1))
        super().close()


class Answer(http.client.HTTPResponse):
    """An answer to an exchange: its head and body come in time, and have one certain end."""

    _method: str | None
    _is_doubtful = False
    """Whether it has a body that it must not have, or two ends: the connection is closed."""

    def __init__(self, exchange: Exchange, sock: Any, *args: Any, **kwargs: Any) -> None:
        self._exchange = exchange
        self.reader = _Reader(sock)
        super().__init__(self.reader, *args, **kwargs)  # type: ignore[arg-type]

    def _read_status(self) -> tuple[str, int, str]:
        """The status line of the final answer, behind interim ones (RFC 9110, section 15.2)."""
        for _ in range(MAX_INTERIM):
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if status >= 200 or status == http.client.SWITCHING_PROTOCOLS:
                return version, status, reason
            names = {name.lower() for name, _ in read_fields(self.fp)}
            self._is_doubtful |= not names.isdisjoint(_LISTS[:2])
        raise MalformedHead("interim answers without end")

    def begin(self) -> None:
        """Read the head, or refuse it where two parsers could differ about it."""
        version, self.status, reason = self._read_status()
        self.code = self.status
        if self.status < http.client.OK:
            raise MalformedHead("an interim answer where the final one should be")
        if not version.startswith("HTTP/1."):
            raise http.client.UnknownProtocol(version)
        self.version = 10 if version == "HTTP/1.0" else 11
        self.reason = reason.strip()[:LONGEST_REASON]
        self.headers = self.msg = _Fields()
        lists: dict[str, list[str]] = {name: [] for name in _LISTS}
        for name, value in read_fields(self.fp):
            key = name.lower()
            if key in lists:
                lists[key] += [part.strip(_BLANK) for part in value.lower().split(",")]
            if key != "transfer-encoding":
                self.headers.set_raw(name, value)
        self._find_end(*lists.values())
        self._exchange.was_answered = True

    def _find_end(self, codings: list[str], lengths: list[str], options: list[str]) -> None:
        """Where the body ends (RFC 9112, section 6.3), and whether the connection does, too."""
        if codings not in ([], ["chunked"]):
            raise MalformedHead("its Transfer-Encoding is not chunked")
        digits = lengths[0] if lengths else "0"
        if len({*lengths}) > 1 or not (digits.isascii() and digits.isdigit()) or len(digits) > 18:
            raise MalformedHead("its Content-Length is not one number")
        has_body = self._method != "HEAD" and self.status not in _NO_BODY
        self.chunked, self.chunk_left = has_body and bool(codings), None
        self.length = int(digits) if lengths and not self.chunked else None
        self._is_doubtful |= bool(codings and lengths) or (self.chunked and self.version == 10)
        if not has_body:
            self._is_doubtful |= bool(codings or self.length)
            self.length = 0
        if self.chunked:
            # Only here: urllib3 would look for chunks where no body may be.
            self.headers.set_raw("Transfer-Encoding", "chunked")
        is_last = "close" in options or (self.version == 10 and "keep-alive" not in options)
        is_endless = not self.chunked and self.length is None
        self.will_close = is_last or is_endless or self._is_doubtful

    @property
    def is_complete(self) -> bool:
        """Whether all of it has been read, and no byte too many has come with it."""
        return self.isclosed() and not self.length and not self.reader.leftover
