"""Makes failures of the errors of urllib3, http.client and TLS."""

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

from wavefront_api_client._core.failures import Failure
from wavefront_api_client._core.secrets import LONGEST_TEXT, origin_of
from wavefront_api_client._transport.connection import UnsafeTransport
from wavefront_api_client.exceptions import (
    ApiConnectionException,
    ApiException,
    ApiTimeoutException,
    ApiTlsException,
    InvalidResponseException,
)
from wavefront_api_client.retry import FINAL, MAYBE_ACTED_ON, NEVER_SENT

if TYPE_CHECKING:
    from wavefront_api_client._transport.answers import Exchange

_ABOUT_CERTIFICATES = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED")

_CLOSED = (
    http.client.RemoteDisconnected,
    http.client.NotConnected,
    http.client.ImproperConnectionState,
)
"""The text of http.client for a connection that was closed."""

_UNKNOWN_ISSUER = frozenset({18, 19, 20, 21})
"""Codes of OpenSSL for a self-signed certificate, and for an unknown issuer."""

_NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE"})

_REFUSED_BY_PROXY = "Tunnel connection failed: 4"
"""The beginning of the text of http.client for a proxy that answers 4xx."""

_ALERT = "\x15\x03"
"""The beginning of the name of a TLS alert."""

UNKNOWN_ISSUER = (
    "has a certificate of an authority that this client does not know: set ssl_ca_cert to a file"
    " with that of the authority"
)
WRONG_CERTIFICATE = (
    "asks for a certificate of the client and does not accept what it got: see cert_file, key_file"
)
NO_TLS = (
    "does not speak TLS, or a proxy before it does not: check the port, or whether the address"
    " begins with http://"
)
TLS_ONLY = "speaks TLS only: let the address begin with https://"


def read_error(error: Exception, exchange: Exchange, url: str) -> Failure:
    """The failure of a request without an answer, or without one that could be read."""
    cause, there, said = _cause(error), origin_of(url), str(error)
    # Whole or not at all: what hides secrets would not know a part of one.
    said = said if len(said) < LONGEST_TEXT else "too long to show"
    failure = _failure(cause, exchange, f"{type(error).__name__}: {said} at {there}")
    advice = _advice(cause)
    failure.error.hint = advice and f"{there} {advice}."
    return failure


def _advice(cause: BaseException) -> str | None:
    """What to do, as the end of a sentence about the service; None if that is unknown."""
    if isinstance(cause, http.client.BadStatusLine):
        return TLS_ONLY if str(cause).startswith(_ALERT) else None
    if _is_refusal_of_certificate(cause):
        return WRONG_CERTIFICATE
    error = _tls_error(cause)
    if getattr(error, "verify_code", None) in _UNKNOWN_ISSUER:
        return UNKNOWN_ISSUER
    return NO_TLS if getattr(error, "reason", None) in _NO_TLS else None


def _failure(cause: BaseException, exchange: Exchange, reason: str) -> Failure:
    if _is_refusal_of_certificate(cause):
        # With TLS 1.3 it comes after the request, which the service has refused to read.
        return Failure(ApiTlsException(0, reason), FINAL, maybe_acted=False)
    family = _family(cause, exchange.maybe_sent)
    is_sent = exchange.maybe_sent
    is_final = family is ApiTlsException or (is_sent and family is InvalidResponseException)
    # Another attempt would end in the same way.
    is_refused = str(cause).startswith(_REFUSED_BY_PROXY) or isinstance(cause, LocationValueError)
    kind = MAYBE_ACTED_ON if is_sent else NEVER_SENT
    return Failure(family(0, reason), FINAL if is_final or is_refused else kind, is_sent)


def _cause(error: BaseException) -> BaseException:
    """The error that urllib3 has wrapped into another one."""
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


def _tls_error(cause: BaseException) -> object:
    return cause.args[-1] if isinstance(cause, SSLError) and cause.args else cause


def _family(cause: BaseException, maybe_sent: bool) -> type[ApiException]:
    if isinstance(cause, NewConnectionError):
        # Before timeouts: urllib3 1.26 derives it from ConnectTimeoutError.
        return ApiConnectionException
    if isinstance(cause, (ConnectTimeoutError, ReadTimeoutError, socket.timeout)):
        return ApiTimeoutException
    # Python's and urllib3's own errors about certificates have nothing else in common.
    is_refused_by_us = isinstance(_tls_error(cause), ValueError)
    if isinstance(cause, (SSLError, ssl.SSLError)) and (not maybe_sent or is_refused_by_us):
        return ApiTlsException
    is_not_http = isinstance(cause, http.client.HTTPException) and not isinstance(cause, _CLOSED)
    if is_not_http or isinstance(cause, (InvalidHeader, UnsafeTransport)):
        return InvalidResponseException
    return ApiConnectionException
