"""Answer: head and body have to come before a deadline, and nothing may be left behind them."""

from __future__ import annotations

import http.client
import io
import socket
from typing import TYPE_CHECKING

from wavefront_api_client._transport.head import (
    MAX_INTERIM,
    MalformedHead,
    as_message,
    combined,
    framing,
    read_fields,
    read_status_line,
    speaks_of_a_body,
    will_close,
)

if TYPE_CHECKING:
    from typing import Any

    from wavefront_api_client._transport.exchange import Deadline
    from wavefront_api_client._transport.head import Framing


class DeadlineReader(io.RawIOBase):
    """The bytes of a connection, as long as they come before a deadline.

    A socket's timeout starts anew with each byte, so that a server could hold a call for ever.

    :param raw: the bytes of the connection.
    :param sock: the socket that they come from.
    :param deadline: of the connection.
    """

    def __init__(self, raw: io.RawIOBase, sock: Any, deadline: Deadline) -> None:
        self._raw = raw
        self._sock = sock
        self._deadline = deadline
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
        left = self._deadline.left()
        if left is not None:
            self._shorten_timeout(left)
        return self._raw.readinto(buffer)

    def _shorten_timeout(self, left: float) -> None:
        if left <= 0:
            raise socket.timeout("timed out")
        # Setting it costs a system call, which most answers are too quick to need.
        if self._set is None or left < 0.99 * self._set:
            self._set = left
            self._sock.settimeout(left)

    def makefile(self, _mode: str) -> _Buffer:
        """A file that reads from it."""
        return _Buffer(self)

    def lift(self) -> None:
        """From now on, limit the wait for each next byte only."""
        self._deadline.at = None
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

    :param deadline: of the connection.
    :param sock: the socket of the connection.
    """

    _method: str | None

    def __init__(self, deadline: Deadline, sock: Any, *args: Any, **kwargs: Any) -> None:
        self.reader = DeadlineReader(sock.makefile("rb", 0), sock, deadline)
        # It stands in for the socket, of which http.client wants a file to read from.
        super().__init__(self.reader, *args, **kwargs)  # type: ignore[arg-type]
        self.code = 0
        self._is_odd = False
        """Whether an interim answer spoke of a body, which none has."""
        self.framing: Framing | None = None
        """Where its body ends, once the head has been read."""

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
        self.framing = framed
        self.headers = self.msg = as_message(fields, framed)
        self.chunked, self.chunk_left, self.length = framed.chunked, None, framed.length
        endless = not framed.chunked and framed.length is None
        is_last = will_close(is_http_1_1, values)
        self.will_close = is_last or endless or framed.doubtful or self._is_odd

    @property
    def is_complete(self) -> bool:
        """Whether all of it has been read, and no byte too many has come with it."""
        return self.isclosed() and not self.length and not self.reader.leftover
