"""The urllib3 pools of a client: whole-answer deadlines, masked targets, TLS and proxies."""

from __future__ import annotations

import http.client
import io
import os
import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress
from urllib.parse import unquote, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, InsecureRequestWarning, NewConnectionError
from urllib3.util.connection import allowed_gai_family

from wavefront_api_client._host import is_ip_address, parse_host
from wavefront_api_client._redaction import mask_target, origin_of
from wavefront_api_client._unlocked import Pools, Stack
from wavefront_api_client._warn import warn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from wavefront_api_client.configuration import Configuration


IS_URLLIB3_1: bool = urllib3.__version__.startswith("1.")  # type: ignore[attr-defined]


class _MaskedTarget(str):
    """A request target that shows itself masked: urllib3 logs it, and puts it into its errors."""

    real: str

    def __new__(cls, target: str) -> _MaskedTarget:
        masked = super().__new__(cls, mask_target(target))
        masked.real = target
        return masked


class _Progress(threading.local):
    """The request that this thread is sending."""

    sent = False
    """Whether any of it may have reached the service."""
    deadline: float | None = None
    """When the whole call has to be over, on the clock of `time.monotonic`."""

    def time_left(self, limit: object) -> float | None:
        """Seconds until a limit of now, or the deadline of the call, whichever is sooner."""
        seconds = limit if isinstance(limit, (int, float)) else None
        if self.deadline is None:
            return seconds
        left = max(self.deadline - time.monotonic(), 0.0)
        return left if seconds is None else min(seconds, left)


progress: _Progress = _Progress()


class _DeadlineReader(io.RawIOBase):
    """The bytes of a connection, as long as they come before a deadline.

    A socket's timeout starts anew with each byte, so that a server could hold a call for ever.
    """

    def __init__(self, raw: io.RawIOBase, sock: Any) -> None:
        self._raw = raw
        self._sock = sock
        self.ended = False
        self._limit: float | None = sock.gettimeout()
        self._set = self._limit
        left = progress.time_left(self._limit)
        self._deadline = None if left is None else time.monotonic() + left

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> Any:
        if self._deadline is not None:
            self._shorten_timeout(self._deadline - time.monotonic())
        count = self._raw.readinto(buffer)
        self.ended = count == 0
        return count

    def _shorten_timeout(self, left: float) -> None:
        if left <= 0:
            raise socket.timeout("timed out")
        # Setting it costs a system call, which most answers are too quick to need.
        if self._set is None or left < 0.99 * self._set:
            self._set = left
            self._sock.settimeout(left)

    def lift(self) -> None:
        """From now on, limit the wait for each next byte only."""
        self._deadline = None
        self._sock.settimeout(self._limit)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    """An answer whose head and body have to come before the deadline."""

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.reader = _DeadlineReader(self.fp.detach(), sock)
        self.fp = io.BufferedReader(self.reader)

    def begin(self) -> None:
        super().begin()
        if self.reader.ended:
            raise http.client.RemoteDisconnected(
                "Remote end closed connection in the head of its answer"
            )
        # urllib3 would log malformed headers, whatever they hold.
        self.msg.defects.clear()
        self.msg.set_payload("")


