"""_faults: what went wrong on the way becomes an exception and a word for the retry policy."""

from __future__ import annotations

import http.client
from email.utils import formatdate
from types import SimpleNamespace

import pytest
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

from wavefront_api_client._answer import BodyTimeout, UnusableBody
from wavefront_api_client._faults import (
    REDIRECTS,
    fault_of_answer,
    fault_of_body,
    fault_without_answer,
    out_of_time,
    redirect_hint,
    redirect_target,
)
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
NOW = 1_700_000_000.0

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
LOCATION = LocationValueError("no host")


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


@pytest.mark.parametrize(
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
    ],
    ids=lambda value: getattr(value, "__name__", None) or repr(value)[:40],
)
def test_before_the_request_was_sent(error, cls, kind):
    fault = fault_without_answer(error, sent=False)
    assert type(fault.error) is cls
    assert (fault.kind, fault.maybe_acted) == (kind, False)
    assert fault.error.status == 0
    assert fault.error.reason.startswith(f"{type(error).__name__}: ")


@pytest.mark.parametrize(
    ("error", "cls", "kind"),
    [
        (REFUSED, ApiConnectionException, MAYBE_ACTED_ON),
        (CONNECT_TIMEOUT, ApiTimeoutException, MAYBE_ACTED_ON),
        (READ_TIMEOUT, ApiTimeoutException, MAYBE_ACTED_ON),
        (TLS, ApiConnectionException, MAYBE_ACTED_ON),
        (PROXY, ApiConnectionException, MAYBE_ACTED_ON),
        (PROXY_407, ApiConnectionException, MAYBE_ACTED_ON),
        (RESET, ApiConnectionException, MAYBE_ACTED_ON),
        (CLOSED, ApiConnectionException, MAYBE_ACTED_ON),
        (NOT_HTTP, InvalidResponseException, FINAL),
        (HEADER, InvalidResponseException, FINAL),
        (BARE, ApiConnectionException, MAYBE_ACTED_ON),
        (ALONE, ApiConnectionException, MAYBE_ACTED_ON),
        (ALONE_NOT_HTTP, InvalidResponseException, FINAL),
    ],
    ids=lambda value: getattr(value, "__name__", None) or repr(value)[:40],
)
def test_after_the_request_was_sent(error, cls, kind):
    fault = fault_without_answer(error, sent=True)
    assert type(fault.error) is cls
    assert (fault.kind, fault.maybe_acted) == (kind, True)
    assert fault.error.status == 0


def test_the_reason_is_what_urllib3_says():
    fault = fault_without_answer(TLS, sent=False)
    assert fault.error.reason == "SSLError: certificate verify failed"


@pytest.mark.parametrize(
    ("status", "cls", "kind", "maybe_acted"),
    [
        (400, BadRequestException, FINAL, False),
        (404, NotFoundException, FINAL, False),
        (406, ApiException, FINAL, False),
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
    fault = fault_of_answer(answer(status, data='{"error": "m"}'), URL, NOW)
    assert type(fault.error) is cls
    assert (fault.kind, fault.maybe_acted) == (kind, maybe_acted)
    assert (fault.error.status, fault.error.reason) == (status, "Reason")
    assert (fault.error.body, fault.error.message) == ('{"error": "m"}', "m")
    assert fault.error.retry_after is None
    assert fault.error.hint is None


@pytest.mark.parametrize(
    ("status", "kind", "maybe_acted"),
    [
        (429, NOT_ACTED_ON, False),
        (503, NOT_ACTED_ON, False),
        (502, MAYBE_ACTED_ON, True),
        (400, FINAL, False),
    ],
)
@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), (formatdate(NOW + 9, usegmt=True), 9.0)]
)
def test_an_answer_with_retry_after(status, kind, maybe_acted, header, seconds):
    fault = fault_of_answer(answer(status, {"Retry-After": header}), URL, NOW)
    assert (fault.kind, fault.maybe_acted) == (kind, maybe_acted)
    assert fault.error.retry_after == seconds


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_that_was_not_followed_names_the_target_s_origin(status):
    headers = {"Location": "https://other:1/secret-path?secret=1"}
    fault = fault_of_answer(answer(status, headers), URL, NOW)
    assert type(fault.error) is ApiException
    assert fault.kind == FINAL
    assert fault.error.hint.startswith("The redirect to https://other:1 was not followed")
    assert "secret" not in str(fault.error)


def test_the_redirects():
    assert {301, 302, 303, 307, 308} == REDIRECTS


def test_a_body_that_cannot_be_used():
    response = answer(200, {"X": "y"}, reason="OK")
    fault = fault_of_body(UnusableBody("it is broken", b"part\xff"), response)
    assert type(fault.error) is InvalidResponseException
    assert (fault.kind, fault.maybe_acted) == (FINAL, True)
    assert fault.error.status == 200
    assert fault.error.reason == "OK, but the body of the answer cannot be used: it is broken"
    assert fault.error.body == "part�"
    assert fault.error.headers["x"] == "y"


