"""The connections of a client, and the private parts of urllib3 and http.client that are used.

==================================  =============================  ================================
What urllib3 or http.client calls   What it is for                 If it is not called
==================================  =============================  ================================
`Pool._get_conn`                    nothing is left on a           the connection, which knows of no
                                    connection that is used        request, refuses to be used
`Connection._new_conn`              one limit for all of           `endheaders` refuses to send, and
                                    connecting; "never sent" is    all is "maybe sent"
                                    said of what cannot connect
`Connection._tunnel`                the same limit; 4xx of a       sooner or later the same fault
                                    proxy is final
`Connection._encode_request`        the service gets the target,   `endheaders` refuses to send
                                    tools see a mask
`Connection.endheaders`             connects before a request and  http.client does not connect by
                                    never within it                itself; all is "maybe sent"
`Connection.response_class`         answers have deadlines, and    the manager takes no answer that
                                    end where all see the end      was not read so
`Answer.begin`                      the same                       the same
`Answer._read_status`               interim answers are skipped    `begin` refuses them
==================================  =============================  ================================

`test/unit/test_urllib3_contract.py` removes each of them. `TlsPool._validate_conn` keeps urllib3
from repeating a warning; nothing else relies on it.
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

from wavefront_api_client._transport.answers import Answer, Exchange
from wavefront_api_client._transport.sockets import addresses, connect
from wavefront_api_client.retry import REPEATABLE_METHODS

if TYPE_CHECKING:
    from typing import Any


class UnsafeTransport(HTTPError):
    """A library does not work as this package needs it, so that the outcome is unknown."""


SHORT = 2048
"""Bytes that the buffer of a socket takes at once, when nothing else is in it."""


class Connection:
    """The base of the two connection classes."""

    sock: Any
    timeout: Any
    host: str
    port: Any
    socket_options: Any
    source_address: Any
    _dns_host: str

    exchange: Exchange | None = None
    """The request that is under way."""
    until: float | None = None
    """The deadline of the current step, on the clock of `time.monotonic`; None for no limit."""
    answer: Answer | None = None
    """The latest answer that came over it."""
    kept_at: float | None = None
    """When it was kept for the next request, None if it was not."""
    was_opened_here = False
    """Whether `_new_conn` has opened it, with a limit."""

    # http.client would connect in the middle of a request, and send the rest of it alone.
    auto_open = 0

    @property
    def is_connected(self) -> bool:
        """Whether it is open; only `can_carry` looks whether bytes have come."""
        return self.sock is not None

    def keep(self) -> None:
        """Wait for the next request, but close where an answer may have left bytes behind."""
        is_clean = self.answer is not None and self.answer.is_complete
        if self.sock is not None and not (is_clean and not _pending(self.sock)):
            self.close()  # type: ignore[attr-defined]
        # Both are removed: the target may hold a token.
        self.exchange = self.answer = None
        self.kept_at = time.monotonic()

    def can_carry(self, exchange: Exchange) -> bool:
        """Whether it was kept, not for too long, and nothing has come over it since."""
        if self.kept_at is None:
            return False
        idle = time.monotonic() - self.kept_at
        is_fresh = exchange.max_idle is None or idle <= exchange.max_idle
        return is_fresh and not _pending(self.sock) and not wait_for_read(self.sock, timeout=0.0)

    def _known_exchange(self) -> Exchange:
        if self.exchange is None:
            raise UnsafeTransport("a connection was used that nothing is known of")
        return self.exchange

    def _new_conn(self) -> socket.socket:
        """Connect to the first address that answers, within one limit for all of connecting."""
        exchange = self._known_exchange()
        # Without a connection nothing was sent, unless another connection did so before.
        exchange.maybe_sent = exchange.was_sent
        limit = self.timeout if isinstance(self.timeout, (int, float)) else None
        self.until, self.was_opened_here = exchange.soonest(limit), True
        try:
            found = addresses(self._dns_host, self.port, self.until)
            sock = connect(found, self.until, self.socket_options, self.source_address)
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
        if self.until is not None:
            # Not 0, which means not to wait.
            sock.settimeout(max(self.until - time.monotonic(), 0.001))

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

    def _encode_request(self, request: str) -> bytes:
        """The first line of a request, with what is really asked for."""
        exchange = self._known_exchange()
        exchange.was_written = exchange.maybe_sent = True
        version = request.rpartition(" ")[2]
        return f"{exchange.method} {exchange.target} {version}".encode("ascii")

    def endheaders(self, *args: Any, **kwargs: Any) -> Any:
        """Send what has been put together, over a connection that is open."""
        exchange = self._known_exchange()
        if self.sock is None:
            self.connect()  # type: ignore[attr-defined]
        exchange.maybe_sent = True
        if not self.was_opened_here:
            raise UnsafeTransport("a connection was opened without a time limit")
        if not exchange.was_written:
            raise UnsafeTransport("a request went past what looks after it")
        if exchange.was_sent and exchange.method not in REPEATABLE_METHODS:
            raise UnsafeTransport("a request was about to be sent twice")
        self.until, self.answer = exchange.soonest(exchange.read), None
        exchange.was_sent = True
        return super().endheaders(*args, **kwargs)  # type: ignore[misc]

    def send(self, data: Any) -> Any:
        """Send bytes before the deadline."""
        # A short request goes into the buffer of the system, which does not wait.
        is_short = isinstance(data, bytes) and len(data) <= SHORT
        if self.sock is not None and not is_short:
            self._hurry(self.sock)
        return super().send(data)  # type: ignore[misc]

    def response_class(self, sock: Any, *args: Any, **kwargs: Any) -> Answer:
        """The answer that is to be read next."""
        self.answer = Answer(self._known_exchange(), self.until, sock, *args, **kwargs)
        return self.answer

    def __repr__(self) -> str:
        return f"{self.host}:{self.port}"

    __str__ = __repr__


def _pending(sock: Any) -> int:
    """Bytes that have come inside TLS and have not been read."""
    if isinstance(sock, SSLTransport):
        return sock.sslobj.pending() + sock.incoming.pending + _pending(sock.socket)
    return sock.pending() if isinstance(sock, ssl.SSLSocket) else 0


def urllib3s(cls: Any) -> Any:
    """The class of urllib3 itself, also if a tool has put a subclass in its place."""
    return next((base for base in cls.__mro__ if is_urllib3s(base)), cls)


def is_urllib3s(thing: Any) -> bool:
    """Whether it is urllib3's own, wrapped or not."""
    while is_wrapped(thing):
        thing = thing.__wrapped__
    # A stand-in can copy the name of a module, but not the globals of a function.
    scope = getattr(thing, "__globals__", None)
    module = getattr(thing, "__module__", None) if scope is None else scope.get("__name__")
    # `urllib3.http2.inject_into_urllib3` replaces the class, as tools do.
    is_put_in = str(module).startswith("urllib3.http2.")
    return thing is None or (str(module).startswith("urllib3.") and not is_put_in)


def is_wrapped(urlopen: Any) -> bool:
    """Whether a tool looks on."""
    return hasattr(urlopen, "__wrapped__")


class PlainConnection(Connection, urllib3s(HTTPConnection)):  # type: ignore[misc]
    """A connection without TLS."""


class TlsConnection(Connection, urllib3s(HTTPSConnection)):  # type: ignore[misc]
    """A connection with TLS."""
