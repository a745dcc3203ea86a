"""The pools of a client: which connection carries a request, and which is kept afterwards.

Tools that record, replay or make up answers replace urllib3's connection classes, `urlopen` or TLS.
While a tool is active, requests go through separate pools of urllib3 itself, see docs/tools.md. A
tracer that wraps the `urlopen` of a pool and says so (`__wrapped__`) is not such a tool: our pools
call it with a masked target, and take only the answer to their own request.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import deque
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from urllib3 import PoolManager, ProxyManager, Timeout, connection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.proxy import connection_requires_http_tunnel
from urllib3.util.retry import Retry

from wavefront_api_client._core.request import parse_proxy
from wavefront_api_client._core.secrets import mask_target, url_parts
from wavefront_api_client._core.urls import split_url
from wavefront_api_client._transport.answers import Exchange
from wavefront_api_client._transport.connection import (
    Connection,
    PlainConnection,
    TlsConnection,
    UnsafeTransport,
    is_urllib3s,
    is_wrapped,
)
from wavefront_api_client._transport.tls import Tls

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from typing_extensions import Self

    from wavefront_api_client.configuration import Configuration


class Stack:
    """The idle connections of a pool: what urllib3 uses of `queue.LifoQueue`, without a lock.

    A signal handler that closes the client would deadlock on a lock that it has interrupted.
    """

    def __init__(self, maxsize: int) -> None:
        self._maxsize = maxsize
        self._items: deque[Any] = deque()
        self.is_closed = False

    def get(self, block: bool = False, timeout: float | None = None) -> Any:
        """Take the latest; urllib3 makes a new one if there is none."""
        try:
            return self._items.pop()
        except IndexError:
            raise queue.Empty from None

    def put(self, item: Connection | None, block: bool = False) -> None:
        """Add one, or None for a new one; urllib3 knows a closed pool by AttributeError."""
        if item is not None:
            item.keep()
        if len(self._items) >= self._maxsize:
            raise queue.Full
        self._items.append(item)
        # Afterwards, as a pool that is closed takes the connections that are there.
        if self.is_closed:
            with suppress(ValueError):
                self._items.remove(item)
                raise AttributeError("the pool is closed")

    def qsize(self) -> int:
        """How many there are."""
        return len(self._items)


_ONCE = {
    "redirect": False,
    "retries": Retry(False, redirect=False),
    "assert_same_host": False,
    "preload_content": False,
    "enforce_content_length": True,
}
"""Send a request once, to where it is addressed, and leave all decisions about its answer to us."""


class _Pool:
    """What the two pool classes have in common."""

    QueueCls: Any = Stack
    pool: Any
    exchange: Exchange
    host: str
    port: int | None

    def close(self) -> None:
        """Close all connections, those of the calls under way when they end."""
        # A call that ends meanwhile would put its connection into a queue that is gone.
        idle = self.pool
        if idle is not None:
            idle.is_closed = True
        super().close()  # type: ignore[misc]

    def carrying(self, exchange: Exchange) -> Self:
        """The same pool for one exchange: all of them share their connections."""
        pool = object.__new__(type(self))
        vars(pool).update(vars(self), exchange=exchange)
        return pool

    def send_once(self, method: str, arguments: dict[str, Any]) -> Any:
        """Send the request of the exchange; tools that look on see a masked target."""
        exchange = self.exchange
        shown = mask_target(exchange.target)
        response = self.urlopen(method, shown, **{**arguments, **_ONCE})  # type: ignore[attr-defined]
        if not exchange.was_answered:
            response.close()
            raise UnsafeTransport("a request went past what looks after it")
        return response

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    def _get_conn(self, *args: Any, **kwargs: Any) -> Any:
        """A connection that can carry the exchange."""
        connection = super()._get_conn(*args, **kwargs)  # type: ignore[misc]
        if connection.sock is not None and not connection.can_carry(self.exchange):
            connection.close()
            connection = self._new_conn()  # type: ignore[attr-defined]
        if not isinstance(connection, Connection):
            raise UnsafeTransport("a connection was used that nothing is known of")
        connection.exchange, connection.kept_at = self.exchange, None
        return connection


class PlainPool(_Pool, HTTPConnectionPool):
    """The connections to a host without TLS."""

    ConnectionCls = PlainConnection


class TlsPool(_Pool, HTTPSConnectionPool):
    """The connections to a host with TLS."""

    ConnectionCls = TlsConnection

    def _validate_conn(self, conn: Any) -> None:
        # urllib3 would warn of an unverified certificate with every request.
        if conn.sock is None:
            conn.connect()


_BEGINS = (
    "Another tool is at work in urllib3, so requests go through plain urllib3: time limits"
    " are its own, answers have no size limit, paths are not masked, and what was never sent is not"
    " known. See docs/tools.md."
)


def _seams() -> tuple[Any, ...]:
    """Where tools come in."""
    return (
        PoolManager.urlopen,
        ProxyManager.urlopen,
        HTTPConnectionPool.urlopen,
        HTTPSConnectionPool.urlopen,
        HTTPConnectionPool.ConnectionCls,
        HTTPSConnectionPool.ConnectionCls,
        vars(connection).get("ssl_wrap_socket"),
    )


def _are_urllib3s(seams: tuple[Any, ...]) -> bool:
    # A wrapper of a manager's `urlopen` would not be called, as our managers have their own.
    return not any(map(is_wrapped, seams[:2])) and all(map(is_urllib3s, seams))


class _Manager:
    """What the two managers have in common: the pool used last is found without parsing its URL."""

    pools: Any
    proxy: Any
    proxy_config: Any
    make_urllib3s: Callable[[], PoolManager]
    """Makes pools of urllib3 itself, with the same settings."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._latest: tuple[str, PlainPool | TlsPool | None] = ("", None)
        self._tool: tuple[tuple[Any, ...], PoolManager | None] = ((), None)
        """The state of urllib3 at the last look, and the pools for the tool in it, or None."""
        # Re-entrant: a signal handler or finalizer may make a call, too.
        self._lock = threading.RLock()

    def urlopen(
        self, method: str, url: str, *_: Any, exchange: Exchange | None = None, **kwargs: Any
    ) -> Any:
        """Send the request of an exchange once."""
        if exchange is None:
            exchange = Exchange(method)
        origin, target = split_url(url, self._latest[0])
        urllib3s = self._urllib3s()
        if urllib3s is not None:
            # Uncompressed, so that a recording can be read.
            given = (kwargs.get("headers") or {}).items()
            kwargs["headers"] = {k: v for k, v in given if k.lower() != "accept-encoding"}
            kwargs.update(redirect=False, retries=False)
            if exchange.deadline is not None:
                left = max(exchange.deadline - time.monotonic(), 0.001)
                connect = kwargs["timeout"].connect_timeout
                kwargs["timeout"] = Timeout(connect=connect, read=exchange.read, total=left)
            return urllib3s.urlopen(method, origin + target, **kwargs)
        is_whole = self.proxy and not connection_requires_http_tunnel(
            self.proxy, self.proxy_config, url_parts(origin)[0]
        )
        exchange.target = origin + target if is_whole else target
        if "[" in origin:
            # In a tunnel, http.client would put brackets around the brackets.
            host = {"Host": origin.partition("://")[2]}
            kwargs["headers"] = {**(kwargs.get("headers") or {}), **host}
        try:
            pool = self._pool(origin)
        except OSError:
            # It has read no file of certificates.
            exchange.maybe_sent = False
            raise
        return pool.carrying(exchange).send_once(method, kwargs)

    def _urllib3s(self) -> PoolManager | None:
        """Pools of urllib3 itself for the tool that is at work in it, None without one."""
        seams = _seams()
        known, pools = self._tool
        if seams != known:
            with self._lock:
                known, pools = self._tool
                # Another thread may have done it already.
                if seams != known:
                    self._end_tool()
                    pools = None if _are_urllib3s(seams) else self._begin_tool()
                    self._tool = seams, pools
        return pools

    def _begin_tool(self) -> PoolManager:
        logging.getLogger("wavefront_api_client").warning(_BEGINS)
        return self.make_urllib3s()

    def _end_tool(self) -> None:
        (_, pools), self._tool = self._tool, ((), None)
        if pools is not None:
            pools.clear()

    def _pool(self, origin: str) -> PlainPool | TlsPool:
        latest, pool = self._latest
        if pool is None or pool.pool is None or origin != latest:
            pool = self.connection_from_url(origin)  # type: ignore[attr-defined]
            self._latest = origin, pool
        return pool

    def clear(self) -> None:
        """Close all connections."""
        self._latest = ("", None)
        self.pools.clear()
        self._end_tool()


