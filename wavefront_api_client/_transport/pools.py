"""The pools of a client: which connection carries a request, and which is kept afterwards.

A tool that puts a connection class of its own, or another `urlopen`, into urllib3's pools has its
way, see docs/tools.md. A tracer that wraps `urlopen` and says so (`__wrapped__`) only looks on: it
sees a masked target, and only the answer to that request is taken.
"""

from __future__ import annotations

import queue
from collections import deque
from contextlib import suppress
from typing import Any

from urllib3 import PoolManager, ProxyManager
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.retry import Retry

from wavefront_api_client._core.limits import parse_timeout
from wavefront_api_client._core.request import parse_proxy
from wavefront_api_client._core.secrets import mask_target
from wavefront_api_client._core.urls import split_url
from wavefront_api_client._transport.answers import Exchange
from wavefront_api_client._transport.connection import Connection, TlsConnection, UnsafeTransport
from wavefront_api_client._transport.tls import Tls
from wavefront_api_client.configuration import Configuration

_URLOPEN = getattr(HTTPConnectionPool.urlopen, "__wrapped__", HTTPConnectionPool.urlopen)

_ONCE = {
    "redirect": False,
    "retries": Retry(False, redirect=False),
    "assert_same_host": False,
    "preload_content": False,
    "enforce_content_length": True,
}
"""Send a request once, to where it is addressed, and leave all decisions about its answer to us."""


class Stack(deque[Any]):
    """The idle connections of a pool: what urllib3 uses of `queue.LifoQueue`, without a lock.

    A signal handler that closes the client would deadlock on a lock that it has interrupted.
    """

    is_closed = False

    def __init__(self, maxsize: int) -> None:
        super().__init__()
        self._maxsize = maxsize

    def get(self, block: bool = False, timeout: float | None = None) -> Any:
        """Take the latest; urllib3 makes a new one if there is none."""
        try:
            return self.pop()
        except IndexError:
            raise queue.Empty from None

    def put(self, item: Any, block: bool = False) -> None:
        """Add one, or None for a new one; urllib3 knows a closed pool by AttributeError."""
        if isinstance(item, Connection):
            item.keep()
        if len(self) >= self._maxsize:
            raise queue.Full
        self.append(item)
        # Afterwards, as a pool that is closed takes the connections that are there.
        if self.is_closed:
            with suppress(ValueError):
                self.remove(item)
                raise AttributeError("the pool is closed")

    qsize = deque.__len__

    def empty(self) -> bool:
        """Whether there is none; older versions of vcrpy ask."""
        return not self


class Pool(HTTPConnectionPool):
    """The connections to a host without TLS."""

    QueueCls: Any = Stack
    ours: Any = Connection
    theirs: Any = HTTPConnectionPool
    exchange: Exchange

    def _class(self) -> Any:
        """Our class, unless a tool has put one of its own into urllib3's pools."""
        theirs = self.theirs.ConnectionCls
        return self.ours if issubclass(self.ours, theirs) else theirs

    ConnectionCls: Any = property(_class)

    def close(self) -> None:
        """Close all connections, those of the calls under way when they end."""
        # A call that ends meanwhile would put its connection into a queue that is gone.
        idle: Any = self.pool
        if idle is not None:
            idle.is_closed = True
        super().close()

    def send(self, exchange: Exchange, arguments: dict[str, Any]) -> Any:
        """Send the request of an exchange once: its unread answer."""
        # A copy that knows the exchange; it shares the connections.
        pool: Any = object.__new__(type(self))
        vars(pool).update(vars(self), exchange=exchange)
        urlopen = self.theirs.urlopen
        is_replaced = urlopen is not _URLOPEN and not hasattr(urlopen, "__wrapped__")
        if is_replaced or self.ConnectionCls is not self.ours:
            # Uncompressed, so that a recording can be read.
            given = (arguments.get("headers") or {}).items()
            headers = {k: v for k, v in given if k.lower() != "accept-encoding"}
            arguments = {**_ONCE, **arguments, "headers": headers, "timeout": exchange}
            return pool.urlopen(exchange.method, exchange.target, **arguments)
        shown = mask_target(exchange.target)
        arguments.update(_ONCE, timeout=exchange)
        response = pool.urlopen(exchange.method, shown, **arguments)
        if not exchange.was_answered:
            response.close()
            raise UnsafeTransport("a request went past what looks after it")
        return response

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    def _get_conn(self, *args: Any, **kwargs: Any) -> Any:
        """A connection that can carry the exchange."""
        connection = super()._get_conn(*args, **kwargs)
        if isinstance(connection, Connection):
            if not connection.can_carry(self.exchange):
                connection.close()
            connection.exchange, connection.kept_at = self.exchange, None
        return connection


