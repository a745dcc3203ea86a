"""What an attack from outside has shown: each of these failed once."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import pytest
from cases import for_all
from hostile import CALLS, Answer, Close, HostileServer, refusing_port

from wavefront_api_client import ApiClient
from wavefront_api_client._transport.connection import addresses
from wavefront_api_client.exceptions import (
    ApiException,
    InvalidResponseException,
    NotFoundException,
)


def fail_in_a_handler(call):
    """Make a call that fails while another exception is handled; return that other one."""
    try:
        raise KeyError("of the caller")
    except KeyError as mine:
        with pytest.raises(ApiException):
            call()
        return mine


def test_the_traceback_of_the_caller_s_own_exception_is_left_alone(connect):
    with HostileServer([Close()]) as server:
        error = fail_in_a_handler(connect(server.url).get_all_tokens)
    assert error.__traceback__ is not None


def test_also_where_no_connection_can_be_had(connect):
    with refusing_port() as port:
        error = fail_in_a_handler(connect(f"http://127.0.0.1:{port}").create_token)
    assert error.__traceback__ is not None


def test_a_name_is_looked_up_while_another_thread_is_in_the_midst_of_starting_one():
    # A signal handler may have interrupted that thread, and wait for this call.
    ready, found = threading.Event(), threading.Event()

    def look_up() -> None:
        ready.wait()
        assert addresses("localhost", 80, time.monotonic() + 5)
        found.set()

    caller = threading.Thread(target=look_up)
    caller.start()
    with threading._active_limbo_lock:
        ready.set()
        is_found = found.wait(3)
    caller.join()
    assert is_found


@for_all("kind", ["create", "generate", "rename", "delete"])
def test_see_other_says_that_the_call_may_have_been_carried_out(connect, kind):
    with HostileServer([Answer(303, b"", {"Location": "/api/v2/apitoken"})]) as server:
        with pytest.raises(ApiException) as caught:
            CALLS[kind](connect(server.url))
    assert caught.value.outcome_unknown
    assert len(server.requests) == 1


@pytest.mark.parametrize("kind", ["delete", "revoke"])
def test_a_page_that_is_not_found_does_not_say_that_a_token_is_gone(connect, kind):
    page = Answer(404, b"<html>default backend</html>", {"Content-Type": "text/html"})
    with HostileServer([Answer(502, b""), page]) as server:
        with pytest.raises(NotFoundException) as caught:
            CALLS[kind](connect(server.url))
    assert caught.value.outcome_unknown


@for_all("text", ["T8475:)e-T", "\u0663: 0\u00b22T"])
@for_all("name", ["date", "datetime"])
def test_a_date_that_dateutil_stumbles_over(monkeypatch, name, text):
    # Which texts these are depends on its version.
    import decimal

    import dateutil.parser

    def stumble(value: str) -> None:
        raise decimal.InvalidOperation

    monkeypatch.setattr(dateutil.parser, "parse", stumble)
    answer = SimpleNamespace(status=200, reason="OK", headers={}, data=f'"{text}"')
    with ApiClient() as client, pytest.raises(InvalidResponseException):
        client.deserialize(answer, name)
