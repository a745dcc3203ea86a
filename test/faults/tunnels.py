"""What the tests of redirects and names share: a CONNECT proxy, a resolver, a watch on sockets."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from hostile import Peer, Request, Step, _read_request

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


@dataclass
class Tunnel(Step):
    """Let the client through to a service that is played here, behind TLS of its own."""

    tls: ssl.SSLContext
    make: Callable[[Request], bytes]
    requests: list[Request] = field(default_factory=list)

    def act(self, peer: Peer) -> bool:
        assert peer.request is not None and peer.request.method == "CONNECT", peer.request
        peer.send_now(ESTABLISHED)
        # A copy: the server still shuts the connection down when it stops.
        with self.tls.wrap_socket(peer.sock.dup(), server_side=True) as inner:
            pending = b""
            while not peer.stopping.is_set():
                raw, pending = _read_request(inner, pending)
                if raw is None:
                    break
                self.requests.append(Request(raw))
                self.answer(peer, inner)
        return False

    def answer(self, peer: Peer, inner: ssl.SSLSocket) -> None:
        inner.sendall(self.make(self.requests[-1]))


class Network:
    """Every name leads to 127.0.0.1; `ports` are those connected to."""

    def __init__(self) -> None:
        self.ports: list[int] = []
        self._lookup = socket.getaddrinfo

    def lookup(self, host, port, family=0, type=0, proto=0, flags=0) -> list[tuple]:
        return self._lookup("127.0.0.1", port, 0, type, proto, flags)

    @contextlib.contextmanager
    def watched(self) -> Iterator[Network]:
        def connect(sock: socket.socket, address: tuple) -> None:
            if sock.family in (socket.AF_INET, socket.AF_INET6):
                self.ports.append(address[1])
            original(sock, address)

        original = socket.socket.connect
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(socket.socket, "connect", connect)
            patch.setattr(socket, "getaddrinfo", self.lookup)
            yield self
