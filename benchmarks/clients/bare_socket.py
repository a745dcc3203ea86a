"""A bare socket: the time of the way there and back, which no client can save."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit


def connect(url: str) -> Callable[[], list[Any]]:
    """Return the function that sends a request and takes what comes, for answers of one piece."""
    target = urlsplit(url)
    request = f"GET /api/v2/apitoken HTTP/1.1\r\nHost: {target.netloc}\r\n\r\n".encode("ascii")
    connection = socket.create_connection((target.hostname or "", target.port or 80))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def fetch() -> list[Any]:
        connection.sendall(request)
        return [connection.recv(65536)]

    return fetch
