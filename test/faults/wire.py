"""Answers that are exact about their bytes: who is answered, in which segment, and what arrived."""

from __future__ import annotations

import contextlib
import gzip
import json
import select
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any, Callable, Union

from hostile import Peer, Request, Step, eventually, http_answer

try:
    import fcntl
    import termios

    UNACKNOWLEDGED: int | None = socket.TCP_INFO and termios.TIOCOUTQ
except (ImportError, AttributeError):  # Not Linux.
    UNACKNOWLEDGED = None

Part = Union[bytes, Callable[[Request], bytes]]


# --- who is answered --------------------------------------------------------------------------


def token_named(name: str, padding: int = 0) -> bytes:
    """A container with one token, and as many bytes of nothing."""
    status = {"result": "OK", "message": "", "code": 200}
    response = [{"tokenID": "t0ken", "tokenName": name}]
    return json.dumps({"status": status, "response": response, "padding": "x" * padding}).encode()


def name_of(request: Request) -> str:
    """The name of the token that only this request may get, such as "GET alice"."""
    return f"{request.method} {request.target.rsplit('/', 1)[-1]}"


def own(request: Request) -> bytes:
    """The right answer."""
    return http_answer(200, token_named(name_of(request)))


FOREIGN = http_answer(200, token_named("mallory"), {"X-For": "mallory"})
"""An answer that nobody asked for."""


def alice(api: Any, **options: Any) -> Any:
    return api.get_tokens_service_account("alice", **options)


def bob(api: Any, **options: Any) -> Any:
    return api.get_tokens_service_account("bob", **options)


CALLERS: dict[str, tuple[Callable[..., Any], str]] = {
    "get": (bob, "GET bob"),
    "create": (lambda api, **options: api.create_token(**options), "POST apitoken"),
}
"""A call, and the name of the token that belongs to it."""


def names(container: Any) -> list[str]:
    return [token.token_name for token in container.response]


def calls_get_their_own(api: Any, *kinds: str) -> bool:
    """Whether these calls, one after the other, get what was meant for them."""
    return all(names(call(api)) == [name] for call, name in (CALLERS[kind] for kind in kinds))


# --- how an answer is framed ------------------------------------------------------------------


def chunks(body: bytes, *trailers: bytes) -> bytes:
    middle = len(body) // 2
    parts = b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in (body[:middle], body[middle:]) if p)
    return parts + b"0\r\n" + b"".join(trailer + b"\r\n" for trailer in trailers) + b"\r\n"


def _zipped(body: bytes, padding: bytes = b"") -> bytes:
    return gzip.compress(body, 0) + padding


CHUNKED = {"Transfer-Encoding": "chunked"}
GZIP = {"Content-Encoding": "gzip"}

FRAMINGS: dict[str, Callable[[bytes], bytes]] = {
    "length": lambda body: http_answer(200, body),
    "chunks": lambda body: http_answer(200, chunks(body), CHUNKED),
    "trailers": lambda body: http_answer(200, chunks(body, b"X-A: b", b"X-C: d"), CHUNKED),
    "gzip": lambda body: http_answer(200, _zipped(body), GZIP),
    "gzip in chunks": lambda body: http_answer(200, chunks(_zipped(body)), {**GZIP, **CHUNKED}),
}
PADDED: dict[str, Callable[[bytes], bytes]] = {
    "gzip and padding": lambda body: http_answer(200, _zipped(body, b"\0" * 50), GZIP),
}


# --- what is sent when ------------------------------------------------------------------------


def arrived(sock: socket.socket) -> None:
    """Wait until the other side has all that was sent: it has acknowledged every byte."""
    if UNACKNOWLEDGED is None:
        time.sleep(0.05)
        return
    end = time.monotonic() + 2
    while not _is_closed(sock) and _unacknowledged(sock) != bytes(4):
        assert time.monotonic() < end, "it was never acknowledged"
        time.sleep(0.001)


def _unacknowledged(sock: socket.socket) -> bytes:
    return fcntl.ioctl(sock.fileno(), UNACKNOWLEDGED or 0, bytes(4))


def _is_closed(sock: socket.socket) -> bool:
    """Whether the other side has reset it: nothing more will be acknowledged."""
    return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1) == b"\x07"


def made(part: Part, request: Request | None) -> bytes:
    if isinstance(part, bytes):
        return part
    assert request is not None
    return part(request)


