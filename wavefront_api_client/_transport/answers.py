"""A request on its way, and its answer: before a deadline, and to where all see the end of it."""

from __future__ import annotations

import http.client
import io
import socket
import time
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, BinaryIO

MAX_LINE = 65536
"""Bytes of a line."""

LONGEST_REASON = 1000
"""Bytes of a reason phrase that are read."""

MAX_LINES = 100
"""Lines of a head."""

MAX_INTERIM = 100
"""Interim answers (1xx) before the final one."""

_BLANK = " \t"
_DIGITS = frozenset("0123456789")
_OF_NAMES = _DIGITS.union("!#$%&'*+.^_`|~-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_LONGEST_LENGTH = 18
"""Digits of a Content-Length."""

_NO_BODY = frozenset({204, 304})
_OF_FRAMING = frozenset({"content-length", "transfer-encoding"})
_LISTS = _OF_FRAMING | {"connection"}


class MalformedHead(http.client.HTTPException):
    """A head that two parsers could read in two ways; it is not shown."""


class Fields(http.client.HTTPMessage):
    """The fields of a head; nothing of the email package interprets what they say."""

    def items(self) -> list[tuple[str, str]]:
        """Names and values as they came."""
        return list(self.raw_items())

    def get_payload(self, *_: object, **__: object) -> None:
        """None: the body of an answer is not part of it."""


@lru_cache(maxsize=8)
def read_status_line(line: bytes) -> tuple[str, int, str]:
    """Version, status and reason; most answers begin with the same line.

    :raises http.client.BadStatusLine: it is none of HTTP/1.
    """
    text = line.decode("latin-1").removesuffix("\n").removesuffix("\r")
    version, _, rest = text.partition(" ")
    status, _, reason = rest.lstrip(" ").partition(" ")
    is_version = version.startswith("HTTP/1.") and version[7:] in _DIGITS
    is_status = len(status) == 3 and _DIGITS.issuperset(status) and status[0] != "0"
    is_line = len(line) <= MAX_LINE and "\r" not in text and "\0" not in text
    if not (is_version and is_status and is_line):
        # Whole or not at all: what hides secrets would not know a part of one.
        raise http.client.BadStatusLine(text if len(text) < LONGEST_REASON else "too long")
    return version, int(status), reason[:LONGEST_REASON]


def read_fields(file: BinaryIO) -> list[tuple[str, str]]:
    """The fields of a head, to the empty line behind them.

    :raises MalformedHead: a field is none, or there are too many.
    :raises http.client.RemoteDisconnected: the bytes end.
    """
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
        if "\r" in text or "\0" in text:
            raise MalformedHead("a header of the answer holds a line break or NUL")
        name, colon, value = text.partition(":")
        if text[0] in _BLANK and fields:
            name, before = fields.pop()
            if name.lower() in _OF_FRAMING:
                raise MalformedHead("the length of the answer is written over several lines")
            value = f"{before} {text.strip(_BLANK)}"
        elif not colon or not name or not _OF_NAMES.issuperset(name):
            raise MalformedHead("a header of the answer has no proper name")
        fields.append((name, value.strip(_BLANK)))
    raise MalformedHead("the head of the answer is too large")


class Exchange:
    """What is known of one request: it goes with the request, never with a thread.

    `maybe_sent` is True until somebody surely knows better: `pools` where there is no connection to
    be had, `Connection` until one is open, `errors` where the client's certificate was refused.

    :param left: seconds until the whole call has to be over, None for any number of them.
    :param read: seconds from sending to the last byte of the answer, None for any number of them.
    :param max_idle: seconds that a connection may have been idle to carry it, None for any number.
    """

    def __init__(
        self,
        method: str,
        left: float | None = None,
        read: float | None = None,
        max_idle: float | None = None,
    ) -> None:
        self.method = method
        self.deadline = None if left is None else time.monotonic() + left
        self.read = read
        self.max_idle = max_idle
        self.target = ""
        """What is asked for: path and query, or the whole URL for a proxy that forwards it."""
        self.was_written = False
        """Whether the target was put into the request by the connection that knows it."""
        self.was_sent = False
        """Whether a connection that was open began to send it, be it for one that tries again."""
        self.was_answered = False
        """Whether an answer came to a request with that target."""
        self.maybe_sent = True
        """Whether any of it may have reached the service."""
        self.connection_refused_by_proxy = False
        """Whether a proxy said that the fault is the client's, so that trying again is no use."""

    def soonest(self, limit: float | None) -> float | None:
        """The time of the deadline, or of a limit that begins now, whichever comes first."""
        if limit is None:
            return self.deadline
        at = time.monotonic() + limit
        return at if self.deadline is None else min(at, self.deadline)


class DeadlineReader(io.RawIOBase):
    """The bytes of a connection, as long as they come before a deadline.

    The timeout of a socket starts again with each byte, so a slow server could hold a call.

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
        self._is_doubtful = False
        """Whether it speaks of a body where none may be, or of two ends: it is the last one."""

    def _read_status(self) -> tuple[str, int, str]:
        """The status line of the final answer, behind interim ones (RFC 9110, section 15.2)."""
        for _ in range(MAX_INTERIM):
            line = self.fp.readline(MAX_LINE + 1)
            if not line:
                raise http.client.RemoteDisconnected("the connection was closed without an answer")
            version, self.code, reason = read_status_line(line)
            if self.code >= 200 or self.code == http.client.SWITCHING_PROTOCOLS:
                return version, self.code, reason
            names = {name.lower() for name, _ in read_fields(self.fp)}
            self._is_doubtful = self._is_doubtful or not names.isdisjoint(_OF_FRAMING)
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
        self.headers = self.msg = Fields()
        lists: dict[str, list[str]] = {}
        for name, value in read_fields(self.fp):
            key = name.lower()
            if key not in _OF_FRAMING:
                self.headers.set_raw(name, value)
            if key in _LISTS:
                parts = [part.strip(_BLANK) for part in value.lower().split(",")]
                lists[key] = [*lists.get(key, ()), *parts]
        self._find_end(lists.get("transfer-encoding"), lists.get("content-length"))
        options = lists.get("connection", ())
        is_last = "close" in options or (self.version == 10 and "keep-alive" not in options)
        is_endless = not self.chunked and self.length is None
        self.will_close = is_last or is_endless or self._is_doubtful
        self._exchange.was_answered = True

    def _find_end(self, codings: list[str] | None, lengths: list[str] | None) -> None:
        """Where the body ends (RFC 9112, section 6.3); the fields say no more than that."""
        if codings and codings != ["chunked"]:
            raise MalformedHead("its Transfer-Encoding is not chunked")
        digits = lengths[0] if lengths else "0"
        is_length = 0 < len(digits) <= _LONGEST_LENGTH and _DIGITS.issuperset(digits)
        if not is_length or len({*(lengths or ())}) > 1:
            raise MalformedHead("its Content-Length is not one number")
        length, is_doubtful = int(digits) if lengths else None, False
        if self._method == "HEAD" or self.status in _NO_BODY:
            codings, length, is_doubtful = None, 0, bool(codings or length)
        elif codings:
            length, is_doubtful = None, bool(lengths) or self.version == 10
        self.chunked, self.chunk_left, self.length = bool(codings), None, length
        self._is_doubtful = self._is_doubtful or is_doubtful
        if codings:
            self.headers.set_raw("Transfer-Encoding", "chunked")
        elif lengths:
            self.headers.set_raw("Content-Length", digits)

    @property
    def is_complete(self) -> bool:
        """Whether all of it has been read, and no byte too many has come with it."""
        return self.isclosed() and not self.length and not self.reader.leftover
