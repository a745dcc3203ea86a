"""The connections of a client, and the private parts of urllib3 and http.client that are used.

==================================  =============================  ================================
What urllib3 or http.client calls   What it is for                 If it is not called
==================================  =============================  ================================
`Pool._get_conn`                    nothing is left on a           the connection, which knows of no
                                    connection that is used        request, refuses to be used
`Connection._new_conn`              one limit for all of           all is "maybe sent"; connecting
                                    connecting; "never sent" is    has urllib3's limits
                                    said of what cannot connect
`Connection._tunnel`                the same limit                 TLS behind it has all of it again
`Connection._encode_request`        the service gets the target,   `endheaders` refuses to send
                                    tools see a mask
`Connection.endheaders`             connects before a request and  http.client does not connect by
                                    never within it                itself; all is "maybe sent"
`Connection.response_class`         answers have deadlines, and    the pool takes no answer that
                                    end where all see the end      was not read so
`Answer.begin`                      the same                       the same
`Answer._read_status`               interim answers are skipped    `begin` refuses them
==================================  =============================  ================================

`test/unit/test_urllib3_contract.py` removes each of them. `TlsPool._validate_conn` keeps urllib3
from repeating a warning; nothing else relies on it.
"""

from __future__ import annotations

import _thread
import http.client
import os
import socket
import ssl
import sys
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

from urllib3 import exceptions as theirs
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.connection import allowed_gai_family
from urllib3.util.ssltransport import SSLTransport

from wavefront_api_client._core.background import AsyncResult
from wavefront_api_client._core.limits import FETCHING_METHODS
from wavefront_api_client._transport.answers import Answer, Exchange
from wavefront_api_client.retry import REPEATABLE_METHODS

Address = tuple[Any, ...]


class UnsafeTransport(theirs.HTTPError):
    """A library does not work as this package needs it, so that the outcome is unknown."""


def _genuine(cls: type) -> Any:
    """The class of urllib3 itself, also if a tool has put a subclass in its place."""
    return next(base for base in cls.__mro__ if base.__module__ == "urllib3.connection")


class Connection(_genuine(HTTPConnection)):  # type: ignore[misc]
    """A connection without TLS."""

    exchange: Exchange | None = None
    """The request that is under way."""
    connects_until: float | None = None
    """The deadline of connecting, on the clock of `time.monotonic`; None for no limit."""
    answer: Answer | None = None
    """The latest answer that came over it."""
    kept_at: float | None = None
    """When it was kept for the next request, None if it was not."""

    # http.client would connect in the middle of a request, and send the rest of it alone.
    auto_open = 0

    def keep(self) -> None:
        """Wait for the next request, but close where an answer may have left bytes behind."""
        is_clean = self.answer is not None and self.answer.is_complete
        if self.sock is not None and not (is_clean and not _pending(self.sock)):
            self.close()
        # Both are removed: the target may hold a token.
        self.exchange = self.answer = None
        self.kept_at = time.monotonic()

    def can_carry(self, exchange: Exchange) -> bool:
        """Whether it is closed, or was kept, and not for too long."""
        if self.sock is None or self.kept_at is None or exchange.max_idle is None:
            return self.sock is None or self.kept_at is not None
        return time.monotonic() - self.kept_at <= exchange.max_idle

    def _known_exchange(self) -> Exchange:
        if self.exchange is None:
            raise UnsafeTransport("a connection was used that nothing is known of")
        return self.exchange

    def _new_conn(self) -> socket.socket:
        """Connect to the first address that answers, within one limit for all of connecting."""
        exchange = self._known_exchange()
        # Without a connection nothing was sent, unless another connection did so before.
        exchange.maybe_sent = exchange.was_sent
        limit = self.timeout
        self.connects_until = None if limit is None else time.monotonic() + limit
        try:
            found = addresses(self._dns_host, self.port, self.connects_until)
            sock = connect(found, self.connects_until, self.socket_options)
        except UnicodeError:
            raise theirs.LocationParseError(f"'{self.host}', label empty or too long") from None
        except socket.timeout:
            message = f"Connection to {self.host} timed out. (connect timeout={limit})"
            raise theirs.ConnectTimeoutError(self, message) from None
        except OSError as error:
            message = f"Failed to establish a new connection: {error}"
            raise theirs.NewConnectionError(self, message) from None
        sys.audit("http.client.connect", self, self.host, self.port)
        sock.settimeout(_left(self.connects_until))
        return sock

    def _tunnel(self) -> None:
        try:
            super()._tunnel()
            if self.connects_until is not None:
                self.sock.settimeout(_left(self.connects_until))
        finally:
            if self.answer is not None:
                # Before Python 3.12, http.client leaves it to the garbage collector.
                self.answer.close()

    def _encode_request(self, request: str) -> bytes:
        """The first line of a request, with what is really asked for."""
        exchange = self._known_exchange()
        exchange.was_written = exchange.maybe_sent = True
        version = request.rpartition(" ")[2]
        return f"{exchange.method} {exchange.target} {version}".encode("ascii")

    def putheader(self, header: Any, *values: Any) -> None:
        """Put a header into the request; urllib3 would look for its marker in each."""
        http.client.HTTPConnection.putheader(self, header, *values)

    def endheaders(self, *args: Any, **kwargs: Any) -> Any:
        """Send what has been put together, over a connection that is open."""
        exchange = self._known_exchange()
        if self.sock is None:
            self.connect()
        exchange.maybe_sent = True
        if not exchange.was_written:
            raise UnsafeTransport("a request went past what looks after it")
        if exchange.was_sent and exchange.method not in REPEATABLE_METHODS:
            raise UnsafeTransport("a request was about to be sent twice")
        self.answer, exchange.was_sent = None, True
        if exchange.method not in FETCHING_METHODS:
            # A body has the limit of its answer, not that of connecting.
            self.sock.settimeout(exchange.read_timeout)
        return super().endheaders(*args, **kwargs)

    def response_class(self, sock: Any, *args: Any, **kwargs: Any) -> Answer:
        """The answer that is to be read next."""
        self.answer = Answer(self._known_exchange(), sock, *args, **kwargs)
        return self.answer

    def __repr__(self) -> str:
        return f"{self.host}:{self.port}"

    __str__ = __repr__


