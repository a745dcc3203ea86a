"""Point 5: what is sent again, how often, and what must never be."""

from __future__ import annotations

import contextlib
import socket
import time
from email.utils import formatdate

import pytest
from cases import for_all, pairs
from hostile import (
    CALLS,
    Answer,
    Close,
    Garbage,
    Hang,
    HostileServer,
    Reset,
    Truncate,
    black_hole,
    eventually,
    is_empty_success,
    refusing_port,
)

from wavefront_api_client import ApiException, Configuration
from wavefront_api_client.exceptions import (
    ApiConnectionException,
    ApiTimeoutException,
    InvalidResponseException,
    NotFoundException,
    ServiceException,
    TooManyRequestsException,
)
from wavefront_api_client.retry import RetryPolicy

REPEATABLE = {"get", "rename", "revoke", "delete"}
POSTS = {"create", "generate"}
EVERY = REPEATABLE | POSTS
NONE: set[str] = set()

# fault: (step, the methods that are tried again, whether a POST may have been carried out)
TABLE = {
    "429": (Answer(429, b""), EVERY, False),
    "429 with Retry-After": (Answer(429, b"", {"Retry-After": "0"}), EVERY, False),
    "503 with Retry-After": (Answer(503, b"", {"Retry-After": "0"}), EVERY, False),
    "503": (Answer(503, b""), REPEATABLE, True),
    "502": (Answer(502, b""), REPEATABLE, True),
    "504": (Answer(504, b""), REPEATABLE, True),
    "500": (Answer(500, b""), NONE, True),
    "501": (Answer(501, b""), NONE, None),
    "400": (Answer(400, b""), NONE, False),
    "401": (Answer(401, b""), NONE, False),
    "403": (Answer(403, b""), NONE, False),
    "404": (Answer(404, b""), NONE, False),
    "409": (Answer(409, b""), NONE, False),
    "415": (Answer(415, b""), NONE, False),
    "302 to another origin": (Answer(302, b"", {"Location": "http://127.0.0.1:9/"}), NONE, None),
    "200 with HTML": (Answer(200, b"<html>", {"Content-Type": "text/html"}), NONE, True),
    "200 with null": (Answer(200, b"null"), NONE, True),
    "reset after the request": (Reset(), REPEATABLE, True),
    "closed after the request": (Close(), REPEATABLE, True),
    "truncated": (Truncate(), REPEATABLE, True),
    "silence": (Hang(), REPEATABLE, True),
}
QUICK = [(fault, kind) for fault in TABLE for kind in CALLS if fault != "silence"]


@pytest.mark.parametrize("retries", [0, 2])
@for_all("fault, kind", QUICK)
def test_attempts(connect, fault, kind, retries):
    makes_attempts(connect, fault, kind, retries)


@pytest.mark.parametrize(("kind", "retries"), pairs(CALLS, [0, 2], 2))
def test_attempts_in_silence(connect, kind, retries):
    makes_attempts(connect, "silence", kind, retries, 0.1)


def makes_attempts(connect, fault, kind, retries, seconds=5):
    step, repeated, unknown = TABLE[fault]
    policy = RetryPolicy(retries=retries, backoff=0)
    with HostileServer([step]) as server:
        api = connect(server.url, retries=policy, request_timeout=(5, seconds))
        with pytest.raises(ApiException) as caught:
            CALLS[kind](api)
        expected = 1 + retries if kind in repeated else 1
        # Where the client was quick to give up, the last one may be under way.
        assert eventually(lambda: len(server.requests) >= expected)
    assert (len(server.requests), caught.value.attempts) == (expected, expected)
    if kind in POSTS and unknown is not None:
        assert caught.value.outcome_unknown is unknown


@for_all("fault, kind", [row for row in QUICK if row[1] in TABLE[row[0]][1]])
def test_success_after_a_fault(connect, fault, kind):
    succeeds_at_the_second_attempt(connect, fault, CALLS[kind])


@pytest.mark.parametrize("kind", ["get", "delete"])
def test_success_after_silence(connect, kind):
    succeeds_at_the_second_attempt(connect, "silence", CALLS[kind], 1)


