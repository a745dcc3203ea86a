"""What the fuzzer needs: how long they run, and a fast server that follows a plan per request."""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import socket
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from wire import arrived

SECONDS = float(os.environ.get("WAVEFRONT_FUZZ_SECONDS", "0"))
SEED = int(os.environ.get("WAVEFRONT_FUZZ_SEED", "20240229"))
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def seeds(least: int = 1) -> Iterator[int]:
    """The first seed and those after it, until the time is over that the environment grants."""
    end = time.monotonic() + SECONDS
    seed = SEED
    while seed < SEED + least or time.monotonic() < end:
        yield seed
        seed += 1


@dataclass
class Plan:
    """What the server does with one request."""

    segments: list[bytes]
    then: str = "keep"
    """Or "close" (FIN) or "reset" (RST)."""
    afterwards: bytes = b""
    """Sent when the call is over: it has arrived before the next one begins."""
    closes_afterwards: bool = False
    """Whether the connection is closed, unannounced, when the call is over."""
    with_the_next: bytes = b""
    """Sent when a further request comes on the same connection, before the answer to that."""


@dataclass(eq=False)
class _Connection:
    sock: Any
    received: bytes = b""
    plan: Plan = field(default_factory=lambda: Plan([]))


class FuzzServer:
    """One thread that serves all connections, with and without TLS, also as a proxy to itself.

    A request for `/fuzz/NONCE` gets the next of the plans for that nonce, the last one for ever.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.plans: dict[str, list[Plan]] = {}
        self.received: Counter[str] = Counter()
        self.connections = 0
        self._tls = tls
        self._selector = selectors.DefaultSelector()
        self._open: set[_Connection] = set()
        self._ours, self._theirs = socket.socketpair()
        self._settled = threading.Semaphore(0)
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="fuzz server", daemon=True)
        self._listeners = {"http": socket.create_server(("127.0.0.1", 0), backlog=64)}
        if tls is not None:
            self._listeners["https"] = socket.create_server(("127.0.0.1", 0), backlog=64)

    def url(self, scheme: str) -> str:
        return f"{scheme}://127.0.0.1:{self._listeners[scheme].getsockname()[1]}"

    def __enter__(self) -> FuzzServer:
        self._selector.register(self._theirs, selectors.EVENT_READ, self._obey)
        for scheme, listener in self._listeners.items():
            accept = self._accept_tls if scheme == "https" else self._accept
            self._selector.register(listener, selectors.EVENT_READ, accept)
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._ours.send(b"q")
        self._thread.join(10)
        assert not self._thread.is_alive(), "the fuzz server did not stop"
        for connection in list(self._open):
            self._drop(connection)
        self._selector.close()
        for sock in (self._ours, self._theirs, *self._listeners.values()):
            sock.close()

    def settle(self) -> None:
        """Wait until all that was planned for the calls so far has been done and has arrived."""
        self._ours.send(b"s")
        assert self._settled.acquire(timeout=10), "the fuzz server hangs"

    def _run(self) -> None:
        while not self._stopping:
            for key, _ in self._selector.select():
                key.data(key.fileobj)

    def _obey(self, orders: socket.socket) -> None:
        self._stopping = orders.recv(1) == b"q"
        if not self._stopping:
            for connection in [each for each in self._open if _is_unfinished(each.plan)]:
                with self._dropping_if_gone(connection):
                    self._finish(connection)
            self._settled.release()

    def _finish(self, connection: _Connection) -> None:
        plan, connection.plan = (
            connection.plan,
            Plan([], with_the_next=connection.plan.with_the_next),
        )
        connection.sock.sendall(plan.afterwards)
        closes = plan.closes_afterwards or plan.then == "close"
        if closes:
            # Not that of TLS, which would want to say goodbye first.
            socket.socket.shutdown(connection.sock, socket.SHUT_WR)
        arrived(connection.sock)
        if closes:
            self._drop(connection)

    def _accept(self, listener: socket.socket) -> None:
        self._serve(listener.accept()[0])

    def _accept_tls(self, listener: socket.socket) -> None:
        assert self._tls is not None
        sock = listener.accept()[0]
        sock.settimeout(5)
        with contextlib.suppress(OSError):  # The socket is closed if the handshake fails.
            self._serve(self._tls.wrap_socket(sock, server_side=True))

    def _serve(self, sock: socket.socket) -> None:
        sock.settimeout(5)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connections += 1
        connection = _Connection(sock)
        self._open.add(connection)
        self._watch(connection)

    def _watch(self, connection: _Connection) -> None:
        listen = selectors.EVENT_READ
        self._selector.register(connection.sock, listen, lambda _: self._read(connection))

    def _read(self, connection: _Connection) -> None:
        with self._dropping_if_gone(connection):
            data = connection.sock.recv(1 << 16)
            if not data:
                raise ConnectionAbortedError
            connection.received += data
            for nonce in iter(lambda: _next_request(connection), None):
                if nonce:
                    self._act(connection, nonce)
                else:
                    self._open_tunnel(connection)

    def _open_tunnel(self, connection: _Connection) -> None:
        """Be what is at its other end, too."""
        assert self._tls is not None
        connection.sock.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")
        self._selector.unregister(connection.sock)
        secured = self._tls.wrap_socket(
            connection.sock, server_side=True, do_handshake_on_connect=False
        )
        connection.sock = secured
        self._watch(connection)
        secured.do_handshake()

    def _act(self, connection: _Connection, nonce: str) -> None:
        plans = self.plans[nonce]
        plan = plans[min(self.received[nonce], len(plans) - 1)]
        self.received[nonce] += 1
        before, connection.plan = connection.plan.with_the_next, plan
        for segment in (before, *plan.segments):
            connection.sock.sendall(segment)
        if plan.then == "reset":
            connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            raise ConnectionAbortedError
        if plan.then == "close":
            socket.socket.shutdown(connection.sock, socket.SHUT_WR)

    @contextlib.contextmanager
    def _dropping_if_gone(self, connection: _Connection) -> Iterator[None]:
        try:
            yield
        except OSError:
            self._drop(connection)

    def _drop(self, connection: _Connection) -> None:
        if connection in self._open:
            self._open.discard(connection)
            self._selector.unregister(connection.sock)
            connection.sock.close()


def _is_unfinished(plan: Plan) -> bool:
    return bool(plan.afterwards) or plan.closes_afterwards or plan.then == "close"


_TARGET = re.compile(rb"[A-Z]+ [^ ]*/fuzz/(\w+)")
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")


def _next_request(connection: _Connection) -> str | None:
    """Take the next whole request off what was received: its nonce, nothing for CONNECT."""
    head, end, rest = connection.received.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    size = int(length[1]) if length else 0
    if not end or len(rest) < size:
        return None
    connection.received = rest[size:]
    if head.startswith(b"CONNECT "):
        return ""
    target = _TARGET.match(head)
    assert target, head
    return target[1].decode()
