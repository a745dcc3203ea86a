"""Turns what can go wrong on the way into an exception and a word for the retry policy."""

from __future__ import annotations

import re
import socket
from http.client import HTTPException, RemoteDisconnected
from urllib.parse import urljoin, urlsplit

from urllib3.exceptions import (
    ConnectTimeoutError,
    InvalidHeader,
    LocationValueError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from wavefront_api_client import retry
from wavefront_api_client._answer import UnusableBody
from wavefront_api_client._redaction import origin_of
from wavefront_api_client.exceptions import (
    ApiConnectionException,
    ApiException,
    ApiTimeoutException,
    ApiTlsException,
    InvalidResponseException,
    exception_class,
    headers_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Fault:
    """An attempt that failed.

    :param error: to be raised if there is no further attempt.
    :param kind: what it means for another attempt: one of the four words of `retry`.
    :param maybe_acted: whether the service may have carried out the request.
    """

    __slots__ = ("error", "kind", "maybe_acted")

    def __init__(self, error: ApiException, kind: str, maybe_acted: bool) -> None:
        self.error = error
        self.kind = kind
        self.maybe_acted = maybe_acted


def fault_without_answer(error: Exception, sent: bool) -> Fault:
    """Read a failure of urllib3.

    :param error: what it raised.
    :param sent: whether any of the request may have reached the service.
    """
    cls = _class_of(error, sent)
    # urllib3 1.26 begins with the connection, whose only news is where it lies in memory.
    text = re.sub(r"^<\S+ object at 0x[0-9a-f]+>: ", "", str(error))
    exception = cls(0, f"{type(error).__name__}: {text}")
    if not sent:
        return Fault(exception, _kind_before_sending(cls, error), maybe_acted=False)
    kind = retry.FINAL if cls is InvalidResponseException else retry.MAYBE_ACTED_ON
    return Fault(exception, kind, maybe_acted=True)


def _class_of(error: Exception, sent: bool) -> type[ApiException]:
    if isinstance(error, ProxyError):
        error = error.original_error
    if isinstance(error, NewConnectionError):
        # Before timeouts: urllib3 1.26 derives it from ConnectTimeoutError.
        return ApiConnectionException
    if isinstance(error, (ConnectTimeoutError, ReadTimeoutError, socket.timeout)):
        return ApiTimeoutException
    if isinstance(error, SSLError) and not sent:
        return ApiTlsException
    if isinstance(error, InvalidHeader) or _is_not_http(error):
        return InvalidResponseException
    return ApiConnectionException


def _is_not_http(error: Exception) -> bool:
    cause = error.args[-1] if isinstance(error, ProtocolError) and error.args else None
    return isinstance(cause, HTTPException) and not isinstance(cause, RemoteDisconnected)


def _kind_before_sending(cls: type[ApiException], error: Exception) -> str:
    refused_by_proxy = re.search("Tunnel connection failed: 4", str(error))
    hopeless = cls is ApiTlsException or isinstance(error, LocationValueError) or refused_by_proxy
    return retry.FINAL if hopeless else retry.NEVER_SENT


def fault_of_answer(response: Any, url: str, now: float) -> Fault:
    """Read an answer with another status than 2xx.

    :param response: a `RESTResponse`.
    :param url: that it answers.
    :param now: current time in epoch seconds.
    """
    status = response.status
    error = exception_class(status)(http_resp=response)
    error.retry_after = retry.parse_retry_after(response.getheader("Retry-After"), now)
    if status in REDIRECTS:
        error.add_hint(redirect_hint(url, response.getheader("Location")))
    kind = retry.fault_of_status(status, error.retry_after)
    return Fault(error, kind, maybe_acted=status >= 500 and kind != retry.NOT_ACTED_ON)


def fault_of_body(error: Exception, response: Any) -> Fault:
    """Read an answer with status 2xx whose body cannot be had.

    :param error: what `read_body` raised.
    :param response: the urllib3 response.
    """
    if isinstance(error, UnusableBody):
        what = f"{response.reason}, but the body of the answer cannot be used: {error.reason}"
        exception: ApiException = InvalidResponseException(response.status, what)
        exception.body = error.part.decode("utf-8", "replace")
        exception.headers = response.headers
        kind = retry.MAYBE_ACTED_ON if error.interrupted else retry.FINAL
        return Fault(exception, kind, maybe_acted=True)
    exception = ApiTimeoutException(0, "the answer did not come in time")
    return Fault(exception, retry.MAYBE_ACTED_ON, maybe_acted=True)


def out_of_time(total: float | None) -> Fault:
    """The time of the whole call is over before the request could be sent."""
    error = ApiTimeoutException(0, f"the call did not succeed within {total} seconds")
    return Fault(error, retry.FINAL, maybe_acted=False)


def redirect_hint(url: str, location: str | None) -> str:
    """Why a redirect was not followed, with no more of its target than may be shown."""
    if not location:
        return "It is a redirect that names no target."
    try:
        target = urljoin(url, location)
        is_same, origin = _origin(target) == _origin(url), origin_of(target)
    except ValueError:
        return "It is a redirect to an address that is no URL."
    if is_same:
        return "A redirect within the origin is followed for GET only, and not for ever."
    return f"The redirect to {origin} was not followed: a credential goes to no other origin."


def redirect_target(method: str, url: str, response: Any) -> str | None:
    """The URL to follow an answer to; None if it is no redirect, or one that must not be followed.

    Only GET and HEAD are redirected, and only within the origin that the credential is for.
    """
    location = headers_of(response).get("Location") if response.status in REDIRECTS else None
    if not location or method not in ("GET", "HEAD"):
        return None
    try:
        target = urljoin(url, location)
        return target if _origin(target) == _origin(url) else None
    except ValueError:
        return None


def _origin(url: str) -> tuple[Any, ...]:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.username, parts.password, parts.hostname, port
