"""The options of a call: async_req, _preload_content, _request_timeout, _return_http_data_only."""

from __future__ import annotations

import json
import multiprocessing
import re
import threading
import time

import pytest
import urllib3
from cases import for_all

from wavefront_api_client import (
    ApiClient,
    ApiException,
    ApiTimeoutException,
    NotFoundException,
    UserApiToken,
)
from wavefront_api_client.models import ResponseContainerListUserApiToken
from wavefront_api_client.retry import RetryPolicy

WAIT = 5


@pytest.fixture
def client(server):
    configuration = server.configuration()
    configuration.retries = RetryPolicy(2, backoff=0)
    with ApiClient(configuration) as client:
        yield client


# async_req


def test_an_asynchronous_call_delivers_what_the_call_returns(api):
    result = api.get_all_tokens(async_req=True)
    data = result.get(WAIT)
    assert type(data) is ResponseContainerListUserApiToken
    assert data == api.get_all_tokens() or data.response
    assert result.ready() is True
    assert result.successful() is True
    assert result.wait() is None
    assert result.get() is data


def test_an_asynchronous_twin_delivers_all_three(api):
    data, status, headers = api.get_all_tokens_with_http_info(async_req=True).get(WAIT)
    assert type(data) is ResponseContainerListUserApiToken
    assert status == 200
    assert headers["content-type"].startswith("application/json")


def test_an_asynchronous_twin_delivers_the_data_alone_if_asked(api):
    result = api.get_all_tokens_with_http_info(async_req=True, _return_http_data_only=True)
    assert type(result.get(WAIT)) is ResponseContainerListUserApiToken


def test_an_asynchronous_call_delivers_the_exception(api):
    result = api.delete_token("nix", async_req=True)
    with pytest.raises(NotFoundException) as caught:
        result.get(timeout=WAIT)
    assert caught.value.operation == "delete_token"
    assert result.successful() is False


def test_an_asynchronous_call_runs_in_another_thread(api, client):
    seen = []
    original = client.rest_client.request

    def request(*args, **kwargs):
        seen.append(threading.current_thread())
        return original(*args, **kwargs)

    client.rest_client.request = request
    api.get_all_tokens(async_req=True).get(WAIT)
    api.get_all_tokens(async_req=False)
    assert seen[0] is not threading.current_thread()
    assert seen[1] is threading.current_thread()


def test_an_asynchronous_call_that_takes_its_time(api, server):
    server.inject(delay=0.2)
    result = api.get_all_tokens(async_req=True)
    assert result.ready() is False
    with pytest.raises(multiprocessing.TimeoutError):
        result.get(timeout=0.01)
    with pytest.raises(ValueError, match="not ended"):
        result.successful()
    result.wait(0.01)
    assert result.ready() is False
    result.wait(WAIT)
    assert result.successful() is True


def test_asynchronous_calls_run_side_by_side(api, server):
    server.inject(8, delay=0.3)
    begin = time.monotonic()
    results = [api.get_all_tokens(async_req=True) for _ in range(8)]
    assert all(result.get(WAIT).status.code == 200 for result in results)
    assert time.monotonic() - begin < 8 * 0.3 - 0.5


@pytest.mark.parametrize("value", [False, None, 0])
def test_async_req_that_is_not_true_calls_at_once(api, value):
    assert type(api.get_all_tokens(async_req=value)) is ResponseContainerListUserApiToken


def test_an_asynchronous_call_takes_all_arguments_along(api, server):
    server.add_service_account("sa::a")
    made = api.generate_token_service_account(
        "sa::a", body=UserApiToken(token_name="n"), async_req=True, _request_timeout=WAIT
    ).get(WAIT)
    assert [token.token_name for token in made.response] == ["n"]


# _preload_content


def test_without_preloading_the_answer_is_unread(api):
    response = api.get_all_tokens(_preload_content=False)
    assert isinstance(response, urllib3.HTTPResponse)
    assert response.status == 200
    assert json.loads(response.read())["status"]["result"] == "OK"
    assert response.read() == b""
    response.release_conn()


def test_without_preloading_data_reads_too(api):
    response = api.get_all_tokens(_preload_content=False)
    assert json.loads(response.data)["status"]["code"] == 200


def test_a_twin_without_preloading_gives_the_answer_three_times(api):
    response, status, headers = api.get_all_tokens_with_http_info(_preload_content=False)
    assert isinstance(response, urllib3.HTTPResponse)
    assert (status, headers["CONTENT-type"]) == (200, "application/json")
    assert headers is response.headers or dict(headers) == dict(response.headers)
    response.drain_conn()