class TlsPool(Pool, HTTPSConnectionPool):
    """The connections to a host with TLS."""

    ours, theirs = TlsConnection, HTTPSConnectionPool

    def _validate_conn(self, conn: Any) -> None:
        # urllib3 would warn of an unverified certificate with every request.
        if conn.sock is None:
            conn.connect()


def _classes() -> tuple[Any, ...]:
    """The connection classes of urllib3's pools, which tools replace."""
    return HTTPConnectionPool.ConnectionCls, HTTPSConnectionPool.ConnectionCls


class Manager(PoolManager):
    """The pools of a client without a proxy; the latest one is found without parsing its URL."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._latest: tuple[str, Any] = ("", None)
        self._classes = _classes()

    def urlopen(self, method: str, url: str, *_: Any, timeout: Any = None, **arguments: Any) -> Any:
        """Send a request once; its exchange is given as its time limit."""
        exchange = timeout
        if not isinstance(exchange, Exchange):
            limits = parse_timeout(timeout)
            exchange = Exchange(method, limits, limits.total)
        classes = _classes()
        if classes != self._classes:
            # A tool has come or gone, and no connection of one time is used at another.
            self._classes = classes
            self.clear()
        origin, exchange.target = split_url(url, self._latest[0])
        if self.proxy and origin.startswith("http:"):
            exchange.target = origin + exchange.target
        if "[" in origin:
            # In a tunnel, http.client would put brackets around the brackets.
            host = {"Host": origin.partition("://")[2]}
            arguments["headers"] = {**(arguments.get("headers") or {}), **host}
        # Not before a file of certificates has been read, if need be.
        exchange.maybe_sent = False
        pool = self._pool(origin)
        exchange.maybe_sent = True
        return pool.send(exchange, arguments)

    def _pool(self, origin: str) -> Any:
        latest, pool = self._latest
        if pool is None or pool.pool is None or origin != latest:
            pool = self.connection_from_url(origin)
            self._latest = origin, pool
        return pool

    def clear(self) -> None:
        """Close all connections."""
        self._latest = ("", None)
        self.pools.clear()


class ProxiedManager(Manager, ProxyManager):
    """The pools of a client behind a proxy."""


class PoolFactory:
    """Makes the pools of a client, from settings that are read once."""

    def __init__(self, configuration: Configuration) -> None:
        self._tls = Tls(configuration)
        self.proxy_secrets: frozenset[str] = frozenset()
        self._proxy: dict[str, Any] = {}
        if configuration.proxy is not None:
            proxy = configuration.proxy, configuration.proxy_headers
            url, headers, self.proxy_secrets = parse_proxy(*proxy)
            self._proxy = {
                "proxy_url": url,
                "proxy_headers": headers,
                "proxy_ssl_context": self._tls.proxy_context(url),
            }

    def make(self, num_pools: int, maxsize: int) -> PoolManager:
        """Make pools for that many hosts, and that many connections to each; none is opened."""
        cls: Any = ProxiedManager if self._proxy else Manager
        manager = cls(num_pools=num_pools, maxsize=maxsize, **self._proxy)
        # urllib3 2 leaves it to the garbage collector, which an answer in use delays.
        manager.pools.dispose_func = lambda pool: pool.close()
        manager.pool_classes_by_scheme = {"http": Pool, "https": self._tls_pool}
        return manager  # type: ignore[no-any-return]

    def _tls_pool(self, host: str, port: int, **settings: Any) -> TlsPool:
        proxy = settings.get("_proxy")
        is_proxy = proxy is not None and (proxy.host, proxy.port) == (host, port)
        settings.update(self._tls.checks(is_proxy), ssl_context=self._tls.context())
        return TlsPool(host, port, **settings)
