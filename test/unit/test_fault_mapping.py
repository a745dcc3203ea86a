"""_core.failures: what went wrong on the way becomes an exception and a word for the retry policy."""

from __future__ import annotations

import http.client
import socket
import ssl
from types import SimpleNamespace

import pytest
from cases import for_all
from urllib3._collections import HTTPHeaderDict
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

from wavefront_api_client._core.failures import (
    UnusableBody,
    failure_of_answer,
    failure_of_body,
    out_of_time,
)
from wavefront_api_client._core.limits import parse_timeout
from wavefront_api_client._transport.answers import Exchange
from wavefront_api_client._transport.connection import UnsafeTransport
from wavefront_api_client._transport.errors import read_error
from wavefront_api_client.exceptions import (
    ApiConnectionException,
    ApiException,
    ApiTimeoutException,
    ApiTlsException,
    BadRequestException,
    InvalidResponseException,
    NotFoundException,
    ServiceException,
    TooManyRequestsException,
)
from wavefront_api_client.retry import FINAL, MAYBE_ACTED_ON, NEVER_SENT, NOT_ACTED_ON

URL = "https://h:8443/api/v2/apitoken/x"

REFUSED = NewConnectionError(None, "refused")
CONNECT_TIMEOUT = ConnectTimeoutError(None, "too slow")
READ_TIMEOUT = ReadTimeoutError(None, "/", "too slow")
TLS = SSLError("certificate verify failed")
PROXY = ProxyError("Unable to connect to proxy", OSError("refused"))
PROXY_407 = ProxyError("x", OSError("Tunnel connection failed: 407 Proxy Authentication"))
PROXY_503 = ProxyError("x", OSError("Tunnel connection failed: 503 Service Unavailable"))
RESET = ProtocolError("Connection aborted.", ConnectionResetError(104, "reset"))
CLOSED = ProtocolError("Connection aborted.", http.client.RemoteDisconnected("closed"))
NOT_HTTP = ProtocolError("Connection aborted.", http.client.BadStatusLine("garbage"))
BARE = ProtocolError()
ALONE = ProtocolError("Connection broken")
ALONE_NOT_HTTP = ProtocolError(http.client.BadStatusLine("garbage"))
HEADER = InvalidHeader("bad content length")
CERTIFICATE = SSLError(ValueError("hostname doesn't match"))
SEND_TIMEOUT = ProtocolError("Connection aborted.", socket.timeout("timed out"))
CLOSED_UNDER_IT = ProtocolError("Connection aborted.", http.client.NotConnected())
UNSAFE = UnsafeTransport("what")
LOCATION = LocationValueError("no host")


def without_answer(error, sent):
    exchange = Exchange("POST", parse_timeout(None))
    exchange.maybe_sent = sent
    return read_error(error, exchange, URL)


def answer(status, headers=None, data="", reason="Reason"):
    fields = HTTPHeaderDict(headers or {})
    return SimpleNamespace(
        status=status,
        reason=reason,
        data=data,
        headers=fields,
        getheaders=lambda: fields,
        getheader=fields.get,
    )


@for_all(
    ("error", "cls", "kind"),
    [
        (REFUSED, ApiConnectionException, NEVER_SENT),
        (CONNECT_TIMEOUT, ApiTimeoutException, NEVER_SENT),
        (READ_TIMEOUT, ApiTimeoutException, NEVER_SENT),
        (TLS, ApiTlsException, FINAL),
        (PROXY, ApiConnectionException, NEVER_SENT),
        (PROXY_407, ApiConnectionException, FINAL),
        (PROXY_503, ApiConnectionException, NEVER_SENT),
        (RESET, ApiConnectionException, NEVER_SENT),
        (CLOSED, ApiConnectionException, NEVER_SENT),
        (NOT_HTTP, InvalidResponseException, NEVER_SENT),
        (BARE, ApiConnectionException, NEVER_SENT),
        (ALONE, ApiConnectionException, NEVER_SENT),
        (LOCATION, ApiConnectionException, FINAL),
        (CERTIFICATE, ApiTlsException, FINAL),
        (SEND_TIMEOUT, ApiTimeoutException, NEVER_SENT),
    ],
)
def test_before_the_request_was_sent(error, cls, kind):
    fault = without_answer(error, sent=False)
    assert type(fault.error) is cls
    assert (fault.kind, fault.maybe_acted) == (kind, False)
    assert fault.error.status == 0
    assert fault.error.reason.startswith(f"{type(error).__name__}: ")