def succeeds_at_the_second_attempt(connect, fault, call, seconds=5):
    with HostileServer([TABLE[fault][0], Answer()]) as server:
        assert call(connect(server.url, request_timeout=(5, seconds))).status.result == "OK"
    assert len(server.requests) == 2
    assert server.requests[0].raw == server.requests[1].raw


@pytest.mark.parametrize("place", ["refused", "connect timeout", "name not found"])
@for_all("kind, retries", pairs(CALLS, [0, 2], 2))
def test_attempts_that_never_left(connect, monkeypatch, place, kind, retries):
    policy = RetryPolicy(retries=retries, backoff=0)
    with contextlib.ExitStack() as stack:
        if place == "name not found":
            monkeypatch.setattr(socket, "getaddrinfo", unknown_name)
            url = "https://nowhere.invalid"
        else:
            hole = black_hole if place == "connect timeout" else refusing_port
            url = f"http://127.0.0.1:{stack.enter_context(hole())}"
        api = connect(
            url, retries=policy, request_timeout=(0.1 if place == "connect timeout" else 5, 5)
        )
        with pytest.raises((ApiConnectionException, ApiTimeoutException)) as caught:
            CALLS[kind](api)
    assert caught.value.attempts == 1 + retries
    assert caught.value.outcome_unknown is False


def unknown_name(*args, **kwargs):
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@for_all("kind", CALLS)
def test_tls_faults_are_final(connect, server_tls, kind):
    with HostileServer([Answer()], tls=server_tls()) as server:
        with pytest.raises(ApiConnectionException) as caught:
            CALLS[kind](connect(server.url))
    assert (server.connections, caught.value.attempts) == (1, 1)


@for_all("kind", sorted(POSTS))
@for_all(
    "step",
    [Reset(), Garbage(b"\x00\r\n"), Garbage(b"HTTP/1.1 200 OK\r\nContent-Le")],
)
def test_a_post_is_sent_once(connect, kind, step):
    with HostileServer([step]) as server, pytest.raises(ApiException) as caught:
        CALLS[kind](connect(server.url))
    assert (server.connections, caught.value.attempts) == (1, 1)
    assert caught.value.outcome_unknown


@for_all("kind", sorted(POSTS))
@for_all("fault", [fault for fault, row in TABLE.items() if row[2]])
def test_an_unknown_outcome_says_what_to_do(connect, kind, fault):
    with HostileServer([TABLE[fault][0]]) as server, pytest.raises(ApiException) as caught:
        CALLS[kind](connect(server.url, request_timeout=(5, 0.1)))
    assert "outcome is unknown" in caught.value.hint.lower()
    assert "list the tokens" in caught.value.hint.lower()
    assert caught.value.hint in str(caught.value)


def test_a_post_after_429_that_then_breaks_is_unknown(connect):
    with HostileServer([Answer(429, b""), Reset(), Answer()]) as server:
        with pytest.raises(ApiConnectionException) as caught:
            connect(server.url).create_token()
    assert caught.value.outcome_unknown
    assert len(server.requests) == 2


# --- 404 after an attempt that may have got through -------------------------------------------

MAYBE = ["reset after the request", "closed after the request", "502", "503", "504", "truncated"]
SURELY_NOT = ["429", "503 with Retry-After"]
REMOVALS = {
    "delete": lambda api: api.delete_token("t1"),
    "delete of an account": lambda api: api.delete_token_service_account("sa::x", "t1"),
    "revoke": lambda api: api.delete_customer_token(body={"tokenID": "t1"}),
}


@for_all("fault", MAYBE)
@for_all("removal", REMOVALS)
def test_gone_already_counts_as_done(connect, removal, fault):
    with HostileServer([TABLE[fault][0], Answer(404, b"no such token")]) as server:
        assert is_empty_success(REMOVALS[removal](connect(server.url)), removal)
    assert len(server.requests) == 2


def test_gone_after_silence_counts_as_done(connect):
    with HostileServer([Hang(), Answer(404, b"no such token")]) as server:
        api = connect(server.url, request_timeout=(5, 1))
        assert is_empty_success(api.delete_token("t1"), "delete")
    assert len(server.requests) == 2


