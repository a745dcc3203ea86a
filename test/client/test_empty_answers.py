"""A call that succeeded returns its container, also where no body tells what came of it."""

from __future__ import annotations

import copy
import pickle

import pytest
from cases import for_all

import wavefront_api_client
from wavefront_api_client import ResponseStatus
from wavefront_api_client._core.operations import BY_REQUEST
from wavefront_api_client.api.api_token_api import OPERATIONS
from wavefront_api_client.retry import RetryPolicy

ARGUMENTS = {"id": "an-id", "token": "a-token"}
REMOVALS = ["delete_customer_token", "delete_token", "delete_token_service_account"]
OK = ResponseStatus(result="OK", message="the answer had no body", code=200)
PATH = "/api/v2/other"


def arguments(name):
    return {key: value for key, value in ARGUMENTS.items() if f"{{{key}}}" in OPERATIONS[name].path}


def check(answer, name):
    model = getattr(wavefront_api_client, OPERATIONS[name].result)
    assert type(answer) is model
    assert answer.status == OK
    assert answer.debug_info is None
    assert answer.response == ([] if model.swagger_types["response"].startswith("list[") else None)


@for_all("status", [200, 202, 204, 299])
@for_all("name", OPERATIONS)
def test_2xx_without_a_body(api, server, name, status):
    server.inject(4, status=status, body=b"", headers={"X-Trace": "t1"})
    check(getattr(api, name)(**arguments(name)), name)
    check(getattr(api, name)(**arguments(name), async_req=True).get(5), name)
    twin = getattr(api, f"{name}_with_http_info")
    data, code, headers = twin(**arguments(name))
    check(data, name)
    assert (code, headers["x-trace"]) == (status, "t1")
    check(twin(**arguments(name), _return_http_data_only=True), name)


@pytest.mark.parametrize("name", REMOVALS)
def test_a_removal_that_an_earlier_attempt_had_carried_out(api, client, server, name):
    client.configuration.retries = RetryPolicy(1, backoff=0)
    for call in (name, f"{name}_with_http_info"):
        server.inject(drop="after")
        server.inject(status=404, headers={"X-Trace": "t1"})
        answer = getattr(api, call)(**arguments(name))
    data, code, headers = answer
    check(data, name)
    assert (code, headers["x-trace"]) == (404, "t1")


def test_there_are_three_removals():
    assert REMOVALS == ["delete_customer_token", "delete_token", "delete_token_service_account"]
    assert ("DELETE", PATH) not in BY_REQUEST


def test_each_empty_answer_is_the_callers_own(api, server):
    server.inject(2, status=204, body=b"")
    first = api.get_all_tokens()
    first.response.append("x")
    first.status.result = "ERROR"
    second = api.get_all_tokens()
    check(second, "get_all_tokens")
    assert copy.deepcopy(second) == second == pickle.loads(pickle.dumps(second))


def test_an_unread_answer_stays_unread(api, server):
    server.inject(status=204, body=b"")
    response = api.get_all_tokens(_preload_content=False)
    assert (response.status, response.read()) == (204, b"")
    response.release_conn()


@for_all(
    "response_type",
    [None, "object", "int", "bool", "datetime", "list[UserApiToken]", "dict(str, str)"]
    + ["UserApiToken", "ResponseStatus", ResponseStatus],
)
def test_what_is_no_container_stays_none(client, server, response_type):
    server.inject(status=204, body=b"")
    data, code, _ = client.call_api(PATH, "GET", response_type=response_type)
    assert (data, code) == (None, 204)


def test_text_stays_text(client, server):
    server.inject(status=200, body=b"")
    assert client.call_api(PATH, "GET", response_type="str")[:2] == ("", 200)


@pytest.mark.parametrize("by_name", [True, False])
def test_a_generic_call_for_a_container(client, server, by_name):
    model = wavefront_api_client.ResponseContainerApiTokenModel
    server.inject(status=204, body=b"")
    response_type = model.__name__ if by_name else model
    data, code, _ = client.call_api(PATH, "GET", response_type=response_type)
    assert (type(data), data.status, data.response, code) == (model, OK, None, 204)


def test_a_generic_removal(client, server):
    client.configuration.retries = RetryPolicy(1, backoff=0)
    server.inject(drop="after")
    server.inject(status=404)
    response_type = "ResponseContainerListUserApiToken"
    data, code, _ = client.call_api(PATH, "DELETE", response_type=response_type)
    assert (data.status, data.response, code) == (OK, [], 404)


def test_deserialize_still_says_that_nothing_came(client, server):
    server.inject(status=204, body=b"")
    client.call_api(PATH, "GET")
    result = OPERATIONS["get_all_tokens"].result
    assert client.deserialize(client.last_response, result) is None
