"""The connections of a client, and what of urllib3 and http.client is private and has to be called.

==================================  =============================  ================================
What urllib3 or http.client calls   What it keeps                  Should it not be called
==================================  =============================  ================================
`Pool._get_conn`                    nothing is left on a           the connection, which knows of no
                                    connection that is used        request, refuses to be used
`Pool._put_conn`                    no connection is kept on       `_get_conn` closes it, before its
                                    which something is left        next use
`Connection.connect`                "never sent" is said of what   all is "maybe sent": no POST is
                                    could not be connected         sent again
`Connection._new_conn`              one limit for all of           `connect` refuses
                                    connecting
`Connection._tunnel`                the same; 4xx of a proxy is    sooner or later the same fault
                                    final
`Connection.putrequest`             who looks on sees a mask       they see that of `urlopen`
`Connection._encode_request`        the wire gets what was meant   a mask is no ASCII, which cannot
                                                                   be sent; `getresponse` refuses
`Connection.endheaders`             connects before a request and  http.client does not connect by
                                    never within it                itself: nothing is sent
`Connection.response_class`         answers have deadlines, and    `getresponse` refuses
                                    end where all see the end
`Answer.begin`                      the same                       `getresponse` refuses
`Answer._read_status`               interim answers are skipped    `begin` refuses them
==================================  =============================  ================================

`test/unit/test_urllib3_contract.py` takes each of them away.
"""

from __future__ import annotations

import socket
import ssl
import sys
import time
from typing import TYPE_CHECKING

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationParseError,
    NewConnectionError,
)
from urllib3.util.ssltransport import SSLTransport
from urllib3.util.wait import wait_for_read

from wavefront_api_client._transport.answers import Answer
from wavefront_api_client._transport.sockets import addresses, connect
from wavefront_api_client.retry import REPEATABLE_METHODS

if TYPE_CHECKING:
    from typing import Any


class UnsafeTransport(HTTPError):
    """A library underneath does not work as this package relies on, so that nothing can be said."""


class Deadline:
    """When the step under way has to be over, on the clock of `time.monotonic`; None for never."""

    __slots__ = ("at",)

    def __init__(self) -> None:
        self.at: float | None = None

    def left(self) -> float | None:
        """Seconds that are left, None for any number of them."""
        return None if self.at is None else self.at - time.monotonic()


class Exchange:
    """What is known of one request: it goes with the request, never with a thread.

    :param method: HTTP method.
    :param left: seconds until the whole call has to be over, None for any number of them.
    :param read: seconds from sending to the last byte of the answer, None for any number of them.
    :param max_idle: seconds that a connection may have been idle to carry it, None for any number.
    """

    __slots__ = (
        "connection_refused_by_proxy",
        "deadline",
        "max_idle",
        "maybe_sent",
        "method",
        "read",
        "shown",
        "target",
        "was_answered",
        "was_sent",
        "was_written",
    )

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
        self.shown = ""
        """The target for the eyes of others; where it hides something, it cannot be sent."""
        self.was_written = False
        """Whether the target was put into the request by the connection that knows it."""
        self.was_sent = False
        """Whether a connection that was open began to send it, be it for one that tries again."""
        self.was_answered = False
        """Whether an answer came to a request with that target."""
        self.maybe_sent = True
        """Whether any of it may have reached the service: so, until somebody knows better."""
        self.connection_refused_by_proxy = False
        """Whether a proxy said that the fault is the client's, so that trying again is no use."""

    def soonest(self, limit: float | None) -> float | None:
        """The time of the deadline, or of a limit that begins now, whichever comes first."""
        if limit is None:
            return self.deadline
        at = time.monotonic() + limit
        return at if self.deadline is None else min(at, self.deadline)

    def __repr__(self) -> str:
        return f"<Exchange {self.method} {self.shown}>"


SHORT = 2048
"""Bytes that the buffer of a socket takes at once, when nothing else is in it."""


