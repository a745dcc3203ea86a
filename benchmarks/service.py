"""The embedded token service under load: one process that serves, another that asks."""

from __future__ import annotations

import re
import selectors
import socket
import sys
import time
from urllib.parse import urlsplit

from benchmarks.worker import answer_samples

CONNECTIONS = 16
CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)


class Connection:
    """A kept-alive connection that has one request under way."""

    def __init__(self, url: str, key: str) -> None:
        target = urlsplit(url)
        self.socket = socket.create_connection((target.hostname or "", target.port or 80))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._request = (
            f"GET /api/v2/apitoken HTTP/1.1\r\nHost: {target.netloc}\r\n"
            f"Accept: application/json\r\nX-AUTH-TOKEN: {key}\r\n\r\n"
        ).encode("ascii")
        self._received = b""

    def ask(self) -> None:
        """Send the request."""
        self.socket.sendall(self._request)

    def answered(self) -> bool:
        """Take what has arrived and say whether the answer is whole."""
        data = self.socket.recv(65536)
        self._received += data
        head, blank, body = self._received.partition(b"\r\n\r\n")
        length = CONTENT_LENGTH.search(head)
        if not data or (blank and length is None):
            raise ConnectionError(f"unusable answer: {self._received[:100]!r}")
        if not blank or length is None or len(body) < int(length[1]):
            return False
        if not head.startswith(b"HTTP/1.1 200"):
            raise ConnectionError(f"unexpected answer: {head[:100]!r}")
        self._received = b""
        return True


class Load:
    """Connections that each ask again as soon as they are answered."""

    def __init__(self, url: str, key: str) -> None:
        self._selector = selectors.DefaultSelector()
        self._connections = [Connection(url, key) for _ in range(CONNECTIONS)]
        for connection in self._connections:
            self._selector.register(connection.socket, selectors.EVENT_READ, connection)

    def rate(self, calls: int) -> float:
        """Return the requests answered in a second, over `calls` requests."""
        start = time.perf_counter()
        to_send, to_come = calls, calls
        for connection in self._connections:
            connection.ask()
            to_send -= 1
        while to_come:
            for key, _ in self._selector.select():
                if key.data.answered():
                    to_come -= 1
                    if to_send > 0:
                        key.data.ask()
                        to_send -= 1
        return calls / (time.perf_counter() - start)


def main() -> None:
    """Arguments of the load: the URL, the key, the requests in a batch."""
    url, key, calls = sys.argv[1:]
    load = Load(url, key)
    load.rate(CONNECTIONS)
    answer_samples(lambda: load.rate(int(calls)))
