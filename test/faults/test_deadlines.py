"""Point 4: no server holds a call for longer than it was given."""

from __future__ import annotations

import contextlib
import multiprocessing
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import urllib3
from cases import for_all, pairs
from hostile import (
    CALLS,
    OK_CONTAINER,
    Answer,
    Flood,
    Hang,
    HangOnAccept,
    HostileServer,
    Peer,
    Reset,
    Trickle,
    black_hole,
    configuration_for,
    eventually,
    http_answer,
)

from wavefront_api_client import ApiClient, ApiException, ApiTokenApi, Configuration
from wavefront_api_client.exceptions import ApiTimeoutException
from wavefront_api_client.retry import RetryPolicy

OK = http_answer(200, OK_CONTAINER)
HEAD, _, BODY = OK.partition(b"\r\n\r\n")
HEAD += b"\r\n\r\n"


@contextlib.contextmanager
def within(least: float) -> Iterator[None]:
    """Not sooner, and not much later: without a limit, each of these would take a minute or hang."""
    begun = time.monotonic()
    yield
    assert least <= time.monotonic() - begun <= least + 2


def endless_chunks() -> Iterator[bytes]:
    while True:
        yield b"1\r\n \r\n"
        time.sleep(0.01)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

STALLING = {
    "silence": Hang(),
    "silence after the head": Trickle(b"x", 60, head=HEAD),
    "silence in the head": Trickle(b"x", 60, head=HEAD[:30]),
    "silence in the body": Trickle(b"x", 60, head=OK[:-10]),
    "trickled answer": Trickle(OK, 0.02),
    "trickled status line": Trickle(b"HTTP/1.1 200 OK" + b" " * 1000, 0.02),
    "trickled head": Trickle(b"X-Header: y\r\n", 0.02, endless=True, head=b"HTTP/1.1 200 OK\r\n"),
    "trickled body": Trickle(BODY, 0.02, head=HEAD),
    "trickled chunks": Flood(CHUNKED, endless_chunks),
    "trickled chunk size": Trickle(b"0", 0.02, endless=True, head=CHUNKED),
    "trickled trailers": Trickle(b"a: b\r\n", 0.02, endless=True, head=CHUNKED + b"0\r\n"),
    "100 Continue for ever": Trickle(b"HTTP/1.1 100 Continue\r\n\r\n", 0.002, endless=True),
    "body without end": Trickle(b"x", 0.02, True, b"HTTP/1.1 200 OK\r\n\r\n"),
    "trickled error": Trickle(b"x", 0.02, True, b"HTTP/1.1 500 Oh\r\nContent-Length: 9999\r\n\r\n"),
    "redirects": Answer(302, b"", {"Location": "/api/v2/apitoken"}, delay=0.1),
    "slow failures": Hang(0.1),
    "503 again and again": Answer(503, b"", {"Retry-After": "0"}, delay=0.1),
    "503 with a long Retry-After": Answer(503, b"", {"Retry-After": "30"}),
    "429 with a long Retry-After": Answer(429, b"", {"Retry-After": "30"}),
    "no handshake": HangOnAccept(),
}


# There may be no time left for another attempt: then the fault of the last one is told.
FAILING_IN_TIME = {
    "trickled error",
    "slow failures",
    "503 again and again",
    "503 with a long Retry-After",
    "429 with a long Retry-After",
}


@pytest.mark.parametrize("case", STALLING)
def test_a_number_bounds_the_whole_call(connect, case):
    with HostileServer([STALLING[case]]) as server:
        api = connect(server.url, retries=RetryPolicy(retries=1000, backoff=0))
        with within(0), pytest.raises(ApiException) as caught:
            api.get_all_tokens(_request_timeout=0.2)
    if case not in FAILING_IN_TIME:
        assert type(caught.value) is ApiTimeoutException


@pytest.mark.parametrize("kind", ["rename", "delete", "create"])
def test_whatever_the_method(connect, kind):
    with HostileServer([Hang()]) as server:
        with within(0.25), pytest.raises(ApiTimeoutException):
            CALLS[kind](connect(server.url), _request_timeout=0.3)


def test_the_wait_before_a_retry_counts(connect):
    with HostileServer([Answer(503, b"", {"Retry-After": "0"})]) as server:
        api = connect(server.url, retries=RetryPolicy(retries=1000, backoff=1000, backoff_max=1000))
        server.script[0].headers = {}
        with within(0), pytest.raises(ApiException):
            api.get_all_tokens(_request_timeout=0.3)