@for_all("fault", SURELY_NOT)
@for_all("removal", REMOVALS)
def test_not_there_after_push_back_is_not_found(connect, removal, fault):
    with HostileServer([TABLE[fault][0], Answer(404, b"no such token")]) as server:
        with pytest.raises(NotFoundException) as caught:
            REMOVALS[removal](connect(server.url))
    assert caught.value.attempts == 2


@pytest.mark.parametrize("removal", REMOVALS)
def test_gone_after_doubt_and_push_back_counts_as_done(connect, removal):
    with HostileServer([Reset(), Answer(429, b""), Answer(404, b"")]) as server:
        assert is_empty_success(REMOVALS[removal](connect(server.url)), removal)


@for_all("fault", MAYBE)
@for_all("kind", ["get", "rename"])
def test_not_there_is_not_found_for_the_others(connect, kind, fault):
    with HostileServer([TABLE[fault][0], Answer(404, b"")]) as server:
        with pytest.raises(NotFoundException):
            CALLS[kind](connect(server.url))


def test_a_first_404_is_not_found(connect):
    with HostileServer([Answer(404, b"")]) as server, pytest.raises(NotFoundException):
        connect(server.url).delete_token("t1")


# --- Retry-After ------------------------------------------------------------------------------


@for_all("kind", ["get", "create"])
def test_406_is_push_back(connect, kind):
    steps = [Answer(406, b""), Answer(406, b"", {"Retry-After": "0"}), Answer()]
    with HostileServer(steps) as server:
        assert (
            CALLS[kind](connect(server.url, retries=RetryPolicy(2, backoff=0))).status.code == 200
        )
    assert len(server.requests) == 3


@for_all("status", [429, 503])
@for_all("kind", ["get", "create"])
def test_too_long_a_wait_is_left_to_the_caller(connect, kind, status):
    with HostileServer([Answer(status, b"", {"Retry-After": "61"})]) as server:
        with pytest.raises((TooManyRequestsException, ServiceException)) as caught:
            CALLS[kind](connect(server.url))
    assert caught.value.retry_after == 61.0
    assert len(server.requests) == 1


def test_retry_after_as_a_date(connect):
    date = formatdate(time.time() + 3600, usegmt=True)
    with HostileServer([Answer(429, b"", {"Retry-After": date})]) as server:
        with pytest.raises(TooManyRequestsException) as caught:
            connect(server.url).get_all_tokens()
    assert 3500 < caught.value.retry_after <= 3601


def test_retry_after_is_waited_for(connect):
    policy = RetryPolicy(retries=1, backoff=0)
    date = formatdate(time.time() + 30, usegmt=True)
    with HostileServer([Answer(429, b"", {"Retry-After": date})]) as server:
        begun = time.monotonic()
        with pytest.raises(ApiException):
            connect(server.url, retries=policy).get_all_tokens(_request_timeout=2)
    assert len(server.requests) == 1, "not sent before the time has come"
    assert time.monotonic() - begun < 5


def test_a_date_in_the_past_is_no_wait(connect):
    date = formatdate(0, usegmt=True)
    with HostileServer([Answer(503, b"", {"Retry-After": date}), Answer()]) as server:
        assert connect(server.url).create_token().status.result == "OK"


@for_all(
    "value",
    ["", " ", "abc", "-5", "nan", "inf", "1e400", "9" * 400, "9" * 5000, "\xb2", "0x10", "1_0",
     "5,6", "Mon, 99 Foo 2020 00:00:00 GMT", "Fri, 31 Dec 99999 23:59:59 GMT", "0 0 0 0 0", "1;2",
     "-Jan- 00:00 GMT", "Mon, " * 10_000, "Sunday, 31-Feb-99 00:00:00 GMT"],
)  # fmt: skip
@for_all("status", [429, 503])
def test_odd_retry_after(connect, status, value):
    headers = [("Retry-After", value)]
    with HostileServer([Answer(status, b"", headers)]) as server:
        api = connect(server.url, request_timeout=5, retries=RetryPolicy(1, backoff=0))
        with pytest.raises((TooManyRequestsException, ServiceException)):
            api.get_all_tokens()


