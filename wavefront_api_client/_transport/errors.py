"""Makes failures of the errors of urllib3, http.client and TLS."""

from __future__ import annotations

import socket
import ssl
from http import client as http
from typing import Any

from urllib3 import exceptions as theirs

from wavefront_api_client import exceptions as ours
from wavefront_api_client._core.failures import Failure
from wavefront_api_client._core.secrets import LONGEST_TEXT, origin_of
from wavefront_api_client._transport.answers import Exchange
from wavefront_api_client._transport.connection import UnsafeTransport
from wavefront_api_client.retry import FINAL, MAYBE_ACTED_ON, NEVER_SENT

_WRAPPERS = (theirs.ProxyError, theirs.ProtocolError, theirs.SSLError)

_FAMILIES: tuple[tuple[Any, type[ours.ApiException]], ...] = (
    # Before timeouts: urllib3 1.26 derives it from ConnectTimeoutError.
    ((theirs.NewConnectionError, theirs.LocationValueError), ours.ApiConnectionException),
    ((theirs.TimeoutError, socket.timeout), ours.ApiTimeoutException),
    # Python's and urllib3's own errors about certificates have nothing else in common.
    (ValueError, ours.ApiTlsException),
    # A connection that was closed, which is not a bad answer.
    ((ConnectionError, http.NotConnected), ours.ApiConnectionException),
    (http.ImproperConnectionState, ours.ApiConnectionException),
    ((http.HTTPException, theirs.InvalidHeader, UnsafeTransport), ours.InvalidResponseException),
)
"""The first that fits counts."""

_ABOUT_CERTIFICATES = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED")

_UNKNOWN_ISSUER = frozenset({18, 19, 20, 21})
"""Codes of OpenSSL for a self-signed certificate, and for an unknown issuer."""

_NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE"})

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
        family is ours.ApiTlsException
        or (is_sent and family is ours.InvalidResponseException)
        or isinstance(cause, theirs.LocationValueError)
        # A proxy has answered 4xx.
        or str(cause).startswith("Tunnel connection failed: 4")
    )
    kind = FINAL if is_final else MAYBE_ACTED_ON if is_sent else NEVER_SENT
    failure = Failure(family(0, f"{type(error).__name__}: {said} at {there}"), kind, is_sent)
    failure.error.hint = advice and f"{there} {advice}."
    return failure


def _cause(error: BaseException) -> BaseException:
    """The error that urllib3 has wrapped into another one."""
    inner = error.args[-1] if isinstance(error, _WRAPPERS) and error.args else None
    return _cause(inner) if isinstance(inner, BaseException) else error


def _advice(cause: BaseException) -> str | None:
    """What to do, as the end of a sentence about the service; None if that is unknown."""
    if isinstance(cause, http.BadStatusLine):
        # A TLS alert begins so.
        return TLS_ONLY if str(cause).startswith("\x15\x03") else None
    reason = str(getattr(cause, "reason", "")) if isinstance(cause, ssl.SSLError) else ""
    if "ALERT" in reason and any(word in reason for word in _ABOUT_CERTIFICATES):
        return WRONG_CERTIFICATE
    if getattr(cause, "verify_code", None) in _UNKNOWN_ISSUER:
        return UNKNOWN_ISSUER
    return NO_TLS if reason in _NO_TLS else None


def _family(cause: BaseException, is_sent: bool) -> type[ours.ApiException]:
    if isinstance(cause, (theirs.SSLError, ssl.SSLError)) and not is_sent:
        return ours.ApiTlsException
    found = (family for kinds, family in _FAMILIES if isinstance(cause, kinds))
    return next(found, ours.ApiConnectionException)