@for_all(
    ("error", "cls", "kind"),
    [
        (REFUSED, ApiConnectionException, MAYBE_ACTED_ON),
        (CONNECT_TIMEOUT, ApiTimeoutException, MAYBE_ACTED_ON),
        (READ_TIMEOUT, ApiTimeoutException, MAYBE_ACTED_ON),
        (TLS, ApiConnectionException, MAYBE_ACTED_ON),
        (PROXY, ApiConnectionException, MAYBE_ACTED_ON),
        (PROXY_407, ApiConnectionException, FINAL),
        (RESET, ApiConnectionException, MAYBE_ACTED_ON),
        (CLOSED, ApiConnectionException, MAYBE_ACTED_ON),
        (NOT_HTTP, InvalidResponseException, FINAL),
        (HEADER, InvalidResponseException, FINAL),
        (BARE, ApiConnectionException, MAYBE_ACTED_ON),
        (ALONE, ApiConnectionException, MAYBE_ACTED_ON),
        (ALONE_NOT_HTTP, InvalidResponseException, FINAL),
        (SEND_TIMEOUT, ApiTimeoutException, MAYBE_ACTED_ON),
        (CLOSED_UNDER_IT, ApiConnectionException, MAYBE_ACTED_ON),
        (UNSAFE, InvalidResponseException, FINAL),
    ],
)
def test_after_the_request_was_sent(error, cls, kind):
    fault = without_answer(error, sent=True)
    assert type(fault.error) is cls
    assert (fault.kind, fault.maybe_acted) == (kind, True)
    assert fault.error.status == 0


@for_all(
    "reason",
    [
        "TLSV13_ALERT_CERTIFICATE_REQUIRED",
        "SSLV3_ALERT_BAD_CERTIFICATE",
        "SSLV3_ALERT_CERTIFICATE_EXPIRED",
        "TLSV1_ALERT_UNKNOWN_CA",
        "TLSV1_ALERT_ACCESS_DENIED",
    ],
)
def test_an_alert_about_our_certificate_says_that_nothing_was_done(reason):
    alert = ssl.SSLError(1, "what")
    alert.reason = reason
    for error in (SSLError(alert), ProxyError("x", alert), ProtocolError("x", alert)):
        fault = without_answer(error, sent=True)
        assert type(fault.error) is ApiTlsException
        assert (fault.kind, fault.maybe_acted) == (FINAL, False)
        assert "asks for a certificate of the client" in fault.error.hint


@pytest.mark.parametrize(
    "reason", [None, "TLSV1_ALERT_INTERNAL_ERROR", "CERTIFICATE_VERIFY_FAILED"]
)
def test_other_errors_of_tls_after_sending_leave_it_open(reason):
    alert = ssl.SSLError(1, "what")
    alert.reason = reason
    fault = without_answer(SSLError(alert), sent=True)
    assert type(fault.error) is ApiConnectionException
    assert (fault.kind, fault.maybe_acted) == (MAYBE_ACTED_ON, True)


@pytest.mark.parametrize(
    "error", [ssl.SSLCertVerificationError(1, "x"), ValueError("another name")]
)
def test_a_certificate_that_was_not_accepted_is_final_whatever_was_sent(error):
    for wrapped in (SSLError(error), ProxyError("x", SSLError(error))):
        fault = without_answer(wrapped, sent=True)
        assert type(fault.error) is ApiTlsException
        assert (fault.kind, fault.maybe_acted) == (FINAL, True)


