"""Everything that uses private parts of urllib3 and http.client; others use `send`, `read_body`.

==============  ======================================================================
`pools`         which connection carries a request, and which is kept; other people's tools
`connection`    the connections, opened within a limit, and the table of private parts
`tls`           the TLS settings of a client, and contexts made of them
`answers`       a request under way, and its answer, with deadlines
`body`          bodies within bounds
`errors`        what an error says about a request
==============  ======================================================================
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError

from wavefront_api_client._core.failures import Failure
from wavefront_api_client._core.secrets import clear_frames
from wavefront_api_client._transport.answers import Exchange
from wavefront_api_client._transport.body import CHUNK, read_body
from wavefront_api_client._transport.connection import Connection
from wavefront_api_client._transport.errors import read_error
from wavefront_api_client._transport.pools import Manager, PoolFactory

__all__ = ["Exchange", "PoolFactory", "finish", "hand_over_unread", "read_body", "send"]


def send(
    manager: urllib3.PoolManager, exchange: Exchange, url: str, arguments: Mapping[str, Any]
) -> tuple[Any, Failure | None]:
    """Send a request once: its unread answer, or None and why there is none."""
    if not isinstance(manager, Manager):
        # One of urllib3 would repeat it, and follow redirects to other hosts.
        arguments = {**arguments, "redirect": False, "retries": False}
    handled = sys.exc_info()[1]
    try:
        return manager.request(exchange.method, url, timeout=exchange, **arguments), None
    except (HTTPError, OSError) as error:
        lost = read_error(error, exchange, url)
        clear_frames(error, handled)
        return None, lost


def finish(response: Any) -> None:
    """Read the rest of an answer that says how long it is; the end of another may never come."""
    is_framed = getattr(response, "length_remaining", None) is not None
    if is_framed or getattr(response, "chunked", False):
        read_body(response, CHUNK)
    else:
        response.close()


def hand_over_unread(response: Any) -> None:
    """Prepare an unread answer for its reader: only each wait for bytes is limited."""
    connection = getattr(response, "connection", None)
    # A stand-in has no connection, and a tool may have one of another class.
    if isinstance(connection, Connection) and connection.answer is not None:
        connection.answer.reader.lift()