# --- the setting ------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [0, 1, 2])
def test_a_number_of_retries(connect, value):
    with HostileServer([Answer(429, b"", {"Retry-After": "0"})]) as server:
        with pytest.raises(TooManyRequestsException):
            connect(server.url, retries=value).get_all_tokens()
    assert len(server.requests) == 1 + value


@for_all(
    ("value", "error"),
    [(-1, ValueError), ("3", TypeError), (1.5, TypeError), (None, TypeError), (True, TypeError)],
)
def test_wrong_settings_are_refused(value, error):
    configuration = Configuration()
    with pytest.raises(error):
        configuration.retries = value
    with pytest.raises(error):
        RetryPolicy(retries=value)


@for_all("name", ["backoff", "backoff_max", "retry_after_max"])
@for_all("value", [-1, float("nan"), "1", None])
def test_wrong_policies_are_refused(name, value):
    with pytest.raises((TypeError, ValueError)):
        RetryPolicy(**{name: value})


def test_a_policy_is_a_value():
    policy = RetryPolicy(retries=2, backoff=0)
    assert policy == RetryPolicy(retries=2, backoff=0)
    with pytest.raises(AttributeError):
        policy.retries = 5  # type: ignore[misc]


# --- one layer --------------------------------------------------------------------------------


def test_each_seam_is_passed_as_promised(connect, monkeypatch):
    """`call_api` and `rest_client.request` once per call, the pool manager once per attempt."""
    seen: list[str] = []

    def spy(owner, name):
        original = getattr(owner, name)

        def wrapper(*args, **kwargs):
            seen.append(name)
            return original(*args, **kwargs)

        monkeypatch.setattr(owner, name, wrapper)

    with HostileServer([Answer(503, b""), Answer(502, b""), Answer()]) as server:
        api = connect(server.url)
        spy(api.api_client, "call_api")
        spy(api.api_client.rest_client.pool_manager, "request")
        api.get_all_tokens()
    assert seen == ["call_api", "request", "request", "request"]


def test_the_hook_runs_once_per_request(connect):
    calls: list[object] = []
    with HostileServer([Answer()]) as server:
        connect(server.url, refresh_api_key_hook=calls.append).get_all_tokens()
    assert len(calls) == 1


@pytest.mark.parametrize("step", [Answer(503, b""), Answer(429, b"", {"Retry-After": "0"})])
def test_unread_answers_follow_the_same_table(connect, step):
    with HostileServer([step, Answer()]) as server:
        response = connect(server.url).get_all_tokens(_preload_content=False)
        assert response.status == 200
        response.read()
        response.release_conn()
    assert len(server.requests) == 2


def test_the_last_exception_is_the_one_that_comes(connect):
    with HostileServer([Reset(), Answer(503, b"busy"), Garbage(b"\x00\r\n\r\n")]) as server:
        with pytest.raises(InvalidResponseException) as caught:
            connect(server.url).get_all_tokens()
    assert caught.value.attempts == 3


@pytest.mark.parametrize(
    "step",
    [Answer(503), Close(), Reset(), Truncate()],
    ids=["503", "close", "reset", "truncated"],
)
def test_a_post_that_changes_nothing_follows_the_rules_of_get(connect, step):
    with HostileServer([step, Answer(200, {})]) as server:
        rest = connect(server.url, retries=RetryPolicy(1, backoff=0)).api_client.rest_client
        assert rest.request("POST", server.url, _may_repeat=True).status == 200
        assert len(server.requests) == 2
    with HostileServer([step]) as server:
        rest = connect(server.url, retries=0).api_client.rest_client
        with pytest.raises(ApiException) as caught:
            rest.request("POST", server.url, _may_repeat=True)
        assert not caught.value.outcome_unknown


def test_such_a_post_is_not_redirected_either(connect):
    with HostileServer([Answer(307, b"", {"Location": "/other"})]) as server:
        rest = connect(server.url).api_client.rest_client
        with pytest.raises(ApiException, match="307"):
            rest.request("POST", server.url, _may_repeat=True)
        assert len(server.requests) == 1
