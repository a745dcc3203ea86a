"""With `raise_on_error_result`, a 200 whose `status.result` is ERROR is an exception."""

from __future__ import annotations

import json
import traceback

import pytest

from wavefront_api_client import (
    ApiException,
    Configuration,
    InvalidResponseException,
    NotFoundException,
    ServiceException,
)
from wavefront_api_client.retry import RetryPolicy


def answer(code, message="no", **more):
    return {"status": {"result": "ERROR", "message": message, "code": code}, **more}


@pytest.fixture
def strict(client):
    client.configuration.raise_on_error_result = True


@pytest.mark.parametrize(
    ("code", "family", "status"),
    [
        (404, NotFoundException, 404),
        (503, ServiceException, 503),
        (418, ApiException, 418),
        (200, ApiException, 201),
        (600, ApiException, 201),
        (None, ApiException, 201),
        (True, ApiException, 201),
        ("404", ApiException, 201),
    ],
)
def test_the_code_in_the_body_says_which_exception_it_is(api, server, strict, code, family, status):
    server.inject(status=201, body=answer(code), headers={"X-Trace": "t1"})
    with pytest.raises(ApiException) as caught:
        api.get_all_tokens()
    error = caught.value
    assert type(error) is family
    assert (error.status, error.message, error.attempts) == (status, "no", 1)
    assert error.reason == "Created, but the answer says status.result ERROR"
    assert (error.operation, error.outcome_unknown) == ("get_all_tokens", False)
    assert error.headers["x-trace"] == "t1"
    assert json.loads(error.body) == answer(code)
    assert str(error).startswith(f"({status})\nReason: Created, but the answer says")
    assert len(server.requests) == 1


def test_each_way_of_calling_raises_it_but_for_an_answer_left_unread(api, client, server, strict):
    server.inject(5, status=200, body=answer(404))
    with pytest.raises(NotFoundException):
        api.update_token_name_with_http_info("x")
    with pytest.raises(NotFoundException):
        api.update_token_name("x", async_req=True).get(10)
    with pytest.raises(NotFoundException):
        client.call_api("/api/v2/other", "GET", response_type="object")
    unread = api.update_token_name("x", _preload_content=False)
    assert json.loads(unread.data) == answer(404)
    assert client.call_api("/api/v2/other", "GET", _return_http_data_only=True) is None


def test_other_results_are_returned(api, client, server, strict):
    for result in ("OK", "STRANGE", None, ["ERROR"]):
        server.inject(status=200, body={"status": {"result": result, "code": 404}})
        assert api.get_all_tokens().status.result == result
    server.inject(status=200, body={"status": "ERROR"})
    assert api.get_all_tokens().status == "ERROR"
    server.inject(status=200, body=["ERROR"])
    assert client.call_api("/api/v2/other", "GET", response_type="object")[0] == ["ERROR"]


def test_no_secret_of_the_call_is_shown(api, server, strict):
    token = "0b5e2f4a-1111-4222-8333-444455556666"
    server.inject(status=200, body=answer(400, f"no {token}", response=[{"tokenID": token}]))
    with pytest.raises(ApiException) as caught:
        api.delete_token(token)
    text = "".join(traceback.TracebackException.from_exception(caught.value).format())
    assert token not in text + repr(caught.value) + caught.value.message
    assert token in caught.value.body


def test_a_removal_that_an_earlier_attempt_had_carried_out_is_done(api, client, server, strict):
    client.configuration.retries = RetryPolicy(1, backoff=0)
    server.inject(drop="after")
    server.inject(status=200, body=answer(404))
    assert api.delete_token("x").status.result == "OK"
    server.inject(drop="after")
    server.inject(status=200, body=answer(409))
    with pytest.raises(ApiException) as caught:
        api.update_token_name("x")
    assert caught.value.outcome_unknown
    assert caught.value.attempts == 2
    server.inject(drop="after")
    server.inject(status=200, body=answer(404))
    with pytest.raises(NotFoundException) as caught:
        api.get_customer_token("x")
    assert not caught.value.outcome_unknown


def test_an_answer_that_cannot_be_used_stays_one(api, server, strict):
    server.inject(status=200, body="<html>")
    with pytest.raises(InvalidResponseException):
        api.get_all_tokens()


def test_it_is_off_unless_it_is_asked_for():
    assert Configuration().raise_on_error_result is False
    Configuration.set_default(Configuration(raise_on_error_result=True))
    assert Configuration().raise_on_error_result is True