@pytest.mark.parametrize(
    "timeout",
    [0.3, (0.3, 60), urllib3.Timeout(connect=0.3, read=60)],
    ids=["number", "pair", "Timeout"],
)
def test_connecting_is_bounded(connect, timeout):
    with black_hole() as port:
        api = connect(f"http://127.0.0.1:{port}", retries=0)
        with within(0.25), pytest.raises(ApiTimeoutException):
            api.get_all_tokens(_request_timeout=timeout)


@pytest.mark.parametrize("timeout", [0.3, (0.3, 60)], ids=repr)
def test_the_tls_handshake_is_bounded(connect, timeout):
    with HostileServer([HangOnAccept()]) as server:
        api = connect(server.url.replace("http:", "https:"), retries=0)
        with within(0.25), pytest.raises(ApiTimeoutException):
            api.get_all_tokens(_request_timeout=timeout)


@pytest.mark.parametrize(
    "step", [Hang(), Trickle(b"x", 0.02, endless=True)], ids=["hang", "trickle"]
)
def test_a_trickling_tls_handshake_is_bounded(connect, step):
    step.on_accept = True
    with HostileServer([step]) as server:
        api = connect(server.url.replace("http:", "https:"), retries=0)
        with within(0), pytest.raises(ApiException):
            api.get_all_tokens(_request_timeout=0.3)


TUNNEL = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "step",
    [Hang(), Trickle(b"X: y\r\n", 0.02, endless=True, head=TUNNEL)],
    ids=["hang", "trickle"],
)
def test_the_proxy_is_bounded(connect, step):
    with HostileServer([step]) as proxy:
        api = connect("https://wavefront.invalid", proxy=proxy.url, retries=0)
        with within(0), pytest.raises(ApiTimeoutException):
            api.get_all_tokens(_request_timeout=0.3)


def test_tls_answers_are_bounded(connect, server_tls, ca_file):
    with HostileServer([Trickle(OK, 0.02)], tls=server_tls()) as server:
        api = connect(server.url, ssl_ca_cert=ca_file)
        with within(0.25), pytest.raises(ApiTimeoutException):
            api.get_all_tokens(_request_timeout=0.3)


PAIRS = {
    "pair": (5, 0.2),
    "list": [5, 0.2],
    "urllib3 read": urllib3.Timeout(connect=5, read=0.2),
    "urllib3 total": urllib3.Timeout(total=0.2),
    "no connect limit": (None, 0.2),
}


@pytest.mark.parametrize(("form", "case"), pairs(PAIRS, ["silence", "trickled body"], 2))
def test_reading_is_bounded_to_the_last_byte(connect, form, case):
    with HostileServer([STALLING[case]]) as server:
        api = connect(server.url, retries=0)
        with within(0.15), pytest.raises(ApiTimeoutException):
            api.get_all_tokens(_request_timeout=PAIRS[form])


def test_a_pair_is_for_each_attempt(connect):
    with HostileServer([Hang()]) as server:
        with within(0.25), pytest.raises(ApiTimeoutException) as caught:
            connect(server.url).get_all_tokens(_request_timeout=(5, 0.1))
        assert eventually(lambda: len(server.requests) == 3)
    assert caught.value.attempts == 3


@pytest.mark.parametrize(
    "value", [0.2, (5, 0.2), urllib3.Timeout(total=0.2)], ids=["number", "pair", "Timeout"]
)
def test_the_setting_is_used(connect, value):
    with HostileServer([Hang()]) as server:
        with within(0.15), pytest.raises(ApiTimeoutException):
            connect(server.url, request_timeout=value, retries=0).get_all_tokens()


def test_a_list_of_limits_may_change_between_calls(connect):
    limits = [5, 60]
    with HostileServer([Answer(), Hang()]) as server:
        api = connect(server.url, request_timeout=limits, retries=0)
        api.get_all_tokens()
        limits[1] = 0.1
        with within(0.05), pytest.raises(ApiTimeoutException):
            api.get_all_tokens()


def test_a_body_that_nobody_reads_is_given_up(connect):
    with HostileServer([HangOnAccept()]) as server:
        api = connect(server.url, retries=0)
        body = {"tokenName": "x" * (16 << 20)}
        with within(0.15), pytest.raises(ApiTimeoutException):
            api.update_token_name("t", body=body, _request_timeout=(10, 0.2))


