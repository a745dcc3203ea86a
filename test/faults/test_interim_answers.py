"""Interim answers (1xx) are skipped: each call gets the final answer that belongs to it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator

import pytest
from cases import for_all
from hostile import CALLS, Answer, Flood, HostileServer, Peer, Step, http_answer
from wire import (
    CALLERS,
    FOREIGN,
    Say,
    SayAfterwards,
    SayAndWait,
    SayOnce,
    Tunnel,
    alice,
    bob,
    calls_get_their_own,
    names,
    own,
    within,
)

from wavefront_api_client.exceptions import (
    ApiConnectionException,
    ApiException,
    ApiTimeoutException,
    InvalidResponseException,
    NotFoundException,
)


def interim(status: int, *headers: str, reason: str = " Wait") -> bytes:
    lines = [f"HTTP/1.1 {status}{reason}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1")


QUICK = {"retries": 0, "request_timeout": 5}

LINK = "Link: </style.css>; rel=preload"

INTERIM = {
    "100": interim(100, reason=" Continue"),
    "100 with headers": interim(100, "X-Interim: yes", "Date: now"),
    "102": interim(102, reason=" Processing"),
    "103": interim(103, reason=" Early Hints"),
    "103 with headers": interim(103, LINK, LINK, "X-Interim: yes"),
    "103 without reason": interim(103, reason=""),
    "104": interim(104, "X-Interim: yes"),
    "150": interim(150),
    "199": interim(199),
    "with the headers of a final answer": interim(
        103, "Content-Type: text/html", "Content-Encoding: gzip", "Retry-After: 9", "Set-Cookie: a"
    ),
    "with connection close": interim(103, "Connection: close"),
    "two": interim(103, LINK) * 2,
    "five of all kinds": interim(100) + interim(102) + interim(103, LINK) + interim(100) * 2,
}


@pytest.fixture
def tls(server_tls, ca_file, request):
    """What a server and its client need, with and without TLS: (for the one, for the other)."""
    if request.param == "http":
        return {}, {}
    return {"tls": server_tls()}, {"ssl_ca_cert": ca_file}


both = pytest.mark.parametrize("tls", ["http", "https"], indirect=True)


# --- skipped ----------------------------------------------------------------------------------


@both
@for_all("case", INTERIM)
@pytest.mark.parametrize("how", [Say, SayOnce], ids=["apart", "together"])
def test_alice_gets_her_own_answer_and_bob_gets_his(connect, case, how, tls):
    with HostileServer([how(INTERIM[case], own)], **tls[0]) as server:
        api = connect(server.url, **QUICK, **tls[1])
        for _ in range(3):
            assert names(alice(api)) == ["GET alice"]
            assert names(bob(api)) == ["GET bob"]
    assert len(server.requests) == 6


@for_all("case", INTERIM)
def test_a_post_that_made_a_token_returns_it(connect, case):
    with HostileServer([Say(INTERIM[case], own)]) as server:
        api = connect(server.url, **QUICK)
        assert names(api.create_token()) == ["POST apitoken"]
        assert calls_get_their_own(api, "get", "create", "create")
    assert len(server.requests) == 4


@for_all("kind", CALLS)
def test_every_kind_of_call(connect, kind):
    with HostileServer([Say(interim(103, LINK), own)]) as server:
        api = connect(server.url, **QUICK)
        CALLS[kind](api)
        assert calls_get_their_own(api, "get", "create")
    assert len(server.requests) == 3


@both
def test_the_connection_is_kept(connect, tls):
    with HostileServer([Say(INTERIM["five of all kinds"], own)], **tls[0]) as server:
        assert calls_get_their_own(
            connect(server.url, request_timeout=5, **tls[1]), "get", "create", "get"
        )
    assert server.connections == 1


def test_status_and_headers_are_those_of_the_final_answer(connect):
    final = Answer(200, headers={"X-Final": "yes"}, reason="Fine")
    script = [Say(interim(103, LINK, "X-Interim: yes"), http_answer(200, b"{}", {"X-Final": "1"}))]
    with HostileServer([*script, final]) as server:
        api = connect(server.url, **QUICK)
        _, status, headers = api.get_all_tokens_with_http_info()
        assert (status, headers["X-Final"]) == (200, "1")
        assert "Link" not in headers and "X-Interim" not in headers
        assert api.get_all_tokens_with_http_info()[2]["X-Final"] == "yes"


def test_an_error_behind_it_is_the_error(connect):
    script = [Say(interim(103, "X-Interim: yes"), http_answer(404, b"no such token")), Say(own)]
    with HostileServer(script) as server:
        api = connect(server.url, **QUICK)
        with pytest.raises(NotFoundException) as caught:
            api.create_token()
        assert (caught.value.body, caught.value.outcome_unknown) == ("no such token", False)
        assert "X-Interim" not in caught.value.headers
        assert calls_get_their_own(api, "create", "get")
    assert server.connections == 1


@for_all("status", [204, 304])
def test_a_final_answer_without_a_body(connect, status):
    bodiless = b"HTTP/1.1 %d Whatever\r\n\r\n" % status
    with HostileServer([Say(interim(102) * 2, bodiless), Say(own)]) as server:
        api = connect(server.url, **QUICK)
        if status == 204:
            assert api.get_all_tokens_with_http_info()[1] == 204
        else:
            with pytest.raises(ApiException) as caught:
                api.get_all_tokens()
            assert caught.value.status == 304
        assert calls_get_their_own(api, "create", "get")
    assert server.connections == 1


def test_the_answer_to_a_head_request(connect):
    with HostileServer([Say(interim(103, LINK), b"HTTP/1.1 200 OK\r\n\r\n"), Say(own)]) as server:
        api = connect(server.url, **QUICK)
        assert api.api_client.call_api("/api/v2/apitoken", "HEAD")[:2] == (None, 200)
        assert calls_get_their_own(api, "create", "get")
    assert server.connections == 1


def test_an_unread_answer(connect):
    with HostileServer([Say(INTERIM["five of all kinds"], own)]) as server:
        api = connect(server.url, **QUICK)
        unread = alice(api, _preload_content=False)
        assert unread.status == 200
        assert calls_get_their_own(api, "create", "get")
        assert json.loads(unread.read())["response"][0]["tokenName"] == "GET alice"


def test_a_redirect_behind_it(connect):
    moved = http_answer(302, b"moved", {"Location": "/api/v2/apitoken/serviceaccount/bob"})
    with HostileServer([Say(interim(103), moved), Say(interim(103), own)]) as server:
        api = connect(server.url, **QUICK)
        assert names(alice(api)) == ["GET bob"]
        assert calls_get_their_own(api, "get", "create")


def test_a_retry_behind_it(connect):
    busy = http_answer(503, b"busy", {"Retry-After": "0"})
    with HostileServer([Say(interim(103), busy), Say(interim(103), own)]) as server:
        assert names(connect(server.url, request_timeout=5).create_token()) == ["POST apitoken"]
    assert len(server.requests) == 2


def test_byte_by_byte(connect):
    class Bytewise(Step):
        def act(self, peer: Peer) -> bool:
            for byte in interim(103, LINK) + interim(102) + own(peer.request):
                peer.send(bytes([byte]))
            return True

    with HostileServer([Bytewise()]) as server:
        assert calls_get_their_own(connect(server.url, **QUICK), "get", "create", "get")


# --- a proxy ----------------------------------------------------------------------------------


@for_all("case", ["100", "102", "103 with headers", "two", "five of all kinds"])
def test_in_the_answer_of_a_proxy_to_connect(connect, server_tls, ca_file, case):
    with HostileServer([Say(own)], tls=server_tls()) as server:
        step = Tunnel(server.port, INTERIM[case] + b"HTTP/1.1 200 OK\r\n\r\n")
        with HostileServer([step]) as proxy:
            api = connect(server.url, proxy=proxy.url, ssl_ca_cert=ca_file, **QUICK)
            assert calls_get_their_own(api, "get", "create")
    assert (server.connections, len(server.requests)) == (1, 2)


@for_all("case", ["102", "103 with headers", "five of all kinds"])
def test_of_the_service_behind_a_tunnel(connect, server_tls, ca_file, case):
    with HostileServer([Say(INTERIM[case], own)], tls=server_tls()) as server:
        with HostileServer([Tunnel(server.port)]) as proxy:
            api = connect(server.url, proxy=proxy.url, ssl_ca_cert=ca_file, **QUICK)
            assert calls_get_their_own(api, "get", "create", "get")
    assert (server.connections, len(server.requests)) == (1, 3)


@for_all("case", ["102", "103 with headers"])
def test_through_a_proxy_without_a_tunnel(connect, case):
    with HostileServer([Say(INTERIM[case], own)]) as proxy:
        api = connect("http://127.0.0.1:1", proxy=proxy.url, **QUICK)
        assert calls_get_their_own(api, "get", "create", "get")


def test_endless_ones_to_connect(connect):
    flood = Flood(b"", lambda: itertools.repeat(interim(103) * 100, 10_000))
    with HostileServer([flood]) as proxy, pytest.raises(ApiException) as caught:
        with within(10):
            api = connect("https://wavefront.invalid", proxy=proxy.url, **QUICK)
            api.create_token(_request_timeout=5)
    assert not isinstance(caught.value, ApiTimeoutException), "bounded in number"
    assert not caught.value.outcome_unknown
    assert flood.sent < 8 << 20


def test_slow_ones_to_connect(connect):
    with HostileServer([Slow()]) as proxy, pytest.raises(ApiTimeoutException) as caught:
        with within(3):
            api = connect("https://wavefront.invalid", proxy=proxy.url, **QUICK)
            api.create_token(_request_timeout=0.4)
    assert not caught.value.outcome_unknown


# --- bounded ----------------------------------------------------------------------------------

SMALL = interim(103)
LARGE = interim(103, *[f"X-{n}: {'x' * 1000}" for n in range(50)])


@for_all("kind", ["get", "delete", "create"])
@for_all("one", [SMALL, LARGE])
def test_endless_ones_are_bounded_in_number(connect, one, kind):
    flood = Flood(b"", lambda: itertools.repeat(one * 20, 100_000))
    with HostileServer([flood, Say(own)]) as server:
        api = connect(server.url, **QUICK)
        with pytest.raises(InvalidResponseException) as caught:
            CALLS[kind](api, _request_timeout=10)
        assert caught.value.outcome_unknown == (kind != "get")
        assert calls_get_their_own(api, "get", "create")
    assert len(server.requests) == 3
    assert flood.sent < 16 << 20


class Slow(Step):
    """An interim answer every now and then, and never a final one."""

    def act(self, peer: Peer) -> bool:
        while not peer.stopping.wait(0.15):
            peer.send(SMALL)
        return False


@for_all("kind", ["get", "create"])
def test_slow_ones_are_bounded_in_time(connect, kind):
    with HostileServer([Slow(), Say(own)]) as server:
        api = connect(server.url, **QUICK)
        with within(5), pytest.raises(ApiTimeoutException) as caught:
            CALLS[kind](api, _request_timeout=1.4)
        assert caught.value.outcome_unknown == (kind == "create")
        assert calls_get_their_own(api, "get", "create")


def endless_bytes_of_a_head() -> Iterator[bytes]:
    return itertools.repeat(b"X-Header: y\r\n" * 1000, 10_000)


def test_an_endless_interim_head(connect):
    flood = Flood(b"HTTP/1.1 103 Early Hints\r\n", endless_bytes_of_a_head)
    with HostileServer([flood, Say(own)]) as server:
        api = connect(server.url, **QUICK)
        with pytest.raises(InvalidResponseException) as caught:
            api.create_token(_request_timeout=10)
        assert caught.value.outcome_unknown
        assert calls_get_their_own(api, "get", "create")
    assert flood.sent < 16 << 20


# --- and nothing behind it --------------------------------------------------------------------


@for_all("kind", ["get", "create"])
def test_closed_behind_it(connect, kind):
    with HostileServer([Say(interim(103), keep=False), Say(own)]) as server:
        api = connect(server.url, **QUICK)
        with pytest.raises((ApiConnectionException, InvalidResponseException)) as caught:
            CALLS[kind](api)
        assert caught.value.outcome_unknown == (kind == "create")
        assert calls_get_their_own(api, "get", "create")
    assert len(server.requests) == 3


@for_all("tail", [b"garbage\r\n\r\n", b"\0", b"HTTP/1.1 xyz\r\n\r\n"])
@for_all("kind", ["get", "create"])
def test_garbage_behind_it(connect, kind, tail):
    with HostileServer([Say(interim(103) + tail, keep=False), Say(own)]) as server:
        api = connect(server.url, **QUICK)
        with pytest.raises(InvalidResponseException) as caught:
            CALLS[kind](api)
        assert caught.value.outcome_unknown == (kind == "create")
        assert calls_get_their_own(api, "get", "create")


@for_all("kind", ["get", "create"])
@for_all("first", ["Content-Length: 5", "Transfer-Encoding: chunked"])
def test_one_that_claims_a_body_is_never_followed_by_a_foreign_answer(connect, first, kind):
    """RFC 9110, 15.2: it has none; what comes behind it is refused, or is the final answer."""
    call, name = CALLERS[kind]
    body = b"hello" if "Length" in first else b"5\r\nhello\r\n0\r\n\r\n"
    for behind in (body, b""):
        with HostileServer([Say(interim(103, first), behind, own), Say(own)]) as server:
            api = connect(server.url, **QUICK)
            try:
                assert names(call(api, _request_timeout=5)) == [name]
            except InvalidResponseException as error:
                assert error.outcome_unknown == (kind == "create")
            assert calls_get_their_own(api, "create", "get"), behind


def test_one_that_nobody_asked_for_is_no_answer_to_the_next_call(connect):
    step = SayAfterwards(own, interim(103, LINK))
    with HostileServer([step, Say(own)]) as server:
        api = connect(server.url, **QUICK)
        assert names(alice(api)) == ["GET alice"]
        step.arrive()
        assert calls_get_their_own(api, "create", "get")
    assert len(server.requests) == 3


# --- 101 --------------------------------------------------------------------------------------

SWITCHED = interim(101, "Upgrade: websocket", "Connection: Upgrade", reason=" Switching Protocols")


@both
@for_all("kind", ["get", "delete", "create"])
@pytest.mark.parametrize("behind", [b"", FOREIGN, b"\x81\x05hello"], ids=["nothing", "http", "ws"])
@pytest.mark.parametrize("before", [b"", interim(103)], ids=["first", "second"])
def test_switching_protocols_unasked_is_unusable(connect, kind, before, behind, tls):
    with HostileServer([Say(before + SWITCHED + behind), Say(own)], **tls[0]) as server:
        api = connect(server.url, **QUICK, **tls[1])
        with pytest.raises(InvalidResponseException) as caught:
            CALLS[kind](api, _request_timeout=5)
        assert caught.value.outcome_unknown == (kind != "get")
        assert calls_get_their_own(api, "get", "create")
    assert server.connections == 2
    assert len(server.requests) == 3


def test_the_connection_that_was_switched_is_closed(connect):
    step = SayAndWait(SWITCHED)
    with HostileServer([step]) as server:
        with pytest.raises(InvalidResponseException):
            connect(server.url, **QUICK).get_all_tokens(_request_timeout=5)
        server.wait_until_closed()
        assert step.closed


@for_all("status", [101, 103])
def test_neither_is_ever_the_status_of_a_call(connect, status):
    with HostileServer([Say(interim(status), keep=False)]) as server:
        with pytest.raises(ApiException) as caught:
            connect(server.url, **QUICK).get_all_tokens()
    assert caught.value.status in (0, status)
    assert isinstance(caught.value, (InvalidResponseException, ApiConnectionException))
