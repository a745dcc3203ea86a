"""Foreign tools: urllib3 as it comes, for as long as vcrpy or its like is at work in it.

Tools that record, replay or make up answers (vcrpy, mocket, a patched `urlopen`) put something of
theirs in the place of urllib3's connection classes, of `urlopen` or of TLS. Our own pools would
pass it by. In its company a request goes through pools of urllib3 itself instead, which no request
of another time uses. The tool, and urllib3's own log, see what is really sent, tokens included, and
these promises do not hold:

- whether a request was sent is not known: all is "maybe sent", so that no POST is
  sent again unless an answer says that it was not acted on;
- time limits are those of urllib3, for each wait and not for all of them together;
- heads and bodies of answers are read as urllib3 reads them, without bounds;
- a POST may go over a connection that was idle.

Answers are asked for uncompressed, so that a recording can be read and filtered.

A looker-on is no such company: a tracer wraps the `urlopen` of a pool and says so (`__wrapped__`).
Our own pools call it, with a masked target, and take no answer but
that to the request they sent themselves. Nor is a urllib3 that has changed: what is looked at is
whose the things are, and not what they do.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from urllib3 import PoolManager, ProxyManager, connection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_ANSWERS_ARE_OURS = {"redirect": False, "retries": False}
"""Leave all decisions about an answer to us."""

_BEGINS = (
    "Another tool is at work in urllib3, so requests go through urllib3 as it comes: time limits"
    " are its own, answers have no size limit, paths are not masked, and what was never sent is not"
    " known. See docs/testing.md."
)


class Company:
    """The tool at work in urllib3, if there is one, and the pools that are for it alone.

    :param make: makes urllib3's own pools.
    """

    _undisturbed: tuple[Any, ...] = ()
    """What urllib3 was like when nobody was seen at work in it."""

    def __init__(self, make: Callable[[], PoolManager]) -> None:
        self._make = make
        self._pools: list[tuple[tuple[Any, ...], PoolManager]] = []

    def pools(self) -> PoolManager | None:
        """The pools to use in the company of a tool, None without one."""
        seams = _seams()
        if seams == Company._undisturbed:
            return None
        if _are_urllib3s(seams):
            Company._undisturbed = seams
            return None
        return self._pools_for(seams) or self._begin(seams)

    def _pools_for(self, seams: tuple[Any, ...]) -> PoolManager | None:
        # No dictionary: not all that is put into urllib3 has a hash.
        return next((pools for known, pools in tuple(self._pools) if known == seams), None)

    def _begin(self, seams: tuple[Any, ...]) -> PoolManager:
        self.leave()
        made = self._make()
        self._pools.append((seams, made))
        # Those of another thread, if it was the first.
        pools = self._pools_for(seams) or made
        if pools is made:
            from wavefront_api_client._core.logs import LOGGER

            LOGGER.warning(_BEGINS)
        return pools

    def leave(self) -> None:
        """Close and drop the pools."""
        while self._pools:
            # Another thread may have been quicker.
            with suppress(IndexError):
                self._pools.pop()[1].clear()


def send_as_it_comes(pools: PoolManager, method: str, url: str, arguments: dict[str, Any]) -> Any:
    """Send a request as urllib3 would, with whatever is at work in it.

    :param pools: of `Company`.
    :param method: HTTP method.
    :param url: absolute URL.
    :param arguments: as `urllib3.PoolManager.urlopen` takes them.
    """
    arguments = {**arguments, **_ANSWERS_ARE_OURS}
    arguments.pop("pool_timeout", None)
    headers = arguments.get("headers") or {}
    arguments["headers"] = {
        name: value for name, value in headers.items() if name.lower() != "accept-encoding"
    }
    return pools.urlopen(method, url, **arguments)


def urllib3s(cls: Any) -> Any:
    """What urllib3 has as a class itself, also where a tool has put one derived of it there."""
    return next((base for base in cls.__mro__ if _is_urllib3s(base)), cls)


def _is_wrapped(urlopen: Any) -> bool:
    """Whether somebody looks on."""
    return hasattr(urlopen, "__wrapped__")


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
    # Who wraps that of a manager would not be called: ours have an `urlopen` of their own.
    return not any(map(_is_wrapped, seams[:2])) and all(map(_is_urllib3s, seams))


def _is_urllib3s(thing: Any) -> bool:
    """Whether it is urllib3's own, wrapped or not."""
    while _is_wrapped(thing):
        thing = thing.__wrapped__
    # A stand-in can copy the name of a module, but not the scope of a function.
    scope = getattr(thing, "__globals__", None)
    module = getattr(thing, "__module__", None) if scope is None else scope.get("__name__")
    return thing is None or str(module).startswith("urllib3.")
