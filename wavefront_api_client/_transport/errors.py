"""NoAnswer: what the errors of urllib3, http.client and TLS say about a request."""

from __future__ import annotations

import http.client
import socket
import ssl
from typing import TYPE_CHECKING

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

from wavefront_api_client._transport.exchange import UnsafeTransport
from wavefront_api_client.exceptions import (
    ApiConnectionException,
    ApiException,
    ApiTimeoutException,
    ApiTlsException,
    InvalidResponseException,
)

if TYPE_CHECKING:
    from wavefront_api_client._transport.exchange import Exchange

_ABOUT_CERTIFICATES = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED")


class NoAnswer:
    """A request that got no answer, or none that could be read.

    :param family: the exception that it is.
    :param reason: what happened, in the words of the library that noticed.
    :param maybe_sent: whether any of the request may have reached the service.
    :param is_hopeless: whether another attempt would fare no better.
    """

    __slots__ = ("family", "is_hopeless", "maybe_sent", "reason")

    def __init__(
        self, family: type[ApiException], reason: str, maybe_sent: bool, is_hopeless: bool
    ) -> None:
        self.family = family
        self.reason = reason
        self.maybe_sent = maybe_sent
        self.is_hopeless = is_hopeless


def read_error(error: Exception, exchange: Exchange) -> NoAnswer:
    """What an error says about a request.

    :param error: of urllib3, or of the system where no connection could be had.
    :param exchange: the request.
    """
    cause = _cause(error)
    reason = f"{type(error).__name__}: {error}"
    if _is_refusal_of_certificate(cause):
        # With TLS 1.3 it comes after the request, which the service has refused to read.
        return NoAnswer(ApiTlsException, reason, maybe_sent=False, is_hopeless=True)
    family = _family(cause, exchange.maybe_sent)
    if exchange.maybe_sent:
        return NoAnswer(family, reason, True, family in (ApiTlsException, InvalidResponseException))
    hopeless = family is ApiTlsException or isinstance(cause, LocationValueError)
    return NoAnswer(family, reason, False, hopeless or exchange.connection_refused_by_proxy)


def _cause(error: BaseException) -> BaseException:
    """The error that urllib3 has put into one that says where it happened."""
    while True:
        inner: object = None
        if isinstance(error, ProxyError):
            inner = error.original_error
        elif isinstance(error, ProtocolError) and error.args:
            inner = error.args[-1]
        if not isinstance(inner, BaseException):
            return error
        error = inner


def _is_refusal_of_certificate(cause: BaseException) -> bool:
    alert = _tls_error(cause)
    reason = str(getattr(alert, "reason", None)) if isinstance(alert, ssl.SSLError) else ""
    return "ALERT" in reason and any(word in reason for word in _ABOUT_CERTIFICATES)


def _is_refused_by_us(cause: BaseException) -> bool:
    """Whether the certificate of the other side is none to trust, also in company of a tool."""
    # Python's and urllib3's own errors about certificates have nothing else in common.
    return isinstance(_tls_error(cause), ValueError)


def _tls_error(cause: BaseException) -> object:
    return cause.args[-1] if isinstance(cause, SSLError) and cause.args else cause


def _family(cause: BaseException, maybe_sent: bool) -> type[ApiException]:
    if isinstance(cause, NewConnectionError):
        # Before timeouts: urllib3 1.26 derives it from ConnectTimeoutError.
        return ApiConnectionException
    if isinstance(cause, (ConnectTimeoutError, ReadTimeoutError, socket.timeout)):
        return ApiTimeoutException
    is_tls = isinstance(cause, (SSLError, ssl.SSLError))
    if is_tls and (not maybe_sent or _is_refused_by_us(cause)):
        return ApiTlsException
    if isinstance(cause, (InvalidHeader, UnsafeTransport)) or _is_not_http(cause):
        return InvalidResponseException
    return ApiConnectionException


def _is_not_http(cause: BaseException) -> bool:
    is_ours = isinstance(
        cause,
        (
            http.client.RemoteDisconnected,
            http.client.NotConnected,
            http.client.ImproperConnectionState,
        ),
    )
    return isinstance(cause, http.client.HTTPException) and not is_ours


def forget_frames(error: BaseException | None, handled: BaseException | None) -> None:
    """Let go of the frames of an error: they hold the answer, while the next one is read.

    :param error: that has been read.
    :param handled: what the caller was handling before: it is a context of the first error, and the
        caller's own.
    """
    while error is not None and error is not handled:
        error.__traceback__ = None
        error = error.__cause__ or error.__context__
