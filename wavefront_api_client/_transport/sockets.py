"""Opens a connection within a time limit, looking the name of the host up once."""

from __future__ import annotations

import _thread
import os
import socket
import time
from functools import partial
from typing import TYPE_CHECKING

from urllib3.util.connection import allowed_gai_family

from wavefront_api_client._core.background import AsyncResult

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Address = tuple[Any, ...]

under_way: dict[tuple[int, str, int], AsyncResult[list[Address]]] = {}
"""Names that are being looked up: by process, for a fork takes the threads away, host and port."""


def addresses(host: str, port: int, until: float | None) -> list[Address]:
    """The addresses of a host, as `socket.getaddrinfo` gives them, or a timeout.

    A thread looks a name up, as nothing can interrupt the system. All that ask for it meanwhile
    wait for the same one, so a system that does not answer holds one thread for each name.
    """
    if until is None or ":" in host or _is_ip_v4(host):
        return _look_up(host, port)
    key = os.getpid(), host, port
    made = AsyncResult(partial(_look_up, host, port))
    query = under_way.setdefault(key, made)
    if query is made:
        _start(key, query)
    query.wait(max(until - time.monotonic(), 0.001))
    if not query.ready():
        raise socket.timeout("the name of the host was not found in time")
    return query.get()


def _start(key: tuple[int, str, int], query: AsyncResult[list[Address]]) -> None:
    try:
        # Not `threading.Thread`: a handler may have interrupted one that holds its lock.
        _thread.start_new_thread(_run, (key, query))
    except BaseException as error:
        under_way.pop(key, None)
        if isinstance(error, RuntimeError):
            raise OSError(f"the name of the host cannot be looked up: {error}") from None
        raise


def _run(key: tuple[int, str, int], query: AsyncResult[list[Address]]) -> None:
    query._run()
    under_way.pop(key, None)
    query._ended.set()


def _look_up(host: str, port: int) -> list[Address]:
    if _is_ip_v4(host):
        # Otherwise Python would load its tables of international names, for nothing.
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port))]
    return socket.getaddrinfo(host.strip("[]"), port, allowed_gai_family(), socket.SOCK_STREAM)


def _is_ip_v4(host: str) -> bool:
    """Whether a host is an IPv4 address, in the form that all systems read alike."""
    try:
        return socket.inet_ntoa(socket.inet_pton(socket.AF_INET, host)) == host
    except (OSError, UnicodeError):
        return False


def connect(
    found: Sequence[Address], until: float | None, options: Any, source: Any
) -> socket.socket:
    """Connect to the first address that answers; each has its share of the time that is left."""
    failure: OSError = socket.gaierror(socket.EAI_NONAME, "the host has no address")
    for index, (family, kind, protocol, _, address) in enumerate(found):
        begun = time.monotonic()
        share = until and begun + (until - begun) / (len(found) - index)
        try:
            return _connected(
                socket.socket(family, kind, protocol), address, share, options, source
            )
        except OSError as error:
            failure = error
        if until is not None and until <= time.monotonic():
            break
    raise failure


def _connected(
    sock: socket.socket, address: Any, until: float | None, options: Any, source: Any
) -> socket.socket:
    try:
        for option in options or ():
            sock.setsockopt(*option)
        # Not 0, which would mean not to wait for any answer at all.
        sock.settimeout(None if until is None else max(until - time.monotonic(), 0.001))
        if source:
            sock.bind(source)
        sock.connect(address)
    except BaseException:
        sock.close()
        raise
    return sock