def test_a_body_that_was_interrupted():
    fault = fault_of_body(UnusableBody("it is incomplete", interrupted=True), answer(201))
    assert type(fault.error) is InvalidResponseException
    assert (fault.kind, fault.maybe_acted) == (MAYBE_ACTED_ON, True)
    assert fault.error.status == 201
    assert fault.error.body == ""


def test_a_body_that_did_not_come_in_time():
    fault = fault_of_body(BodyTimeout(), answer(200))
    assert type(fault.error) is ApiTimeoutException
    assert (fault.kind, fault.maybe_acted) == (MAYBE_ACTED_ON, True)
    assert (fault.error.status, fault.error.reason) == (0, "the answer did not come in time")


def test_no_time_left():
    fault = out_of_time(0.5)
    assert type(fault.error) is ApiTimeoutException
    assert (fault.kind, fault.maybe_acted) == (FINAL, False)
    assert fault.error.status == 0
    assert fault.error.reason == "the call did not succeed within 0.5 seconds"


ELSEWHERE = "The redirect to {} was not followed: a credential goes to no other origin."
WITHIN = "A redirect within the origin is followed for GET only, and not for ever."


@pytest.mark.parametrize(
    ("location", "hint"),
    [
        ("https://other/secret?secret", ELSEWHERE.format("https://other")),
        ("//other:1/secret", ELSEWHERE.format("https://other:1")),
        ("https://user:secret@other/x", ELSEWHERE.format("https://other")),
        ("http://h:8443/x", ELSEWHERE.format("http://h:8443")),
        ("https://h/x", ELSEWHERE.format("https://h")),
        ("/secret", WITHIN),
        ("secret", WITHIN),
        ("https://h:8443/secret", WITHIN),
        ("", "It is a redirect that names no target."),
        (None, "It is a redirect that names no target."),
        ("https://[", "It is a redirect to an address that is no URL."),
        ("https://h:x/", "It is a redirect to an address that is no URL."),
    ],
)
def test_why_a_redirect_was_not_followed(location, hint):
    assert redirect_hint(URL, location) == hint


def test_where_a_connection_lies_in_memory_is_no_news():
    error = NewConnectionError("<pool object at 0x7f00>", "refused")
    reason = fault_without_answer(error, sent=False).error.reason
    assert "0x" not in reason
    assert reason == "NewConnectionError: refused"
    error = SSLError("<html object at 0x7f00>: x, <b object at 0x1>: y")
    reason = fault_without_answer(error, sent=False).error.reason
    assert reason == "SSLError: x, <b object at 0x1>: y"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/y", "https://h:8443/y"),
        ("y?z=1", "https://h:8443/api/v2/apitoken/y?z=1"),
        ("https://h:8443/y", "https://h:8443/y"),
        ("HTTPS://H:8443/y", "https://H:8443/y"),
    ],
)
def test_a_redirect_within_the_origin_is_followed(method, status, location, target):
    assert redirect_target(method, URL, answer(status, {"Location": location})) == target


@pytest.mark.parametrize(
    "location",
    [
        "http://h:8443/y",
        "https://h/y",
        "https://h:443/y",
        "https://other:8443/y",
        "https://user@h:8443/y",
        "https://user:pw@h:8443/y",
        "https://:pw@h:8443/y",
        "//other/y",
        "ftp://h:8443/y",
        "https://h.:8443/y",
        "https://[",
        "https://h:x/y",
        "",
    ],
)
def test_a_redirect_elsewhere_is_not(location):
    assert redirect_target("GET", URL, answer(307, {"Location": location})) is None


@pytest.mark.parametrize(
    ("url", "location", "followed"),
    [
        ("https://h/x", "https://h:443/y", True),
        ("https://h:443/x", "https://h/y", True),
        ("http://h/x", "http://h:80/y", True),
        ("https://h/x", "https://h:80/y", False),
        ("http://h/x", "http://h:443/y", False),
        ("http://h/x", "https://h:80/y", False),
        ("http://h/x", "https://h/y", False),
    ],
)
def test_the_port_of_a_scheme_goes_without_saying(url, location, followed):
    target = redirect_target("GET", url, answer(307, {"Location": location}))
    assert target == (location if followed else None)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_what_changes_something_is_not_redirected(method):
    assert redirect_target(method, URL, answer(307, {"Location": "/y"})) is None


@pytest.mark.parametrize("status", [200, 201, 300, 304, 305, 306, 404, 500])
def test_other_answers_are_no_redirects(status):
    assert redirect_target("GET", URL, answer(status, {"Location": "/y"})) is None


def test_a_redirect_without_a_target_is_none():
    assert redirect_target("GET", URL, answer(307)) is None
