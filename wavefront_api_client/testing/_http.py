"""The sockets: `http.server` reads requests, and each answer is sent by one write."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from typing import TYPE_CHECKING, Union, cast

from ._bodies import Refusal
from ._messages import Headers, Request, encode

if TYPE_CHECKING:
    from collections.abc import Callable
    from socketserver import BaseServer

    from ._csp import CloudService
    from ._faults import Answer
    from ._service import TokenService

    Service = Union[TokenService, CloudService]

MAX_BODY = 1024 * 1024
_MAX_LINE = 1024

_TLS = b"\x16"
"""The first byte of a client that was given an https URL."""
_GRACE = 1.0
"""Seconds without a byte after which a refused client is cut off."""
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Handler(BaseHTTPRequestHandler):
    """One connection: answers requests until the client or the service ends it.

    :param connection: the connection, which the caller closes.
    :param service: answers the requests.
    :param stopping: set when delayed answers must not be sent any more.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(
        self, connection: socket.socket, service: Service, stopping: threading.Event
    ) -> None:
        self._service = service
        self._stopping = stopping
        super().__init__(connection, None, cast("BaseServer", None))

    def handle(self) -> None:
        """Answer one request after the other."""
        if self.connection.recv(1, socket.MSG_PEEK) == _TLS:
            self.send_error(400, "this is not HTTP")
        else:
            super().handle()

    def __getattr__(self, name: str) -> Callable[[], None]:
        # `http.server` looks for do_GET and the like. The service answers every method.
        if not name.startswith("do_"):
            raise AttributeError(name)
        return self._answer

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing: the service has a log of its own."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer bytes that are not a request with an error, and close the connection."""
        self.close_connection = True
        status = int(code)  # Before Python 3.11 an HTTPStatus is shown by its name.
        self._service.refused(status)
        reply = Refusal(status, message or "").reply()
        self.wfile.write(b"".join(encode(reply, "GET", keep_alive=False)))
        # Closing with bytes unread would reset the connection, and the client would lose the
        # answer (RFC 9112, 9.6): so the rest of the request is read and dropped.
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(_GRACE)
        while self.rfile.read(65536):
            pass

    def _answer(self) -> None:
        try:
            request = self._read()
        except Refusal as refusal:
            self.send_error(refusal.status, refusal.message)
            return
        answer = self._service.answer(request)
        if answer.delay and self._stopping.wait(answer.delay):
            self.close_connection = True
            return
        self._send(answer)

    def _read(self) -> Request:
        headers = Headers(self.headers.items())
        if "transfer-encoding" in headers:
            body = self._take_chunks()
        else:
            body = self._take(headers.get("content-length", "0"), 10)
        # `self.path` has one slash where the client sent two.
        target = self.requestline.split()[1]
        return Request(self.command, target, headers, body, not self.close_connection)

    def _take_chunks(self) -> bytes:
        body = b""
        while chunk := self._take(self.rfile.readline(_MAX_LINE).partition(b";")[0], 16, len(body)):
            body += chunk
            self.rfile.readline(_MAX_LINE)
        while self.rfile.readline(_MAX_LINE).strip():
            pass
        return body

    def _take(self, length: str | bytes, base: int, before: int = 0) -> bytes:
        try:
            count = int(length, base)
        except ValueError:
            count = -1
        if count < 0:
            raise Refusal(400, "the body does not say how long it is")
        if before + count > MAX_BODY:
            raise Refusal(413, f"the body is larger than {MAX_BODY} bytes")
        data = self.rfile.read(count)
        if len(data) < count:
            raise ConnectionError("the client is gone")
        return data

    def _send(self, answer: Answer) -> None:
        if answer.data:
            self.wfile.write(answer.data)
        self.close_connection = answer.ending != "keep"
        if answer.ending == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)


class Running:
    """A listening socket, the thread that accepts connections, and one for each of them."""

    def __init__(self, listener: socket.socket, service: Service) -> None:
        self.url = url_of(listener)
        self._listener = listener
        self._service = service
        self._stopping = threading.Event()
        self._peers: dict[threading.Thread, socket.socket] = {}
        self._waker = socket.socket(listener.family)
        # If the queue of connections is full, this one would wait; but then the thread is awake.
        self._waker.setblocking(False)
        self._thread = threading.Thread(target=self._accept, name="wavefront-tokens", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Cut all connections and free the port."""
        self._stopping.set()
        self._waker.connect_ex(self._listener.getsockname())
        self._thread.join()
        self._waker.close()
        self._listener.close()
        peers = dict(self._peers)
        for connection in peers.values():
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in peers:
            thread.join()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            with suppress(OSError):
                self._start(self._listener.accept()[0])

    def _start(self, connection: socket.socket) -> None:
        thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
        self._peers[thread] = connection
        thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            Handler(connection, self._service, self._stopping)
        del self._peers[threading.current_thread()]


def listen(host: str, port: int) -> socket.socket:
    """Open the port, or raise an OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, _, _, _, address = found[0]
    return socket.create_server(address[:2], family=family, backlog=512)


def url_of(listener: socket.socket) -> str:
    """The URL for clients on this machine."""
    host, port = listener.getsockname()[:2]
    address = ip_address(host.partition("%")[0])
    if address.is_unspecified:
        host = "127.0.0.1" if address.version == 4 else "::1"
    return f"http://[{host}]:{port}" if address.version == 6 else f"http://{host}:{port}"