class Connection:
    """What the two connection classes have in common."""

    sock: Any
    timeout: Any
    host: str
    port: Any
    socket_options: Any
    source_address: Any
    _dns_host: str
    _http_vsn_str: str

    exchange: Exchange | None = None
    """What is under way on it."""
    deadline: Deadline
    """Of the step that is under way."""
    answer: Answer | None = None
    """The latest answer that came over it."""
    idle_since = 0.0
    """When the latest exchange ended, on the clock of `time.monotonic`."""

    # http.client would connect in the middle of a request, and send the rest of it alone.
    auto_open = 0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.deadline = Deadline()

    @property
    def is_connected(self) -> bool:
        """Whether it is open; `can_carry` alone looks whether anything has come over it."""
        return self.sock is not None

    def can_carry(self, exchange: Exchange) -> bool:
        """Whether nothing is left on it of the last exchange, and it has not been idle too long."""
        idle = time.monotonic() - self.idle_since
        is_fresh = exchange.max_idle is None or idle <= exchange.max_idle
        return is_fresh and self.is_clean() and not wait_for_read(self.sock, timeout=0.0)

    def is_clean(self) -> bool:
        """Whether the latest answer has been read, and no byte more has come so far."""
        answer = self.answer
        return answer is not None and answer.is_complete and not _pending(self.sock)

    def _known_exchange(self) -> Exchange:
        if self.exchange is None:
            raise UnsafeTransport("a connection was used that nothing is known of")
        return self.exchange

    def connect(self) -> None:
        """Open the connection: TCP, the tunnel of a proxy, TLS."""
        exchange = self._known_exchange()
        self.deadline.at = None
        limit = self._limit()
        try:
            super().connect()  # type: ignore[misc]
        except BaseException:
            # What was never connected has sent nothing, unless another connection did so before.
            exchange.maybe_sent = exchange.was_sent
            raise
        if self.deadline.at is None and exchange.soonest(limit) is not None:
            raise UnsafeTransport("a connection was opened without a time limit")

    def _limit(self) -> float | None:
        """Seconds for all of connecting, None for any number of them."""
        return self.timeout if isinstance(self.timeout, (int, float)) else None

    def _new_conn(self) -> socket.socket:
        """Connect to the first address that answers, within one limit for all of connecting."""
        limit = self._limit()
        until = self.deadline.at = self._known_exchange().soonest(limit)
        try:
            found = addresses(self._dns_host, self.port, until)
            sock = connect(found, until, self.socket_options, self.source_address)
        except UnicodeError:
            raise LocationParseError(f"'{self.host}', label empty or too long") from None
        except socket.timeout:
            failure: Exception = ConnectTimeoutError(
                self, f"Connection to {self.host} timed out. (connect timeout={limit})"
            )
        except OSError as error:
            failure = NewConnectionError(self, f"Failed to establish a new connection: {error}")  # type: ignore[arg-type]
        else:
            sys.audit("http.client.connect", self, self.host, self.port)
            self._hurry(sock)
            return sock
        raise failure

    def _hurry(self, sock: Any) -> None:
        """Give the next step, such as the TLS handshake, the time that is left."""
        left = self.deadline.left()
        if left is not None:
            # Not 0, which would mean not to wait at all.
            sock.settimeout(max(left, 0.001))

    def _tunnel(self) -> None:
        self._hurry(self.sock)
        self.answer = None
        try:
            super()._tunnel()  # type: ignore[misc]
            self._hurry(self.sock)
        finally:
            answer: Answer | None = self.answer
            if answer is not None:
                self._known_exchange().connection_refused_by_proxy = 400 <= answer.code <= 499
                # Before Python 3.12, http.client leaves it to the garbage collector.
                answer.close()

    def putrequest(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        """Begin a request; whoever looks on from here sees a masked target."""
        return super().putrequest(  # type: ignore[misc]
            method, self._known_exchange().shown, *args, **kwargs
        )

    def _encode_request(self, request: str) -> bytes:
        exchange = self._known_exchange()
        exchange.was_written = True
        line = f"{exchange.method} {exchange.target} {self._http_vsn_str}"
        return super()._encode_request(line)  # type: ignore[misc,no-any-return]

    def endheaders(self, *args: Any, **kwargs: Any) -> Any:
        """Send what has been put together, over a connection that is open."""
        exchange = self._known_exchange()
        if self.sock is None:
            self.connect()
        if exchange.was_sent and exchange.method not in REPEATABLE_METHODS:
            raise UnsafeTransport("a request was about to be sent twice")
        self.deadline.at = exchange.soonest(exchange.read)
        exchange.was_sent = True
        return super().endheaders(*args, **kwargs)  # type: ignore[misc]

    def send(self, data: Any) -> Any:
        """Send bytes before the deadline."""
        # What is short goes into the buffer of the system, which does not wait.
        is_short = isinstance(data, bytes) and len(data) <= SHORT
        if self.sock is not None and not is_short:
            self._hurry(self.sock)
        return super().send(data)  # type: ignore[misc]

    def response_class(self, sock: Any, *args: Any, **kwargs: Any) -> Answer:
        """The answer that is to be read next."""
        self.answer = Answer(self.deadline, sock, *args, **kwargs)
        return self.answer

    def getresponse(self, *args: Any, **kwargs: Any) -> Any:
        """Read the head of the answer."""
        exchange = self._known_exchange()
        self.answer = None
        response = super().getresponse(*args, **kwargs)  # type: ignore[misc]
        if not exchange.was_written or self.answer is None or self.answer.framing is None:
            self.close()  # type: ignore[attr-defined]
            raise UnsafeTransport("a request or an answer went past what looks after it")
        exchange.was_answered = True
        return response

    def __repr__(self) -> str:
        return f"{self.host}:{self.port}"

    __str__ = __repr__


def _pending(sock: Any) -> int:
    """Bytes that have come inside TLS and have not been read."""
    if isinstance(sock, SSLTransport):
        return sock.sslobj.pending() + sock.incoming.pending + _pending(sock.socket)
    return sock.pending() if isinstance(sock, ssl.SSLSocket) else 0


def urllib3s(cls: Any) -> Any:
    """What urllib3 has as a class itself, also where a tool has put one derived of it there."""
    return next((base for base in cls.__mro__ if is_urllib3s(base)), cls)


def is_urllib3s(thing: Any) -> bool:
    """Whether it is urllib3's own, wrapped or not."""
    while is_wrapped(thing):
        thing = thing.__wrapped__
    # A stand-in can copy the name of a module, but not the scope of a function.
    scope = getattr(thing, "__globals__", None)
    module = getattr(thing, "__module__", None) if scope is None else scope.get("__name__")
    return thing is None or str(module).startswith("urllib3.")


def is_wrapped(urlopen: Any) -> bool:
    """Whether somebody looks on."""
    return hasattr(urlopen, "__wrapped__")


class PlainConnection(Connection, urllib3s(HTTPConnection)):  # type: ignore[misc]
    """A connection without TLS."""


class TlsConnection(Connection, urllib3s(HTTPSConnection)):  # type: ignore[misc]
    """A connection with TLS."""
