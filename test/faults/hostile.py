"""A misbehaving server on loopback, scripted step by step, and a client to try it on."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable

from wavefront_api_client import Configuration
from wavefront_api_client.retry import RetryPolicy

PROXY_CREDENTIALS = "pr0xy-user:pr0xy-pass"
DESCRIPTORS = "/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"

OK_CONTAINER = {"status": {"result": "OK", "message": "", "code": 200}, "response": []}
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def http_answer(
    status: int = 200,
    body: bytes | str | Any = b"",
    headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
    reason: str = "Whatever",
) -> bytes:
    """The bytes of a well-formed HTTP/1.1 answer; anything but bytes and str is sent as JSON."""
    if not isinstance(body, (bytes, str)):
        body = json.dumps(body)
        headers = {"Content-Type": "application/json", **dict(headers)}
    payload = body.encode("utf-8") if isinstance(body, str) else body
    pairs = list(headers.items() if isinstance(headers, Mapping) else headers)
    if not any(name.lower() in ("content-length", "transfer-encoding") for name, _ in pairs):
        pairs.append(("Content-Length", str(len(payload))))
    head = f"HTTP/1.1 {status} {reason}\r\n" + "".join(f"{k}: {v}\r\n" for k, v in pairs)
    return head.encode("latin-1") + b"\r\n" + payload


@dataclass
class Request:
    """One request as it came over the wire."""

    raw: bytes

    @property
    def method(self) -> str:
        return self.raw.split(b" ", 1)[0].decode("latin-1")

    @property
    def target(self) -> str:
        return self.raw.split(b" ", 2)[1].decode("latin-1")

    @property
    def headers(self) -> dict[str, str]:
        lines = self.raw.split(b"\r\n\r\n", 1)[0].decode("latin-1").split("\r\n")[1:]
        return {name.lower(): value.strip() for name, _, value in (i.partition(":") for i in lines)}

    @property
    def body(self) -> bytes:
        return self.raw.split(b"\r\n\r\n", 1)[1]


@dataclass
class Peer:
    """The connection a step acts on."""

    sock: socket.socket
    request: Request | None
    stopping: threading.Event

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def send_now(self, data: bytes) -> None:
        """As any server does: otherwise an answer over TLS may wait 40 ms for acknowledgements."""
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.send(data)

    def reset(self) -> None:
        """Close with RST instead of FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)


class Step:
    """What the server does with one request: `act` says whether the connection is kept."""

    on_accept = False

    def act(self, peer: Peer) -> bool:
        raise NotImplementedError


@dataclass
class Answer(Step):
    """A well-formed answer; `then` is "keep", "close" (FIN) or "reset" (RST)."""

    status: int = 200
    body: Any = field(default_factory=lambda: OK_CONTAINER)
    headers: Mapping[str, str] | Iterable[tuple[str, str]] = ()
    reason: str = "Whatever"
    delay: float = 0.0
    then: str = "keep"

    def act(self, peer: Peer) -> bool:
        peer.stopping.wait(self.delay)
        peer.send_now(http_answer(self.status, self.body, self.headers, self.reason))
        if self.then == "reset":
            peer.stopping.wait(0.05)  # Some platforms drop what was not read before the RST.
            peer.reset()
        return self.then == "keep"


@dataclass
class Garbage(Step):
    """These bytes, then FIN."""

    data: bytes

    def act(self, peer: Peer) -> bool:
        peer.send(self.data)
        return False


@dataclass
class Truncate(Step):
    """A well-formed head with the whole Content-Length, only `keep` bytes of the body, then FIN."""

    body: bytes = b'{"status": {"result": "OK", "message": "", "code": 200}}'
    keep: int = 10
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def act(self, peer: Peer) -> bool:
        whole = http_answer(self.status, self.body, self.headers)
        peer.send(whole[: len(whole) - len(self.body) + self.keep])
        return False


@dataclass
class Reply(Step):
    """The bytes that a function makes from the request."""

    make: Callable[[Request], bytes]
    keep: bool = True

    def act(self, peer: Peer) -> bool:
        assert peer.request is not None
        peer.send_now(self.make(peer.request))
        return self.keep