class Say(Step):
    """These parts, each in a segment (or TLS record) of its own."""

    def __init__(self, *parts: Part, keep: bool = True) -> None:
        self.parts = parts
        self.keep = keep

    def act(self, peer: Peer) -> bool:
        for part in self.parts:
            peer.send_now(made(part, peer.request))
        return self.keep


class SayOnce(Say):
    """All parts in one segment (or TLS record, as far as they fit into one)."""

    def __init__(self, *parts: Part, keep: bool = True) -> None:
        super().__init__(*parts, keep=keep)
        self.said = threading.Event()
        """The system has all of it: with more than one record, the client may be ahead of it."""

    def act(self, peer: Peer) -> bool:
        peer.send_now(b"".join(made(part, peer.request) for part in self.parts))
        self.said.set()
        return self.keep


class OneSegment(Say):
    """Each part in a TLS record of its own, all records in one segment where the system can."""

    def act(self, peer: Peer) -> bool:
        cork = getattr(socket, "TCP_CORK", None)
        if cork is not None:
            peer.sock.setsockopt(socket.IPPROTO_TCP, cork, 1)
        for part in self.parts:
            peer.send(made(part, peer.request))
        if cork is not None:
            peer.sock.setsockopt(socket.IPPROTO_TCP, cork, 0)
        return self.keep


class SayAndWait(Say):
    """These parts; then wait for the other side to close."""

    closed = False

    def act(self, peer: Peer) -> bool:
        super().act(peer)
        try:
            self.closed = peer.sock.recv(1) == b""
        except ConnectionResetError:
            self.closed = True
        return False


class SayAfterwards(Step):
    """An answer; what follows it is sent, and has arrived, when `arrive()` returns."""

    def __init__(self, answer: Part, extra: bytes) -> None:
        self.answer = answer
        self.extra = extra
        self._had = threading.Event()
        self._sent = threading.Event()

    def act(self, peer: Peer) -> bool:
        peer.send_now(made(self.answer, peer.request))
        self._had.wait(5)
        try:
            peer.send_now(self.extra)
            arrived(peer.sock)
        finally:
            self._sent.set()
        return True

    def arrive(self) -> None:
        self._had.set()
        assert self._sent.wait(5)


class SayWithTheNext(Step):
    """An answer; what follows it comes with the next request on the same connection, if any does.

    It is to be the only step: requests on other connections get their own answers.
    """

    def __init__(self, answer: Part, extra: bytes) -> None:
        self.answer = answer
        self.extra = extra
        self._first: tuple[str, int] | None = None

    def act(self, peer: Peer) -> bool:
        connection = peer.sock.getpeername()
        if self._first is None:
            self._first = connection
            peer.send_now(made(self.answer, peer.request))
            return True
        extra = self.extra if connection == self._first else b""
        peer.send_now(extra + made(own, peer.request))
        return True


# --- a proxy ----------------------------------------------------------------------------------


class Tunnel(Step):
    """Answer CONNECT with these bytes, then carry bytes between the caller and a port."""

    def __init__(self, port: int, head: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> None:
        self.port = port
        self.head = head
        self._to_caller = 0
        self._caller: socket.socket | None = None

    def act(self, peer: Peer) -> bool:
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as service:
            service.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._caller = peer.sock
            peer.send_now(self.head)
            with contextlib.suppress(OSError):
                self._carry(peer.sock, service, peer.stopping)
        self._caller = None
        return False

    def _carry(
        self, caller: socket.socket, service: socket.socket, stopping: threading.Event
    ) -> None:
        other = {caller: service, service: caller}
        while not stopping.is_set():
            for source in select.select([caller, service], [], [], 0.05)[0]:
                # As much as a TLS record holds, so that none of it is left where select is blind.
                data = source.recv(1 << 16)
                if not data:
                    return
                other[source].sendall(data)
                self._to_caller += source is service

    @contextlib.contextmanager
    def carrying(self) -> Iterator[None]:
        """Have something sent through: it has arrived at the caller, unless that has gone away."""
        before = self._to_caller
        yield
        assert eventually(lambda: self._caller is None or self._to_caller > before)
        with contextlib.suppress(AttributeError, OSError, ValueError):
            arrived(self._caller)


# --- time -------------------------------------------------------------------------------------


@contextlib.contextmanager
def within(most: float) -> Iterator[None]:
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun <= most
