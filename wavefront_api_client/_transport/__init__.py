"""Everything that uses private parts of urllib3 and http.client; others use `send`, `read_body`.

==============  ======================================================================
`pools`         which connection carries a request, and which is kept; other people's tools
`connection`    the connections, and the table of private parts
`sockets`       names looked up and connections opened within a limit
`tls`           the TLS settings of a client, and contexts made of them
`answers`       a request under way, and its answer, with deadlines
`body`          bodies within bounds
`errors`        what an error says about a request
==============  ======================================================================
"""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import TYPE_CHECKING

import urllib3
from urllib3.exceptions import HTTPError

from wavefront_api_client._core.secrets import clear_frames
from wavefront_api_client._transport.answers import Exchange
from wavefront_api_client._transport.body import CHUNK, read_body
from wavefront_api_client._transport.connection import Connection
from wavefront_api_client._transport.errors import read_error
from wavefront_api_client._transport.pools import PoolFactory

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from wavefront_api_client._core.failures import Failure
    from wavefront_api_client._core.limits import Timeouts

__all__ = [
    "CHUNK",
    "PoolFactory",
    "hand_over_unread",
    "read_body",
    "send",
]


def send(
    manager: urllib3.PoolManager,
    method: str,
    url: str,
    arguments: Mapping[str, Any],
    timeouts: Timeouts,
    left: float | None,
    max_idle: float | None,
) -> tuple[Any, Failure | None]:
    """Send a request once: its unread answer, or None and why there is none.

    :param arguments: as `urllib3.PoolManager.request` takes them.
    :param left: seconds until the whole call has to be over, None for no limit.
    :param max_idle: seconds that the connection may have been idle, None for no limit.
    """
    handled = sys.exc_info()[1]
    exchange = Exchange(method, left, timeouts.read, max_idle)
    limits = _limits(timeouts.connect, timeouts.read, timeouts.total)
    try:
        return manager.request(method, url, timeout=limits, exchange=exchange, **arguments), None
    except (HTTPError, OSError) as error:
        lost = read_error(error, exchange, url)
        clear_frames(error, handled)
        return None, lost


@lru_cache(maxsize=8)
def _limits(connect: float | None, read: float | None, total: float | None) -> urllib3.Timeout:
    """The limits as urllib3 takes them, which clones them; the exchange knows what is left."""
    return urllib3.Timeout(connect=connect, read=read, total=total)


def hand_over_unread(response: Any) -> None:
    """Prepare an unread answer for its reader: only each wait for bytes is limited."""
    connection = getattr(response, "connection", None)
    # A stand-in has no connection, and a tool may have one of another class.
    if isinstance(connection, Connection) and connection.answer is not None:
        connection.answer.reader.lift()