@dataclass
class Trickle(Step):
    """These bytes one at a time (then the same again for ever, if `endless`)."""

    data: bytes
    interval: float = 0.02
    endless: bool = False
    head: bytes = b""

    def act(self, peer: Peer) -> bool:
        peer.send(self.head)
        while not peer.stopping.is_set():
            for byte in self.data:
                peer.send(bytes([byte]))
                if peer.stopping.wait(self.interval):
                    return False
            if not self.endless:
                return False
        return False


@dataclass
class Flood(Step):
    """A head, then chunks until the reader goes away; `sent` counts the bytes."""

    head: bytes
    chunks: Callable[[], Iterator[bytes]]
    sent: int = 0

    def act(self, peer: Peer) -> bool:
        peer.send(self.head)
        for chunk in self.chunks():
            if peer.stopping.is_set():
                break
            peer.send(chunk)
            self.sent += len(chunk)
        return False


@dataclass
class Hang(Step):
    """Silence after the request."""

    delay: float = 60.0

    def act(self, peer: Peer) -> bool:
        peer.stopping.wait(self.delay)
        return False


class HangOnAccept(Hang):
    """Silence before the request is read: no TLS handshake comes about."""

    on_accept = True


class Close(Step):
    """FIN after the request, without an answer."""

    def act(self, peer: Peer) -> bool:
        return False


class Reset(Step):
    """RST after the request, without an answer."""

    def act(self, peer: Peer) -> bool:
        peer.reset()
        return False


class ResetOnAccept(Reset):
    """RST as soon as the connection stands, before anything is read."""

    on_accept = True