class _Connection:
    """What the two connection classes have in common."""

    sock: Any
    timeout: Any
    port: Any
    _dns_host: str
    _connect_by: float | None = None
    answer: _Answer | None = None

    def response_class(self, sock: Any, *args: Any, **kwargs: Any) -> Any:
        self.answer = _Answer(sock, *args, **kwargs)
        return self.answer

    def putrequest(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        target = url.real if isinstance(url, _MaskedTarget) else url
        return super().putrequest(method, target, *args, **kwargs)  # type: ignore[misc]

    # Not urllib3's own, which looks for a marker in each value that nobody here puts there.
    putheader = http.client.HTTPConnection.putheader

    def _new_conn(self) -> Any:
        """Connect to the first address that answers, within one limit for all of them."""
        limit = progress.time_left(self.timeout)
        self._connect_by = None if limit is None else time.monotonic() + limit
        name, timeout = self._dns_host, self.timeout
        *others, last = _addresses(name, self.port)
        try:
            for self._dns_host in others:
                with suppress(ConnectTimeoutError, NewConnectionError):
                    return self._connect_in_time()
            self._dns_host = last
            return self._connect_in_time()
        finally:
            self._dns_host, self.timeout = name, timeout

    def _connect_in_time(self) -> Any:
        left = self._time_to_connect()
        if left is not None:
            self.timeout = left
        return self._hurry(super()._new_conn())  # type: ignore[misc]

    def _time_to_connect(self) -> float | None:
        # Not 0, which would mean not to wait for any answer at all.
        by = self._connect_by
        return None if by is None else max(by - time.monotonic(), 0.001)

    def _hurry(self, sock: Any) -> Any:
        """Give the next step of connecting, such as the TLS handshake, the time that is left."""
        if self._connect_by is not None:
            sock.settimeout(self._time_to_connect())
        return sock

    def _tunnel(self) -> None:
        self._hurry(self.sock)
        try:
            super()._tunnel()  # type: ignore[misc]
            self._hurry(self.sock)
        finally:
            # Before Python 3.12, http.client leaves the proxy's answer to the garbage collector.
            if self.answer is not None:
                self.answer.close()

    def endheaders(self, *args: Any, **kwargs: Any) -> Any:
        if self.sock is None:
            self.connect()  # type: ignore[attr-defined]
        progress.sent = True
        return super().endheaders(*args, **kwargs)  # type: ignore[misc]


def _addresses(name: str, port: int) -> list[str]:
    """The addresses of a host; its name alone where it has none, for urllib3 to complain of."""
    try:
        found = socket.getaddrinfo(name, port, allowed_gai_family(), socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return [name]
    return [str(address[4][0]) for address in found] or [name]


class _HttpConnection(_Connection, HTTPConnection):  # type: ignore[misc]
    pass


class _HttpsConnection(_Connection, HTTPSConnection):  # type: ignore[misc]
    pass


class _Pool:
    """What the two pool classes have in common."""

    QueueCls: Any = Stack
    pool: Any

    def close(self) -> None:
        # A call that ends meanwhile would put its connection where nobody looks again.
        idle = self.pool
        if idle is not None:
            idle.close()
        super().close()  # type: ignore[misc]

    def _make_request(self, conn: Any, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        target = _MaskedTarget(url)
        return super()._make_request(conn, method, target, *args, **kwargs)  # type: ignore[misc]


class _HttpPool(_Pool, HTTPConnectionPool):
    ConnectionCls = _HttpConnection


class _HttpsPool(_Pool, HTTPSConnectionPool):
    ConnectionCls = _HttpsConnection

    def _validate_conn(self, conn: Any) -> None:
        # urllib3 would warn of an unverified certificate with every request.
        if conn.sock is None:
            conn.connect()


_ONCE = {
    "redirect": False,
    "retries": False,
    "assert_same_host": False,
    "preload_content": False,
    "enforce_content_length": True,
}
"""Send a request once, to where it is addressed, and leave all decisions about its answer to us."""


class _Manager:
    """What the two managers have in common."""

    pools: Any

    def connection_from_pool_key(self, pool_key: Any, *args: Any, **kwargs: Any) -> Any:
        pool = super().connection_from_pool_key(pool_key, *args, **kwargs)  # type: ignore[misc]
        # That of another thread, if it was the first.
        return self.pools.get(pool_key, pool)

    def clear(self) -> None:
        # Closed at once: urllib3 2 would leave that to the garbage collector, which an answer may
        # hold up.
        self.pools.clear()


class _DirectManager(_Manager, urllib3.PoolManager):
    """Pools without a proxy; the one used last is found without taking its URL to pieces."""

    _latest: tuple[str, HTTPConnectionPool | None] = ("", None)

    def urlopen(self, method: str, url: str, *_: Any, **kwargs: Any) -> Any:
        origin, pool = self._latest
        target = url[len(origin) :]
        if pool is None or pool.pool is None or not (url.startswith(origin) and target[:1] == "/"):
            origin = origin_of(url)
            pool = self.connection_from_url(origin)
            self._latest = origin, pool
            parts = urlsplit(url)
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return pool.urlopen(method, target, **{**kwargs, **_ONCE})

    def clear(self) -> None:
        self._latest = ("", None)
        super().clear()


class _ProxiedManager(_Manager, urllib3.ProxyManager):
    """Pools behind a proxy."""

    def urlopen(self, method: str, url: str, *_: Any, **kwargs: Any) -> Any:
        return super().urlopen(method, url, **{**kwargs, **_ONCE})


class _Tls:
    """The TLS settings of a client, and one context made of them when it is first needed."""

    def __init__(self, configuration: Configuration) -> None:
        self._verify = configuration.verify_ssl
        self._files = {
            name: getattr(configuration, name) for name in ("ssl_ca_cert", "cert_file", "key_file")
        }
        self._hostname = configuration.assert_hostname
        self._context: ssl.SSLContext | None = None
        for name, path in self._files.items():
            if path is not None and not os.access(path, os.R_OK):
                raise FileNotFoundError(f"{name}: there is no readable file {str(path)!r}")
        if any(self._files.values()):
            self.context()
        if not self._verify:
            warn(
                "verify_ssl is off: anyone on the way can read and change what is sent",
                InsecureRequestWarning,
            )

    def context(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = self.new_context()
            if IS_URLLIB3_1:
                # It compares the names itself, and cannot have Python do it for an IP address.
                self._context.check_hostname = False
        return self._context

    def new_context(self) -> ssl.SSLContext:
        with _naming("ssl_ca_cert", self._files["ssl_ca_cert"]):
            context = ssl.create_default_context(**_authorities(self._files["ssl_ca_cert"]))
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if not self._verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if self._files["cert_file"]:
            with _naming("cert_file or key_file", self._files["cert_file"]):
                context.load_cert_chain(self._files["cert_file"], self._files["key_file"])
        return context

    def pool(self, host: str, port: int, **kwargs: Any) -> _HttpsPool:
        hostname = None if self._hostname is True else self._hostname
        proxy = kwargs.get("_proxy")
        if proxy is not None and (proxy.host, proxy.port) == (host, port):
            # The name that the service may have is none for the proxy.
            hostname = None
        return _HttpsPool(
            host,
            port,
            ssl_context=self.context(),
            cert_reqs="CERT_REQUIRED" if self._verify else "CERT_NONE",
            assert_hostname=hostname if self._verify else False,
            **kwargs,
        )


def _authorities(path: str | None) -> dict[str, Any]:
    if path is None:
        import certifi

        return {"cafile": certifi.where()}
    return {"capath" if os.path.isdir(path) else "cafile": path}


@contextmanager
def _naming(setting: str, path: object) -> Iterator[None]:
    """Say which file it was that TLS could not read."""
    try:
        yield
    except OSError as error:
        raise ValueError(f"{setting}: {str(path)!r} cannot be used: {error}") from error


class PoolFactory:
    """Makes the pools of a client, from settings that are read once.

    :param configuration: the settings.
    :raises OSError: a file of certificates is missing; it is named.
    :raises ValueError: a file of certificates, or the address of the proxy, cannot be used.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._tls = _Tls(configuration)
        self._proxy: dict[str, Any] = {}
        if configuration.proxy is not None:
            address, headers = _parse_proxy(configuration.proxy)
            self._proxy = {
                "proxy_url": address,
                "proxy_headers": {**headers, **(configuration.proxy_headers or {})},
                "proxy_ssl_context": self._proxy_context(address),
            }

    def _proxy_context(self, address: str) -> ssl.SSLContext | None:
        if not address.startswith("https:"):
            return None
        context = self._tls.new_context()
        if context.check_hostname and IS_URLLIB3_1 and is_ip_address(address):
            raise ValueError("proxy: urllib3 1.26 can check the name of a TLS proxy, no IP address")
        return context

    def make(self, num_pools: int, maxsize: int) -> urllib3.PoolManager:
        """Make pools that have no connection yet.

        :param num_pools: hosts that connections are kept for.
        :param maxsize: connections kept per host.
        """
        cls = _ProxiedManager if self._proxy else _DirectManager
        manager = cls(num_pools=num_pools, maxsize=maxsize, **self._proxy)
        manager.pools = Pools(num_pools)
        pools = {"http": _HttpPool, "https": self._tls.pool}
        manager.pool_classes_by_scheme = pools  # type: ignore[assignment]
        return manager


def _parse_proxy(value: str) -> tuple[str, dict[str, str]]:
    """Take user and password out of the address of a proxy, so that no message shows them."""
    parts = urlsplit(value)
    user, at, address = parts.netloc.rpartition("@")
    url = parse_host(f"{parts.scheme}://{address}", "proxy")
    if at and any(ord(character) > 255 for character in unquote(user)):
        raise ValueError("user name and password of the proxy must be Latin-1 (not shown)")
    headers = urllib3.util.make_headers(proxy_basic_auth=unquote(user)) if at else {}
    return url, dict(headers)


def let_caller_read(response: Any) -> None:
    """Hand an unread answer over: its reader may take its time, each wait for bytes is limited."""
    connection = getattr(response, "connection", None)
    if isinstance(connection, _Connection):
        connection.answer.reader.lift()  # type: ignore[union-attr]
