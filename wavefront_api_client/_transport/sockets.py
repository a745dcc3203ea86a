"""Opens a connection within a time limit, looking the name of the host up once."""

from __future__ import annotations

import _thread
import os
import socket
import threading
import time
from typing import TYPE_CHECKING

from urllib3.util.connection import allowed_gai_family

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, ClassVar

    Address = tuple[Any, ...]


class _LookUp:
    """A name that is being looked up, in a thread of its own: nothing can interrupt the system.

    All that ask for it meanwhile wait for the same one, so that a system that does not answer holds
    one thread for each name.
    """

    under_way: ClassVar[dict[tuple[int, str, int], _LookUp]] = {}
    """By process, for a fork takes the threads away, host and port."""

    def __init__(self, host: str, port: int) -> None:
        self.key = os.getpid(), host, port
        self.done = threading.Event()
        self.found: list[Address] = []
        self.error: Exception | None = None

    def start(self) -> None:
        """Look it up in a thread.

        :raises OSError: none can be started.
        """
        try:
            # Not `threading.Thread`: a handler may have interrupted one that holds its lock.
            _thread.start_new_thread(self.run, ())
        except BaseException as error:
            self.under_way.pop(self.key, None)
            if isinstance(error, RuntimeError):
                raise OSError(f"the name of the host cannot be looked up: {error}") from None
            raise

    def run(self) -> None:
        """Look it up here."""
        try:
            self.found = _look_up(*self.key[1:])
        except Exception as error:
            self.error = error
        self.under_way.pop(self.key, None)
        self.done.set()


def addresses(host: str, port: int, until: float | None) -> list[Address]:
    """The addresses of a host, as `socket.getaddrinfo` gives them.

    :param until: when they have to be known, on the clock of `time.monotonic`; None for no limit.
    :raises OSError: it has none, or the time is over.
    :raises UnicodeError: it is not a name.
    """
    if until is None or ":" in host or _is_ip_v4(host):
        return _look_up(host, port)
    made = _LookUp(host, port)
    query = _LookUp.under_way.setdefault(made.key, made)
    if query is made:
        query.start()
    if not query.done.wait(max(until - time.monotonic(), 0.001)):
        raise socket.timeout("the name of the host was not found in time")
    if query.error is not None:
        # Its own for each that waits: to raise one changes it.
        raise type(query.error)(*query.error.args)
    return query.found


def _look_up(host: str, port: int) -> list[Address]:
    if _is_ip_v4(host):
        # Python would load its tables of international names to ask the system for nothing.
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port))]
    return socket.getaddrinfo(host.strip("[]"), port, allowed_gai_family(), socket.SOCK_STREAM)


def _is_ip_v4(host: str) -> bool:
    """Whether a host is an address of IPv4, in the one way that all systems read alike."""
    try:
        return socket.inet_ntoa(socket.inet_pton(socket.AF_INET, host)) == host
    except (OSError, UnicodeError):
        return False


def connect(
    found: Sequence[Address], until: float | None, options: Any, source: Any
) -> socket.socket:
    """Connect to the first address that answers; each has its share of the time that is left.

    :param until: when it has to be connected, on the clock of `time.monotonic`; None for no limit.
    :param options: each the arguments of `socket.socket.setsockopt`.
    :param source: address to connect from, None for any.
    :raises OSError: none of them answered, or not in time.
    """
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
