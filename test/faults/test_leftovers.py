"""A connection is used again only when nothing is left on it, wherever that lies or comes from."""

from __future__ import annotations

import contextlib
import gc
import json
import time
from itertools import product
from typing import Any, Callable

import pytest
from cases import for_all, pairs
from hostile import CALLS, Answer, Close, HostileServer, Reset, eventually, http_answer
from wire import (
    CALLERS,
    CHUNKED,
    FOREIGN,
    FRAMINGS,
    GZIP,
    PADDED,
    OneSegment,
    Say,
    SayAfterwards,
    SayAndWait,
    SayOnce,
    SayWithTheNext,
    Tunnel,
    alice,
    calls_get_their_own,
    chunks,
    name_of,
    names,
    own,
    token_named,
)

from wavefront_api_client.exceptions import (
    ApiException,
    ApiTimeoutException,
    InvalidResponseException,
    NotFoundException,
)

EXTRA = {
    "an answer": FOREIGN,
    "two answers": FOREIGN * 2,
    "half an answer": FOREIGN[: len(FOREIGN) // 2],
    "an answer but its last byte": FOREIGN[:-1],
    "a head": FOREIGN.partition(b"\r\n\r\n")[0] + b"\r\n\r\n",
    "an interim answer": b"HTTP/1.1 103 Early Hints\r\n\r\n",
    "408": b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n",
    "a line end": b"\r\n",
    "one byte": b"H",
    "garbage": b"\x00\xff" * 10,
}
SIZES = [0, 12_000]
"""Bytes of a body beyond those of a token: less than a buffer holds, and more."""

MORE_SIZES = [0, 8_000, 12_000, 30_000]
"""And the sizes about those of a buffer and of a TLS record."""

QUICK = {"retries": 0, "request_timeout": 5}


@pytest.fixture
def tls(server_tls, ca_file, request):
    """What a server and its client need, with and without TLS: (for the one, for the other)."""
    if request.param == "http":
        return {}, {}
    return {"tls": server_tls()}, {"ssl_ca_cert": ca_file}


both = pytest.mark.parametrize("tls", ["http", "https"], indirect=True)


def framed(framing: str, padding: int = 0) -> Callable[[Any], bytes]:
    return lambda request: {**FRAMINGS, **PADDED}[framing](token_named(name_of(request), padding))


# --- behind an answer -------------------------------------------------------------------------


@both
@for_all(("case", "size", "kind"), pairs(EXTRA, product(SIZES, CALLERS), 4))
def test_in_the_same_segment(connect, tls, kind, size, case):
    step = SayOnce(framed("length", size), EXTRA[case])
    with HostileServer([step, Say(own)], **tls[0]) as server:
        api = connect(server.url, **QUICK, **tls[1])
        assert names(alice(api)) == ["GET alice"]
        assert step.said.wait(5)
        assert calls_get_their_own(api, kind, "get", "create")
    assert (server.connections, len(server.requests)) == (2, 4)


@both
@for_all(("framing", "size"), pairs([*FRAMINGS, *PADDED], MORE_SIZES, 4))
def test_in_the_same_segment_whatever_the_framing(connect, tls, framing, size):
    step = SayOnce(framed(framing, size), FOREIGN)
    with HostileServer([step, Say(own)], **tls[0]) as server:
        api = connect(server.url, **QUICK, **tls[1])
        assert names(alice(api)) == ["GET alice"]
        assert step.said.wait(5)
        assert calls_get_their_own(api, "create", "get")
    assert (server.connections, len(server.requests)) == (2, 3)


@for_all(("framing", "size"), pairs(FRAMINGS, SIZES, 2))
def test_in_another_tls_record_of_the_segment(connect, server_tls, ca_file, framing, size):
    step = OneSegment(framed(framing, size), FOREIGN)
    with HostileServer([step, Say(own)], tls=server_tls()) as server:
        api = connect(server.url, **QUICK, ssl_ca_cert=ca_file)
        assert names(alice(api)) == ["GET alice"]
        assert calls_get_their_own(api, "create", "get")
    assert len(server.requests) == 3


@both
@for_all(("case", "kind"), pairs(EXTRA, CALLERS, 2))
def test_in_a_later_segment(connect, tls, kind, case):
    step = SayAfterwards(own, EXTRA[case])
    with HostileServer([step, Say(own)], **tls[0]) as server:
        api = connect(server.url, **QUICK, **tls[1])
        assert names(alice(api)) == ["GET alice"]
        step.arrive()
        assert calls_get_their_own(api, kind, "get", "create")
    assert (server.connections, len(server.requests)) == (2, 4)


@both
@for_all("framing", [*FRAMINGS, *PADDED])
def test_in_a_later_segment_whatever_the_framing(connect, tls, framing):
    step = SayAfterwards(framed(framing, 12_000), FOREIGN)
    with HostileServer([step, Say(own)], **tls[0]) as server:
        api = connect(server.url, **QUICK, **tls[1])
        assert names(alice(api)) == ["GET alice"]
        step.arrive()
        assert calls_get_their_own(api, "create", "get")
    assert len(server.requests) == 3


@both
@for_all(("cut", "size", "kind"), pairs([1, 9, 30, -1], product(SIZES, CALLERS), 2))
def test_begun_in_the_same_segment_and_ended_too_late_to_be_seen(connect, tls, kind, size, cut):
    """The first bytes lie in a buffer already: what follows them must find nobody."""

    def begun(request):
        return framed("length", size)(request) + FOREIGN[:cut]

    with HostileServer([SayWithTheNext(begun, FOREIGN[cut:])], **tls[0]) as server:
        api = connect(server.url, **QUICK, **tls[1])
        assert names(alice(api)) == ["GET alice"]
        assert calls_get_their_own(api, kind, "get", "create")
    assert (server.connections, len(server.requests)) == (2, 4)


@both
@for_all(
    ("size", "case"),
    pairs([2048, 4096, 8192, 12288, 16384, 32768, 65536], ["an answer", "one byte"], 2),
)
def test_where_a_buffer_ends(connect, tls, size, case):
    """The answer fills buffers to the last byte: what is left of its TLS record is in none."""

    def filling(request):
        body = token_named(name_of(request))
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %09d\r\n\r\n"
        length = size - len(head % 0)
        return head % length + body + b" " * (length - len(body))

    step = SayOnce(filling, EXTRA[case])
    with HostileServer([step, Say(own)], **tls[0]) as server:
        api = connect(server.url, **QUICK, **tls[1])
        assert names(alice(api)) == ["GET alice"]
        assert step.said.wait(5)
        assert calls_get_their_own(api, "create", "get")
    assert (server.connections, len(server.requests)) == (2, 3)


ERRORS = {
    "error": lambda body: http_answer(404, body),
    "error in chunks": lambda body: http_answer(404, chunks(body), CHUNKED),
    "redirect": lambda body: http_answer(302, body, {"Location": "http://127.0.0.1:9/"}),
    "unusable": lambda body: http_answer(200, b"<html>" + body),
    "coding that was not asked for": lambda body: http_answer(
        200, body, {"Content-Encoding": "br"}
    ),
    "broken compression": lambda body: http_answer(200, body, GZIP),
}


@both
@for_all(("case", "size"), pairs(ERRORS, SIZES, 2))
def test_behind_an_answer_that_is_an_exception(connect, tls, size, case):
    step = SayOnce(ERRORS[case](token_named("nobody", size)), FOREIGN)
    with HostileServer([step, Say(own)], **tls[0]) as server:
        api = connect(server.url, **QUICK, **tls[1])
        with pytest.raises(ApiException):
            alice(api)
        assert step.said.wait(5)
        assert calls_get_their_own(api, "create", "get")
    assert (server.connections, len(server.requests)) == (2, 3)


@both
@for_all("size", SIZES)
def test_behind_a_redirect_that_is_followed(connect, tls, size):
    moved = {"Location": "/api/v2/apitoken/serviceaccount/bob"}
    step = SayOnce(http_answer(302, token_named("nobody", size), moved), FOREIGN)
    with HostileServer([step, Say(own)], **tls[0]) as server:
        api = connect(server.url, **QUICK, **tls[1])
        assert names(alice(api)) == ["GET bob"]
        assert calls_get_their_own(api, "create", "get")


@both
@for_all("size", SIZES)
def test_behind_an_answer_that_is_tried_again(connect, tls, size):
    step = SayOnce(http_answer(503, token_named("nobody", size), {"Retry-After": "0"}), FOREIGN)
    with HostileServer([step, Say(own)], **tls[0]) as server:
        api = connect(server.url, request_timeout=5, **tls[1])
        assert calls_get_their_own(api, "create", "get")
    assert len(server.requests) == 3


@for_all("case", ["an answer", "one byte"])
@for_all("size", SIZES)
def test_through_a_tunnel(connect, server_tls, ca_file, size, case):
    step = SayOnce(framed("length", size), EXTRA[case])
    with HostileServer([step, Say(own)], tls=server_tls()) as server:
        with HostileServer([Tunnel(server.port)]) as proxy:
            api = connect(server.url, proxy=proxy.url, ssl_ca_cert=ca_file, **QUICK)
            assert names(alice(api)) == ["GET alice"]
            assert calls_get_their_own(api, "create", "get")
    assert (server.connections, proxy.connections, len(server.requests)) == (2, 2, 3)


@for_all(
    ("when", "case", "size"),
    pairs([SayOnce, OneSegment, SayAfterwards], product(["an answer", "one byte"], SIZES), 2),
)
def test_through_a_tls_proxy(connect, server_tls, ca_file, size, case, when):
    """TLS within TLS: what is left may lie in either of two layers."""
    step = when(framed("length", size), EXTRA[case])
    with HostileServer([step, Say(own)], tls=server_tls()) as server:
        tunnel = Tunnel(server.port)
        with HostileServer([tunnel], tls=server_tls("localhost")) as proxy:
            address = proxy.url.replace("127.0.0.1", "localhost")
            api = connect(server.url, proxy=address, ssl_ca_cert=ca_file, **QUICK)
            assert names(alice(api)) == ["GET alice"]
            if isinstance(step, SayAfterwards):
                with tunnel.carrying():
                    step.arrive()
                # A busy machine may take a moment to hand over what the proxy has sent.
                time.sleep(0.05)
            assert calls_get_their_own(api, "create", "get")
    assert len(server.requests) == 3


# --- an answer that has no body, whatever it says -----------------------------------------------


def head_only(status: int, *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status} Whatever", *headers, "", ""]).encode()


LENGTH = f"Content-Length: {len(FOREIGN)}"
IN_CHUNKS = "Transfer-Encoding: chunked"

BODILESS = {
    "204 with a length": ("GET", head_only(204, LENGTH), FOREIGN),
    "204 in chunks": ("GET", head_only(204, IN_CHUNKS), chunks(FOREIGN)),
    "304 with a length": ("GET", head_only(304, LENGTH), FOREIGN),
    "304 in chunks": ("GET", head_only(304, IN_CHUNKS), chunks(FOREIGN)),
    "HEAD with a length": ("HEAD", head_only(200, LENGTH), FOREIGN),
    "HEAD in chunks": ("HEAD", head_only(200, IN_CHUNKS), chunks(FOREIGN)),
    "HEAD of an error": ("HEAD", head_only(404, LENGTH), FOREIGN),
    "DELETE with 204": ("DELETE", head_only(204, LENGTH), FOREIGN),
    "POST with 204": ("POST", head_only(204, LENGTH), FOREIGN),
}
WITHOUT_WORD = {
    "204": ("GET", head_only(204), FOREIGN),
    "204 of length 0": ("GET", head_only(204, "Content-Length: 0"), FOREIGN),
    "304": ("GET", head_only(304), FOREIGN),
    "HEAD": ("HEAD", head_only(200), FOREIGN),
    "200 of length 0": ("GET", head_only(200, "Content-Length: 0"), FOREIGN),
    "200 of no chunks": ("GET", head_only(200, IN_CHUNKS) + b"0\r\n\r\n", FOREIGN),
}


def call_without_body(api, method: str) -> None:
    """It succeeds or says no; there is nothing in it."""
    try:
        api.api_client.call_api("/api/v2/apitoken", method)
    except ApiException as error:
        assert error.status in (304, 404)
        assert not error.body
    else:
        assert not api.api_client.last_response.data


@both
@for_all("case", [*BODILESS, *WITHOUT_WORD])
def test_a_body_that_must_not_be_in_the_same_segment(connect, tls, case):
    method, head, body = {**BODILESS, **WITHOUT_WORD}[case]
    with HostileServer([SayOnce(head, body), Say(own)], **tls[0]) as server:
        api = connect(server.url, **QUICK, **tls[1])
        call_without_body(api, method)
        assert calls_get_their_own(api, "create", "get")
    assert (server.connections, len(server.requests)) == (2, 3)


@both
@for_all("case", [*BODILESS, *WITHOUT_WORD])
def test_a_body_that_must_not_be_in_a_later_segment(connect, tls, case):
    method, head, body = {**BODILESS, **WITHOUT_WORD}[case]
    step = SayAfterwards(head, body)
    with HostileServer([step, Say(own)], **tls[0]) as server:
        api = connect(server.url, **QUICK, **tls[1])
        call_without_body(api, method)
        step.arrive()
        assert calls_get_their_own(api, "create", "get")
    assert (server.connections, len(server.requests)) == (2, 3)


@both
@for_all(("case", "kind"), pairs(BODILESS, CALLERS, 2))
def test_a_body_that_must_not_be_and_comes_too_late_to_be_seen(connect, tls, kind, case):
    method, head, body = BODILESS[case]
    with HostileServer([SayWithTheNext(head, body)], **tls[0]) as server:
        api = connect(server.url, **QUICK, **tls[1])
        call_without_body(api, method)
        assert calls_get_their_own(api, kind, "get", "create")
    assert (server.connections, len(server.requests)) == (2, 4)


@both
@for_all(
    "case", [case for case, (_, head, _) in BODILESS.items() if head.startswith(b"HTTP/1.1 2")]
)
def test_an_unread_answer_without_a_body(connect, tls, case):
    method, head, body = BODILESS[case]
    for leave in (lambda r: r.read(), lambda r: r.release_conn(), lambda r: r.drain_conn()):
        with HostileServer([SayWithTheNext(head, body)], **tls[0]) as server:
            api = connect(server.url, **QUICK, **tls[1])
            call = api.api_client.call_api
            unread, _, _ = call("/api/v2/apitoken", method, _preload_content=False)
            leave(unread)
            assert calls_get_their_own(api, "create", "get")
        assert (server.connections, len(server.requests)) == (2, 3)


# --- an unread answer -------------------------------------------------------------------------


def stream_a_bit(response) -> Any:
    stream = response.stream(10)
    assert next(stream)
    return stream


def released(response) -> None:
    response.release_conn()


def read_a_bit_and_released(response) -> None:
    assert response.read(10, decode_content=False)
    response.release_conn()


def streamed_a_bit_and_released(response) -> None:
    stream_a_bit(response)
    response.release_conn()


def streamed_and_released_meanwhile(response) -> None:
    stream = stream_a_bit(response)
    response.release_conn()
    with contextlib.suppress(Exception):  # Whoever reads on has lost it; the next call has not.
        next(stream, b"")


def streamed_a_bit_and_closed(response) -> None:
    stream_a_bit(response)
    response.close()


def streamed_a_bit_and_dropped(response) -> None:
    stream_a_bit(response)


def dropped(response) -> None:
    pass


def closed(response) -> None:
    response.close()


def drained(response) -> None:
    response.drain_conn()


def read_a_bit_and_drained(response) -> None:
    assert response.read(10, decode_content=False)
    response.drain_conn()


def left_by_a_with(response) -> None:
    with response:
        assert response.read(10, decode_content=False)


LEAVES: list[Callable[[Any], None]] = [
    released,
    read_a_bit_and_released,
    streamed_a_bit_and_released,
    streamed_and_released_meanwhile,
    streamed_a_bit_and_closed,
    streamed_a_bit_and_dropped,
    dropped,
    closed,
    drained,
    read_a_bit_and_drained,
    left_by_a_with,
]
leaves = pytest.mark.parametrize(
    ("leave", "tls"), pairs(LEAVES, ["http", "https"], 2), indirect=["tls"]
)


def let_go(leave: Callable[[Any], None]) -> None:
    """Only what nobody has closed waits for the garbage collector, which takes its time."""
    if leave in (dropped, streamed_a_bit_and_dropped, streamed_and_released_meanwhile):
        gc.collect()


@for_all(
    ("leave", "framing", "size"),
    pairs(LEAVES, product(["length", "chunks", "gzip"], [0, 100_000]), 3),
)
def test_an_unread_answer_costs_the_next_call_nothing(connect, leave, size, framing):
    with HostileServer([Say(framed(framing, size)), Say(own)]) as server:
        api = connect(server.url, **QUICK)
        leave(alice(api, _preload_content=False))
        let_go(leave)
        assert calls_get_their_own(api, "create", "get", "create")
    assert len(server.requests) == 4


@leaves
def test_an_unread_post(connect, tls, leave):
    with HostileServer([Say(framed("length", 20_000)), Say(own)], **tls[0]) as server:
        api = connect(server.url, **QUICK, **tls[1])
        leave(api.create_token(_preload_content=False))
        let_go(leave)
        assert calls_get_their_own(api, "create", "get", "create")
    assert len(server.requests) == 4


@leaves
def test_an_unread_answer_that_holds_another(connect, tls, leave):
    """What the next call reads, if it reads on where this one was left, looks like an answer."""

    def answer(request):
        return http_answer(200, b" " * 20 + FOREIGN + FOREIGN)

    with HostileServer([Say(answer), Say(own)], **tls[0]) as server:
        api = connect(server.url, **QUICK, **tls[1])
        leave(alice(api, _preload_content=False))
        let_go(leave)
        assert calls_get_their_own(api, "create", "get")
    assert len(server.requests) == 3


@leaves
def test_an_unread_answer_whose_rest_comes_too_late_to_be_seen(connect, tls, leave):
    """The rest is on its way when the connection is left."""
    whole = http_answer(200, b" " * 20 + FOREIGN)
    cut = whole.index(FOREIGN)
    with HostileServer([SayWithTheNext(whole[:cut], whole[cut:])], **tls[0]) as server:
        api = connect(server.url, **QUICK, **tls[1])
        leave(alice(api, _preload_content=False, _request_timeout=(5, 1)))
        let_go(leave)
        assert calls_get_their_own(api, "create", "get")
    assert (server.connections, len(server.requests)) == (2, 3)


@both
@for_all("case", ["an answer", "one byte", "a line end"])
@for_all("size", SIZES)
def test_behind_an_unread_answer_that_is_read_to_its_end(connect, tls, size, case):
    step = SayOnce(framed("length", size), EXTRA[case])
    with HostileServer([step, Say(own)], **tls[0]) as server:
        api = connect(server.url, **QUICK, **tls[1])
        unread = alice(api, _preload_content=False)
        assert json.loads(unread.read())["response"][0]["tokenName"] == "GET alice"
        unread.release_conn()
        assert calls_get_their_own(api, "create", "get")
    assert (server.connections, len(server.requests)) == (2, 3)


@leaves
def test_behind_an_unread_answer(connect, tls, leave):
    step = SayOnce(framed("length", 12_000), FOREIGN)
    with HostileServer([step, Say(own)], **tls[0]) as server:
        api = connect(server.url, **QUICK, **tls[1])
        leave(alice(api, _preload_content=False))
        let_go(leave)
        assert calls_get_their_own(api, "create", "get")
    assert (server.connections, len(server.requests)) == (2, 3)


@pytest.mark.parametrize(
    "before",
    [[], [Reset()], [Close()], [Answer(503, b"busy", {"Retry-After": "0"})]],
    ids=["at first", "after reset", "after close", "after 503"],
)
def test_an_unread_answer_that_is_dropped_is_closed_at_once(connect, before):
    """Nothing of the attempts before it keeps it alive until the garbage collector comes."""
    step = SayAndWait(own)
    gc.disable()
    try:
        with HostileServer([*before, step]) as server:
            api = connect(server.url, request_timeout=5)
            alice(api, _preload_content=False)
            api.api_client.last_response = None
            assert eventually(lambda: step.closed)
    finally:
        gc.enable()


def test_two_unread_answers_at_once(connect):
    with HostileServer([Say(framed("length", 20_000))]) as server:
        api = connect(server.url, **QUICK)
        first = alice(api, _preload_content=False)
        second = api.create_token(_preload_content=False)
        first.read(10)
        first.release_conn()
        assert calls_get_their_own(api, "get")
        assert json.loads(second.read())["response"][0]["tokenName"] == "POST apitoken"
        assert calls_get_their_own(api, "create", "get")


# --- calls that end before their answer ---------------------------------------------------------


@pytest.mark.parametrize(("kind", "tls"), pairs(CALLERS, ["http", "https"], 2), indirect=["tls"])
def test_the_rest_of_an_answer_that_came_too_late(connect, tls, kind):
    with HostileServer([SayWithTheNext(own_but_half, FOREIGN)], **tls[0]) as server:
        api = connect(server.url, **QUICK, **tls[1])
        with pytest.raises(ApiTimeoutException):
            alice(api, _request_timeout=(5, 1))
        assert calls_get_their_own(api, kind, "get", "create")
    assert (server.connections, len(server.requests)) == (2, 4)


def own_but_half(request) -> bytes:
    return own(request)[:-20]


def test_length_too_small(connect):
    """The rest of the body is left; it looks like an answer."""
    body = b" " * 10 + FOREIGN
    with HostileServer([SayOnce(http_answer(200, body, {"Content-Length": "10"})), Say(own)]) as s:
        api = connect(s.url, **QUICK)
        with pytest.raises(InvalidResponseException):
            alice(api)
        assert calls_get_their_own(api, "create", "get")
    assert (s.connections, len(s.requests)) == (2, 3)


# --- positive control: what is in order is kept -------------------------------------------------


@both
@for_all(("framing", "size"), pairs(FRAMINGS, MORE_SIZES, 4))
def test_a_clean_connection_is_kept(connect, tls, framing, size):
    with HostileServer([Say(framed(framing, size))], **tls[0]) as server:
        api = connect(server.url, **QUICK, **tls[1])
        for _ in range(2):
            assert calls_get_their_own(api, "get", "create")
    assert (server.connections, len(server.requests)) == (1, 4)


@both
def test_a_clean_connection_is_kept_by_other_calls(connect, tls):
    script = [
        Answer(404, b"no"),
        Answer(404, chunks(b"no"), CHUNKED),
        Say(head_only(204)),
        Say(head_only(204, "Content-Length: 0")),
        Say(head_only(200, "Content-Length: 0")),
        Say(head_only(304)),
        Say(own),
    ]
    with HostileServer(script, **tls[0]) as server:
        api = connect(server.url, **QUICK, **tls[1])
        for _ in range(len(script) - 1):
            try:
                api.get_all_tokens()
            except ApiException as error:
                assert isinstance(error, NotFoundException) or error.status == 304
        assert calls_get_their_own(api, "create", "get")
    assert (server.connections, len(server.requests)) == (1, len(script) + 1)


def test_head_without_a_length_keeps_the_connection(connect):
    with HostileServer([Say(head_only(200)), Say(own)]) as server:
        api = connect(server.url, **QUICK)
        call_without_body(api, "HEAD")
        assert calls_get_their_own(api, "create", "get")
    assert server.connections == 1


READERS: dict[str, Callable[[Any], bytes]] = {
    "read": lambda r: r.read(),
    "read and released": lambda r: (r.read(), r.release_conn())[0],
    "read and drained": lambda r: (r.read(), r.drain_conn())[0],
    "data": lambda r: r.data,
    "read piece by piece": lambda r: b"".join(iter(lambda: r.read(1000), b"")),
    "streamed": lambda r: b"".join(r.stream(1000, decode_content=True)),
    "read and closed": lambda r: (r.read(), r.close())[0],
}


@both
@for_all(("reader", "framing"), pairs(READERS, FRAMINGS))
def test_an_unread_answer_that_is_read_keeps_the_connection(connect, tls, reader, framing):
    with HostileServer([Say(framed(framing, 12_000))], **tls[0]) as server:
        api = connect(server.url, **QUICK, **tls[1])
        for call, name in (*CALLERS.values(), *CALLERS.values()):
            body = READERS[reader](call(api, _preload_content=False))
            assert json.loads(body)["response"][0]["tokenName"] == name
    assert len(server.requests) == 4
    assert server.connections == 1


def test_every_kind_of_call_keeps_the_connection(connect):
    with HostileServer([Say(own)]) as server:
        api = connect(server.url, **QUICK)
        for call in CALLS.values():
            call(api)
    assert (server.connections, len(server.requests)) == (1, len(CALLS))