class DirectManager(_Manager, PoolManager):
    """Pools without a proxy."""


class ProxiedManager(_Manager, ProxyManager):
    """Pools behind a proxy."""


class PoolFactory:
    """Makes the pools of a client, from settings that are read once.

    :raises OSError: a file of certificates is missing; it is named.
    :raises ValueError: a file of certificates, or the address of the proxy, cannot be used.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._tls = Tls(configuration)
        self.proxy_secrets: frozenset[str] = frozenset()
        self._proxy: dict[str, Any] = {}
        address = configuration.proxy
        if address is not None:
            url, headers, self.proxy_secrets = parse_proxy(address, configuration.proxy_headers)
            self._proxy = {
                "proxy_url": url,
                "proxy_headers": headers,
                "proxy_ssl_context": self._tls.proxy_context(url),
            }

    def make(self, num_pools: int, maxsize: int) -> PoolManager:
        """Make pools for that many hosts, and that many connections to each; none is opened."""
        sizes = {"num_pools": num_pools, "maxsize": maxsize}
        ours: Any = ProxiedManager if self._proxy else DirectManager
        theirs = ProxyManager if self._proxy else PoolManager
        manager = self._make(ours, PlainPool, TlsPool, sizes)
        manager.make_urllib3s = partial(
            self._make, theirs, HTTPConnectionPool, HTTPSConnectionPool, sizes
        )
        return manager  # type: ignore[no-any-return]

    def _make(self, cls: Any, plain: Any, tls: Any, sizes: dict[str, int]) -> Any:
        manager = cls(**sizes, **self._proxy)
        # urllib3 2 leaves it to the garbage collector, which an answer in use delays.
        manager.pools.dispose_func = lambda pool: pool.close()
        manager.pool_classes_by_scheme = {"http": plain, "https": partial(self._tls_pool, tls)}
        return manager

    def _tls_pool(
        self, cls: type[HTTPSConnectionPool], host: str, port: int, **kwargs: Any
    ) -> HTTPSConnectionPool:
        proxy = kwargs.get("_proxy")
        is_proxy = proxy is not None and (proxy.host, proxy.port) == (host, port)
        is_ours = issubclass(cls, TlsPool)
        settings = {"ssl_context": self._tls.context()} if is_ours else self._tls.as_files()
        return cls(host, port, **settings, **self._tls.checks(is_proxy), **kwargs)