class HostileServer:
    """Follow a script, one step per request; the last step answers all further requests."""

    def __init__(
        self,
        script: Sequence[Step],
        *,
        tls: ssl.SSLContext | None = None,
        address: str = "127.0.0.1",
    ) -> None:
        self.script = list(script)
        self.requests: list[Request] = []
        self.connections = 0
        self.closed_by_us = threading.Semaphore(0)
        self._tls = tls
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self.open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._listener = socket.create_server((address, 0), family=family, backlog=128)
        self._address = address
        self.port: int = self._listener.getsockname()[1]

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> HostileServer:
        self._spawn(self._accept)
        return self

    def __exit__(self, *exc: object) -> None:
        """Wake every thread, close every socket, join."""
        self._stopping.set()
        self._wake()
        with self._lock:
            connections = list(self.open)
        for connection in connections:
            # That of SSLSocket would take its TLS away from the thread that is using it.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
        for thread in list(self._threads):
            thread.join(5)
            assert not thread.is_alive(), "the hostile server did not stop"
        self._listener.close()

    def _wake(self) -> None:
        """End a blocked accept() on every platform, without looking a name up."""
        with contextlib.suppress(OSError), socket.socket(self._listener.family) as caller:
            caller.settimeout(1)
            caller.connect((self._address, self.port))

    def wait_until_closed(self) -> None:
        """Return when one more connection has been closed from this side."""
        assert self.closed_by_us.acquire(timeout=5), "no connection was closed"

    def _spawn(self, target: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=target, args=args, name="hostile", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            connection, _ = self._listener.accept()
            if self._stopping.is_set():
                connection.close()
                return
            self.connections += 1
            self._spawn(self._converse, connection)

    def _converse(self, connection: socket.socket) -> None:
        with self._lock:
            self.open.add(connection)
        try:
            self._serve(connection)
        except (OSError, ValueError):
            pass  # The client hung up first; that is its right.
        finally:
            with self._lock:
                self.open.discard(connection)
            connection.close()
            self.closed_by_us.release()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(30)
        if self._peek().on_accept:
            self._next().act(Peer(connection, None, self._stopping))
            return
        if self._tls is None:
            self._answer_all(connection)
            return
        # wrap_socket takes the descriptor over; the handshake waits until that is on record.
        secured = self._tls.wrap_socket(connection, True, do_handshake_on_connect=False)
        with secured:
            with self._lock:
                self.open.add(secured)
            try:
                secured.do_handshake()
                self._answer_all(secured)
            finally:
                with self._lock:
                    self.open.discard(secured)

    def _answer_all(self, connection: socket.socket) -> None:
        pending = b""
        keep = True
        while keep and not self._stopping.is_set():
            raw, pending = _read_request(connection, pending)
            if raw is None:
                return
            request = Request(raw)
            with self._lock:
                self.requests.append(request)
            keep = self._next().act(Peer(connection, request, self._stopping))

    def _peek(self) -> Step:
        with self._lock:
            return self.script[0]

    def _next(self) -> Step:
        with self._lock:
            return self.script[0] if len(self.script) == 1 else self.script.pop(0)


def _read_request(connection: socket.socket, pending: bytes) -> tuple[bytes | None, bytes]:
    """One whole request and the bytes after it; None when the client closed."""
    while b"\r\n\r\n" not in pending:
        data = connection.recv(65536)
        if not data:
            return None, b""
        pending += data
    head, _, rest = pending.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
    size = int(length.group(1)) if length else 0
    while len(rest) < size:
        data = connection.recv(65536)
        if not data:
            return None, b""
        rest += data
    return head + b"\r\n\r\n" + rest[:size], rest[size:]


@contextlib.contextmanager
def refusing_port() -> Iterator[int]:
    """A port that is taken but does not listen: a connection is refused."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


@contextlib.contextmanager
def black_hole(host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """A port whose backlog is full: a connection is neither accepted nor refused."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind((host, port))
        listener.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


def gzipped_zeros(megabytes: int) -> bytes:
    """A decompression bomb: about a kilobyte for each megabyte of zeros."""
    member = gzip.compress(bytes(1 << 20), 9)
    return member * megabytes


CALLS: dict[str, Callable[..., Any]] = {
    "get": lambda api, **options: api.get_all_tokens(**options),
    "rename": lambda api, **options: api.update_token_name(
        "t1", body={"tokenName": "x"}, **options
    ),
    "revoke": lambda api, **options: api.delete_customer_token(body={"tokenID": "t1"}, **options),
    "delete": lambda api, **options: api.delete_token("t1", **options),
    "create": lambda api, **options: api.create_token(**options),
    "generate": lambda api, **options: api.generate_token_service_account("sa::x", **options),
}
"""One call of each kind: safe, idempotent, and those that must not happen twice."""

OPERATIONS = {
    "get": ("get_all_tokens", "GET", "/api/v2/apitoken"),
    "rename": ("update_token_name", "PUT", "/api/v2/apitoken/{id}"),
    "revoke": ("delete_customer_token", "PUT", "/api/v2/apitoken/customertokens/revoke"),
    "delete": ("delete_token", "DELETE", "/api/v2/apitoken/{id}"),
    "create": ("create_token", "POST", "/api/v2/apitoken"),
    "generate": (
        "generate_token_service_account",
        "POST",
        "/api/v2/apitoken/serviceaccount/{id}",
    ),
}
"""What an exception of that call says of itself: operation, method, path template."""


def is_empty_success(answer: Any, kind: str) -> bool:
    """Whether it is what a call returns where no body tells what came of it."""
    response = None if kind in ("rename", "revoke") else []
    status = {"result": "OK", "message": "the answer had no body", "code": 200}
    return answer.to_dict() == {"debug_info": None, "response": response, "status": status}


# --- the client under test ------------------------------------------------------------------


def configuration_for(url: str, **settings: Any) -> Configuration:
    """A configuration with a key and no waits; settings are its attributes."""
    configuration = Configuration()
    configuration.host = url
    configuration.api_key["X-AUTH-TOKEN"] = "the-key-of-the-tests"
    configuration.retries = RetryPolicy(retries=2, backoff=0)
    for name, value in settings.items():
        setattr(configuration, name, value)
    return configuration


def descriptors() -> int:
    return len(os.listdir(DESCRIPTORS))


def eventually(condition, seconds: float = 2.0) -> bool:
    """Whether it comes true in time; the other side of a socket needs a moment to notice."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True
