"""The end of point 7: a kept connection that the server closed while it was idle costs nothing."""

from __future__ import annotations

import time

import pytest
from cases import for_all
from hostile import (
    CALLS,
    OK_CONTAINER,
    Answer,
    Garbage,
    HostileServer,
    Reply,
    Reset,
    Step,
    http_answer,
)

from wavefront_api_client import ApiException

OK = http_answer(200, OK_CONTAINER)


class AnswerThenTalk(Step):
    """An answer, and after it bytes that nobody asked for."""

    def __init__(self, extra: bytes, pause: float = 0.02) -> None:
        self.extra = extra
        self.pause = pause

    def act(self, peer):
        peer.send(OK)
        peer.stopping.wait(self.pause)
        peer.send(self.extra)
        return False


def let_the_news_arrive(server: HostileServer) -> None:
    server.wait_until_closed()
    time.sleep(0.02)


@for_all("kind", CALLS)
@for_all("how", ["close", "reset"])
@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_closed_while_idle(connect, server_tls, ca_file, kind, how, tls):
    script = [Answer(then=how), Answer()]
    with HostileServer(script, tls=server_tls() if tls else None) as server:
        api = connect(server.url, retries=0, ssl_ca_cert=ca_file if tls else None)
        api.get_all_tokens()
        let_the_news_arrive(server)
        assert CALLS[kind](api).status.result == "OK"
    assert (len(server.requests), server.connections) == (2, 2)


STALE = {
    "408 of a load balancer": b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n",
    "a second answer": http_answer(
        200, {"status": {"result": "OK"}, "response": [{"tokenID": "x"}]}
    ),
    "line ends": b"\r\n\r\n",
    "garbage": b"\x00\xff",
}


@for_all("kind", ["get", "create"])
@for_all("case", STALE)
def test_bytes_nobody_asked_for_are_no_answer(connect, kind, case):
    with HostileServer([AnswerThenTalk(STALE[case]), Answer()]) as server:
        api = connect(server.url, retries=0)
        api.get_all_tokens()
        let_the_news_arrive(server)
        assert CALLS[kind](api).response == []
    assert len(server.requests) == 2


def test_a_second_answer_in_the_same_packet(connect):
    smuggled = http_answer(200, {"status": {"result": "OK"}, "response": [{"tokenID": "x"}]})
    with HostileServer([Reply(lambda request: OK + smuggled), Answer()]) as server:
        api = connect(server.url, retries=0)
        assert api.get_all_tokens().response == []
        assert api.get_all_tokens().response == []


def test_closed_under_a_get_costs_a_retry(connect):
    with HostileServer([Answer(), Reset(), Answer()]) as server:
        api = connect(server.url)
        api.get_all_tokens()
        assert api.get_all_tokens().status.result == "OK"
    assert len(server.requests) == 3


def test_closed_under_a_post_is_an_unknown_outcome(connect):
    with HostileServer([Answer(), Reset(), Answer()]) as server:
        api = connect(server.url)
        api.get_all_tokens()
        with pytest.raises(ApiException) as caught:
            api.create_token()
    assert caught.value.outcome_unknown
    assert len(server.requests) == 2


@for_all("kind", CALLS)
def test_connection_close_is_obeyed(connect, kind):
    with HostileServer([Answer(headers={"Connection": "close"}, then="close"), Answer()]) as server:
        api = connect(server.url, retries=0)
        api.get_all_tokens()
        assert CALLS[kind](api).status.result == "OK"
    assert server.connections == 2


def test_http_1_0_is_understood(connect):
    answer = OK.replace(b"HTTP/1.1", b"HTTP/1.0")
    with HostileServer([Garbage(answer), Answer()]) as server:
        api = connect(server.url, retries=0)
        assert api.get_all_tokens().status.result == "OK"
        assert api.create_token().status.result == "OK"


ANSWERS = {
    "plain": Answer(),
    "error": Answer(404, b"no"),
    "empty": Answer(204, b""),
    "unusable": Answer(200, b"<html>"),
    "redirect": Answer(302, b"moved", {"Location": "http://127.0.0.1:9/"}),
    "push back": Answer(429, b"later", {"Retry-After": "61"}),
}


@for_all("case", ANSWERS)
def test_a_connection_in_order_is_kept(connect, case):
    with HostileServer([ANSWERS[case]]) as server:
        api = connect(server.url, retries=0)
        for _ in range(3):
            try:
                api.get_all_tokens()
            except ApiException:
                pass
    assert (len(server.requests), server.connections) == (3, 1)


def test_retries_keep_the_connection(connect):
    with HostileServer([Answer(503, b"busy"), Answer(503, b"busy"), Answer()]) as server:
        connect(server.url).get_all_tokens()
    assert (len(server.requests), server.connections) == (3, 1)


def test_an_unread_answer_is_not_given_to_the_next_call(connect):
    first = {"status": {"result": "OK"}, "response": [{"tokenID": "first"}]}
    with HostileServer([Answer(200, first), Answer()]) as server:
        api = connect(server.url)
        unread = api.get_all_tokens(_preload_content=False)
        assert api.get_all_tokens().response == []
        assert b"first" in unread.read()
        unread.release_conn()
