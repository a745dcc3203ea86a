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
    exception = cls(0, f"{type(error).__name__}: {error}")
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
        target = redirect_origin(url, response.getheader("Location"))
        error.add_hint(f"The redirect to {target} was not followed: a credential goes to no other.")
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


def redirect_origin(url: str, location: str | None) -> str:
    """Where a redirect leads, as far as it may be shown: scheme, host and port."""
    try:
        return origin_of(urljoin(url, location or ""))
    except ValueError:
        return "an address that is no URL"


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