def test_without_preloading_an_asynchronous_call_delivers_the_answer(api):
    response = api.get_all_tokens(_preload_content=False, async_req=True).get(WAIT)
    assert json.loads(response.read())["status"]["code"] == 200


def test_without_preloading_an_error_still_raises_with_its_body(api):
    with pytest.raises(NotFoundException) as caught:
        api.delete_token("nix", _preload_content=False)
    assert json.loads(caught.value.body)["status"]["code"] == 404
    assert caught.value.message


def test_without_preloading_nothing_is_made_of_the_answer(api, server):
    server.inject(status=200, body="<html>")
    response = api.get_all_tokens(_preload_content=False)
    assert response.read() == b"<html>"


@pytest.mark.parametrize("value", [True, None])
def test_preloading_is_the_default(api, value):
    options = {} if value is None else {"_preload_content": value}
    assert type(api.get_all_tokens(**options)) is ResponseContainerListUserApiToken


# _request_timeout

GOOD = [
    WAIT,
    float(WAIT),
    (WAIT, WAIT),
    (None, WAIT),
    (WAIT, None),
    (None, None),
    None,
    urllib3.Timeout(connect=WAIT, read=WAIT),
    urllib3.Timeout(connect=WAIT, read=WAIT, total=WAIT),
    urllib3.Timeout(WAIT),
    urllib3.Timeout(total=WAIT),
    urllib3.Timeout(connect=1, total=WAIT),
    urllib3.Timeout(),
]
SHORT = [
    0.05,
    (WAIT, 0.05),
    (None, 0.05),
    urllib3.Timeout(connect=WAIT, read=0.05),
    urllib3.Timeout(read=0.05),
    urllib3.Timeout(connect=WAIT, read=WAIT, total=0.05),
    urllib3.Timeout(0.05),
    urllib3.Timeout(total=0.05),
]


def name_of(timeout):
    """A name that is the same in every run, unlike the repr of a `urllib3.Timeout`."""
    return re.sub("<[^>]*>", "default", str(timeout))


@for_all("timeout", GOOD)
@for_all("is_async", [False, True])
def test_a_timeout_that_is_long_enough(api, timeout, is_async):
    result = api.get_all_tokens(_request_timeout=timeout, async_req=is_async)
    assert (result.get(WAIT) if is_async else result).status.code == 200


@for_all("timeout", SHORT)
def test_a_timeout_that_is_too_short(api, client, server, timeout):
    client.configuration.retries = 0
    server.inject(delay=30)
    begin = time.monotonic()
    with pytest.raises(ApiTimeoutException) as caught:
        api.get_all_tokens(_request_timeout=timeout)
    assert time.monotonic() - begin < WAIT / 2
    assert (caught.value.status, caught.value.attempts) == (0, 1)
    assert isinstance(caught.value, urllib3.exceptions.HTTPError)


@pytest.mark.parametrize("timeout", SHORT[:4], ids=name_of)
def test_the_configuration_s_timeout_is_the_default(api, client, server, timeout):
    client.configuration.retries = 0
    client.configuration.request_timeout = timeout
    server.inject(delay=30)
    server.inject(delay=0.2)
    with pytest.raises(ApiTimeoutException):
        api.get_all_tokens()
    assert api.get_all_tokens(_request_timeout=None).status.code == 200
    assert api.get_all_tokens(_request_timeout=WAIT).status.code == 200


def test_a_number_bounds_the_call_with_its_retries(api, client, server):
    client.configuration.retries = RetryPolicy(30, backoff=0)
    server.inject(31, delay=30)
    begin = time.monotonic()
    with pytest.raises(ApiTimeoutException):
        api.get_all_tokens(_request_timeout=0.1)
    # With a limit for each of 31 attempts it would take 3.1 seconds.
    assert time.monotonic() - begin < 2


def test_a_pair_bounds_each_attempt(api, client, server):
    client.configuration.retries = RetryPolicy(2, backoff=0)
    server.inject(2, delay=30)
    assert api.get_all_tokens(_request_timeout=(WAIT, 1)).status.code == 200
    assert len(server.requests) == 3


# _return_http_data_only