def test_the_reason_is_what_urllib3_says():
    fault = without_answer(TLS, sent=False)
    assert fault.error.reason == "SSLError: certificate verify failed at https://h:8443"


@for_all(
    ("status", "cls", "kind", "maybe_acted"),
    [
        (400, BadRequestException, FINAL, False),
        (404, NotFoundException, FINAL, False),
        (406, ApiException, NOT_ACTED_ON, False),
        (429, TooManyRequestsException, NOT_ACTED_ON, False),
        (499, ApiException, FINAL, False),
        (500, ServiceException, FINAL, True),
        (501, ServiceException, FINAL, True),
        (502, ServiceException, MAYBE_ACTED_ON, True),
        (503, ServiceException, MAYBE_ACTED_ON, True),
        (504, ServiceException, MAYBE_ACTED_ON, True),
        (304, ApiException, FINAL, False),
    ],
)
def test_an_answer_by_its_status(status, cls, kind, maybe_acted):
    fault = failure_of_answer(answer(status, data='{"error": "m"}'), URL)
    assert type(fault.error) is cls
    assert (fault.kind, fault.maybe_acted) == (kind, maybe_acted)
    assert (fault.error.status, fault.error.reason) == (status, "Reason")
    assert (fault.error.body, fault.error.message) == ('{"error": "m"}', "m")
    assert fault.error.retry_after is None
    assert fault.error.hint is None


@for_all(
    ("status", "kind", "maybe_acted"),
    [
        (429, NOT_ACTED_ON, False),
        (503, NOT_ACTED_ON, False),
        (502, MAYBE_ACTED_ON, True),
        (400, FINAL, False),
    ],
)
@for_all(("header", "seconds"), [("7", 7.0), ("Tue, 14 Nov 2023 22:13:20 GMT", 0.0)])
def test_an_answer_with_retry_after(status, kind, maybe_acted, header, seconds):
    fault = failure_of_answer(answer(status, {"Retry-After": header}), URL)
    assert (fault.kind, fault.maybe_acted) == (kind, maybe_acted)
    assert fault.error.retry_after == seconds


@for_all("status", [301, 302, 303, 307, 308])
def test_a_redirect_that_was_not_followed_names_the_target_s_origin(status):
    headers = {"Location": "https://other:1/secret-path?secret=1"}
    fault = failure_of_answer(answer(status, headers), URL)
    assert type(fault.error) is ApiException
    assert fault.kind == FINAL
    assert fault.error.hint.startswith("The redirect to https://other:1 was not followed")
    assert "secret" not in str(fault.error)


def test_a_body_that_cannot_be_used():
    response = answer(200, {"X": "y"}, reason="OK")
    fault = failure_of_body(UnusableBody("it is broken", b"part\xff"), response)
    assert type(fault.error) is InvalidResponseException
    assert (fault.kind, fault.maybe_acted) == (FINAL, True)
    assert fault.error.status == 200
    assert fault.error.reason == "OK, but the body of the answer cannot be used: it is broken"
    assert fault.error.body == "part�"
    assert fault.error.headers["x"] == "y"


def test_a_body_that_was_interrupted():
    fault = failure_of_body(UnusableBody("it is incomplete", interrupted=True), answer(201))
    assert type(fault.error) is InvalidResponseException
    assert (fault.kind, fault.maybe_acted) == (MAYBE_ACTED_ON, True)
    assert fault.error.status == 201
    assert fault.error.body == ""


def test_a_body_that_did_not_come_in_time():
    fault = failure_of_body(UnusableBody(""), answer(200))
    assert type(fault.error) is ApiTimeoutException
    assert (fault.kind, fault.maybe_acted) == (MAYBE_ACTED_ON, True)
    assert (fault.error.status, fault.error.reason) == (0, "the answer did not come in time")


def test_no_time_left():
    fault = out_of_time(0.5)
    assert type(fault.error) is ApiTimeoutException
    assert (fault.kind, fault.maybe_acted) == (FINAL, False)
    assert fault.error.status == 0
    assert fault.error.reason == "the call did not succeed within 0.5 seconds"