def test_an_explicit_none_beats_the_setting(connect):
    with HostileServer([Answer(delay=0.15)]) as server:
        api = connect(server.url, request_timeout=0.05, retries=0)
        assert api.get_all_tokens(_request_timeout=None).status.result == "OK"


def test_without_limit_there_is_none(connect):
    with HostileServer([Answer(delay=0.15)]) as server:
        api = connect(server.url, request_timeout=None)
        assert api.get_all_tokens().status.result == "OK"


def test_the_defaults():
    assert repr(Configuration().request_timeout) == "Timeouts(connect=10, read=None, total=60)"


WRONG = {
    "zero": (0, ValueError),
    "negative": (-1, ValueError),
    "nan": (float("nan"), ValueError),
    "inf": (float("inf"), ValueError),
    "too large": (1e300, ValueError),
    "bool": (True, TypeError),
    "text": ("1", TypeError),
    "bytes": (b"1", TypeError),
    "triple": ((1, 2, 3), (TypeError, ValueError)),
    "empty pair": ((), (TypeError, ValueError)),
    "zero in a pair": ((0, 1), ValueError),
    "text in a pair": ((1, "1"), TypeError),
    "object": (object(), TypeError),
}


@for_all("case", WRONG)
@for_all("place", ["call", "async call", "setting"])
def test_wrong_limits_are_refused(connect, place, case):
    value, error = WRONG[case]
    with HostileServer([Answer()]) as server:
        api = connect(server.url)
        with pytest.raises(error):
            if place == "setting":
                api.api_client.configuration.request_timeout = value
            else:
                api.get_all_tokens(_request_timeout=value, async_req=place == "async call")
    assert server.requests == []


@dataclass
class WhenTold(Answer):
    """An answer that waits for the test, and tells it when it is sent."""

    may: threading.Event = field(default_factory=threading.Event)
    is_sent: threading.Event = field(default_factory=threading.Event)

    def act(self, peer: Peer) -> bool:
        self.may.wait(10)
        try:
            return super().act(peer)
        finally:
            self.is_sent.set()


def test_a_late_answer_is_not_taken_for_the_next_one(connect):
    late = WhenTold(200, {"status": {"result": "OK"}, "response": [{"tokenID": "late"}]})
    with HostileServer([late, Answer()]) as server:
        api = connect(server.url, retries=0)
        with pytest.raises(ApiTimeoutException):
            api.get_all_tokens(_request_timeout=0.3)
        late.may.set()
        assert late.is_sent.wait(5)
        assert api.get_all_tokens().response == []


def test_waiting_for_an_asynchronous_call(connect):
    answer = WhenTold()
    with HostileServer([answer]) as server:
        result = connect(server.url).get_all_tokens(async_req=True)
        with within(0.04), pytest.raises(multiprocessing.TimeoutError):
            result.get(0.05)
        assert not result.ready()
        answer.may.set()
        result.wait(5)
        assert result.ready() and result.successful()
        assert result.get().status.result == "OK"


def test_the_bound_of_an_asynchronous_call(connect):
    with HostileServer([Hang()]) as server:
        result = connect(server.url).get_all_tokens(async_req=True, _request_timeout=0.2)
        with within(0.1), pytest.raises(ApiTimeoutException):
            result.get(5)
        assert not result.successful()


def test_many_stalled_calls_leave_nothing_behind(connect):
    threads = set(threading.enumerate())
    with HostileServer([Trickle(OK, 0.02)]) as server:
        with ApiClient(configuration_for(server.url, retries=0)) as client:
            for _ in range(10):
                with pytest.raises(ApiTimeoutException):
                    ApiTokenApi(client).get_all_tokens(_request_timeout=0.1)
            assert eventually(lambda: len(server.requests) == 10)
    assert set(threading.enumerate()) <= threads


def test_the_default_timeout_of_sockets_is_left_alone(connect):
    with HostileServer([Answer()]) as server:
        connect(server.url).get_all_tokens(_request_timeout=3)
    assert socket.getdefaulttimeout() is None


def test_time_left_is_not_carried_over(connect):
    """A kept connection does not inherit the short limit of the call before."""
    with HostileServer([Answer(), Answer(delay=1.1), Reset()]) as server:
        api = connect(server.url, retries=0)
        api.get_all_tokens(_request_timeout=1)
        assert api.get_all_tokens(_request_timeout=5).status.result == "OK"
        assert server.connections == 1
