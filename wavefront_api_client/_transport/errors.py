"""Makes failures of the errors of urllib3, http.client and TLS."""

from __future__ import annotations

import http.client
import socket
import ssl
from typing import Any

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
from wavefront_api_client._transport.answers import Exchange
from wavefront_api_client._transport.connection import UnsafeTransport
from wavefront_api_client.exceptions import (
    ApiConnectionException,
    ApiException,
    ApiTimeoutException,
    ApiTlsException,
    InvalidResponseException,
)
from wavefront_api_client.retry import FINAL, MAYBE_ACTED_ON, NEVER_SENT

_FAMILIES: tuple[tuple[Any, type[ApiException]], ...] = (
    # Before timeouts: urllib3 1.26 derives it from ConnectTimeoutError.
    ((NewConnectionError, LocationValueError), ApiConnectionException),
    ((ConnectTimeoutError, ReadTimeoutError, socket.timeout), ApiTimeoutException),
    # Python's and urllib3's own errors about certificates have nothing else in common.
    (ValueError, ApiTlsException),
    # The errors of http.client for a connection that was closed, which has no bad answer.
    (
        (
            http.client.RemoteDisconnected,
            http.client.NotConnected,
            http.client.ImproperConnectionState,
        ),
        ApiConnectionException,
    ),
    ((http.client.HTTPException, InvalidHeader, UnsafeTransport), InvalidResponseException),
)
"""The first that fits counts."""

_ABOUT_CERTIFICATES = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED")

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
    advice = _advice(cause)
    # With TLS 1.3 it comes after the request, which the service has refused to read.
    is_sent = exchange.maybe_sent and advice != WRONG_CERTIFICATE
    family = _family(cause, is_sent)
    is_final = (
        family is ApiTlsException
        or (is_sent and family is InvalidResponseException)
        or isinstance(cause, LocationValueError)
        or str(cause).startswith(_REFUSED_BY_PROXY)
    )
    kind = FINAL if is_final else MAYBE_ACTED_ON if is_sent else NEVER_SENT
    failure = Failure(family(0, f"{type(error).__name__}: {said} at {there}"), kind, is_sent)
    failure.error.hint = advice and f"{there} {advice}."
    return failure


def _cause(error: BaseException) -> BaseException:
    """The error that urllib3 has wrapped into another one."""
    while isinstance(error, (ProxyError, ProtocolError, SSLError)) and error.args:
        if not isinstance(error.args[-1], BaseException):
            break
        error = error.args[-1]
    return error


def _advice(cause: BaseException) -> str | None:
    """What to do, as the end of a sentence about the service; None if that is unknown."""
    if isinstance(cause, http.client.BadStatusLine):
        return TLS_ONLY if str(cause).startswith(_ALERT) else None
    reason = str(getattr(cause, "reason", "")) if isinstance(cause, ssl.SSLError) else ""
    if "ALERT" in reason and any(word in reason for word in _ABOUT_CERTIFICATES):
        return WRONG_CERTIFICATE
    if getattr(cause, "verify_code", None) in _UNKNOWN_ISSUER:
        return UNKNOWN_ISSUER
    return NO_TLS if reason in _NO_TLS else None


def _family(cause: BaseException, is_sent: bool) -> type[ApiException]:
    if isinstance(cause, (SSLError, ssl.SSLError)) and not is_sent:
        return ApiTlsException
    found = (family for kinds, family in _FAMILIES if isinstance(cause, kinds))
    return next(found, ApiConnectionException)
