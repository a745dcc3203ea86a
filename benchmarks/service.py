"""The embedded token service under load: one process that serves, another that asks."""

from __future__ import annotations

import re
import socket
import sys
import time
from urllib.parse import urlsplit

from benchmarks.worker import answer_samples

CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)


class Connection:
    """A kept-alive connection."""

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


def rate(connection: Connection, calls: int) -> float:
    """Return the requests answered in a second, over `calls` requests, one after the other."""
    start = time.perf_counter()
    for _ in range(calls):
        connection.ask()
        while not connection.answered():
            pass
    return calls / (time.perf_counter() - start)


def main() -> None:
    """Arguments of the load: the URL, the key, the requests in a batch."""
    url, key, calls = sys.argv[1:]
    connection = Connection(url, key)
    rate(connection, 10)
    answer_samples(lambda: rate(connection, int(calls)))