@pytest.mark.parametrize(("value", "is_tuple"), [(True, False), (False, True), (None, True)])
def test_the_twin_returns_the_data_alone_if_asked(api, value, is_tuple):
    result = api.get_all_tokens_with_http_info(_return_http_data_only=value)
    assert isinstance(result, tuple) is is_tuple


@pytest.mark.parametrize("value", [True, False, None])
def test_the_plain_call_always_returns_the_data_alone(api, value):
    result = api.get_all_tokens(_return_http_data_only=value)
    assert type(result) is ResponseContainerListUserApiToken


def test_all_options_together(api):
    result = api.get_all_tokens_with_http_info(
        async_req=True,
        _preload_content=False,
        _request_timeout=(WAIT, WAIT),
        _return_http_data_only=True,
    )
    assert json.loads(result.get(WAIT).read())["status"]["code"] == 200


# what an exception tells of the call


@pytest.mark.parametrize("is_async", [False, True], ids=["", "async"])
@pytest.mark.parametrize("preload", [True, False], ids=["", "unread"])
def test_an_exception_knows_its_call(api, is_async, preload):
    with pytest.raises(NotFoundException) as caught:
        result = api.delete_token_service_account_with_http_info(
            "sa::nix", "the-token", async_req=is_async, _preload_content=preload
        )
        result.get(WAIT)
    error = caught.value
    assert (error.status, error.reason) == (404, "Not Found")
    assert error.operation == "delete_token_service_account"
    assert error.method == "DELETE"
    assert error.path_template == "/api/v2/apitoken/serviceaccount/{id}/{token}"
    assert error.attempts == 1
    assert error.message == "there is no service account with this id"
    assert error.headers["content-TYPE"] == "application/json"
    assert error.outcome_unknown is False
    assert str(error).startswith("(404)\nReason: Not Found\n")
    assert "sa::nix" not in str(error)
    assert "the-token" not in str(error)
    assert error.__cause__ is None
    assert error.__context__ is None


@pytest.mark.parametrize(
    ("shape", "message", "tracked"),
    [
        ("container", "it\nwent wrong", False),
        ("gateway", "it\nwent wrong", True),
        ("text", "it\nwent wrong", True),
    ],
)
def test_each_shape_of_error_is_read(api, server, shape, message, tracked):
    server.inject(status=409, body=server.error_body(shape, 409, message))
    with pytest.raises(ApiException) as caught:
        api.get_all_tokens()
    assert caught.value.message == message
    assert bool(caught.value.tracking_id) is tracked


def test_retries_are_counted(api, server):
    server.inject(2, status=502)
    assert api.get_all_tokens().status.code == 200
    assert len(server.requests) == 3
    server.inject(3, status=502)
    with pytest.raises(ApiException) as caught:
        api.get_all_tokens()
    assert (caught.value.attempts, caught.value.status) == (3, 502)


def test_a_delete_that_had_got_through_is_done(api, server):
    token = api.create_token().response[-1].token_id
    server.inject(drop="after", method="DELETE")
    empty = api.delete_token(token)
    assert (empty.status.result, empty.response) == ("OK", [])
    token = api.create_token().response[-1].token_id
    server.inject(drop="after", method="DELETE")
    data, status, headers = api.delete_token_with_http_info(token)
    assert (data, status) == (empty, 404)
    assert headers["content-type"] == "application/json"
    assert [request.status for request in server.requests if request.method == "DELETE"] == [
        0,
        404,
    ] * 2


def test_a_revoke_that_had_got_through_is_done(api, server):
    token = api.create_token().response[-1].token_id
    server.inject(drop="after", method="PUT")
    empty = api.delete_customer_token(body={"tokenID": token})
    assert (empty.status.result, empty.response) == ("OK", None)


def test_a_rename_of_a_missing_token_is_not_done(api, server):
    server.inject(drop="before", method="PUT")
    with pytest.raises(NotFoundException):
        api.update_token_name("nix", body={"tokenName": "n"})


def test_a_created_token_that_may_exist_is_told(api, server):
    server.inject(drop="after")
    with pytest.raises(ApiException) as caught:
        api.create_token()
    assert caught.value.outcome_unknown is True
    assert "List the tokens" in str(caught.value)
    assert caught.value.attempts == 1
    assert len(server.user.tokens) == 2


def test_a_token_id_that_utf_8_cannot_hold_is_told_to_be_missing(api):
    with pytest.raises(ApiException) as caught:
        api.delete_customer_token(body={"tokenID": "\ud800secret"})
    assert caught.value.status in (400, 404)
    assert "secret" not in str(caught.value)