class TlsConnection(Connection, _genuine(HTTPSConnection)):  # type: ignore[misc]
    """A connection with TLS."""


def _pending(sock: Any) -> int:
    """Bytes that have come inside TLS and have not been read."""
    if isinstance(sock, SSLTransport):
        return sock.sslobj.pending() + sock.incoming.pending + _pending(sock.socket)
    return sock.pending() if isinstance(sock, ssl.SSLSocket) else 0


under_way: dict[tuple[int, str, int], AsyncResult[list[Address]]] = {}
"""Names that are being looked up: by process, for a fork takes the threads away, host and port."""


def addresses(host: str, port: int, until: float | None) -> list[Address]:
    """The addresses of a host, as `socket.getaddrinfo` gives them, or a timeout.

    A thread looks a name up, as nothing can interrupt the system. All that ask for it meanwhile
    wait for the same one, so a system that does not answer holds one thread for each name.
    """
    if ":" in host or host.replace(".", "").isdecimal():
        # An IP address; for text, Python would load its tables of international names.
        return _look_up(host.strip("[]").encode("ascii"), port, socket.AI_NUMERICHOST)
    if until is None:
        return _look_up(host, port)
    key = os.getpid(), host, port
    made = AsyncResult(partial(_look_up, host, port))
    query = under_way.setdefault(key, made)
    if query is made:
        try:
            _thread.start_new_thread(_run, (key, query))
        except BaseException as error:
            under_way.pop(key, None)
            if isinstance(error, RuntimeError):
                raise OSError(f"the name of the host cannot be looked up: {error}") from None
            raise
    query.wait(_left(until))
    if not query.ready():
        raise socket.timeout("the name of the host was not found in time")
    return query.get()


def _run(key: tuple[int, str, int], query: AsyncResult[list[Address]]) -> None:
    query._run()
    under_way.pop(key, None)


def _look_up(host: str | bytes, port: int, flags: int = 0) -> list[Address]:
    family = allowed_gai_family()
    return socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, 0, flags)


def connect(found: Sequence[Address], until: float | None, options: Any) -> socket.socket:
    """Connect to the first address that answers; each has its share of the time that is left."""
    failure: OSError = socket.gaierror(socket.EAI_NONAME, "the host has no address")
    for index, (family, kind, protocol, _, address) in enumerate(found):
        left = _left(until)
        try:
            sock = socket.socket(family, kind, protocol)
            try:
                for option in options or ():
                    sock.setsockopt(*option)
                sock.settimeout(left and left / (len(found) - index))
                sock.connect(address)
                return sock
            except BaseException:
                sock.close()
                raise
        except OSError as error:
            failure = error
    raise failure


def _left(until: float | None) -> float | None:
    """Seconds until then; not 0, which would mean not to wait for any answer at all."""
    return None if until is None else max(until - time.monotonic(), 0.001)
