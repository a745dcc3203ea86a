"""The eleven calls and their twins, pinned at the wire and by their results."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from typing import NamedTuple

import pytest

import wavefront_api_client
from wavefront_api_client import ApiTokenApi
from wavefront_api_client.models import (
    ApiTokenModel,
    ResponseContainerApiTokenModel,
    ResponseContainerListApiTokenModel,
    ResponseContainerListUserApiToken,
    ResponseContainerUserApiToken,
    ResponseStatus,
    UserApiToken,
)


class Call(NamedTuple):
    """How an endpoint is called, what is sent then, and what comes back."""

    name: str
    arguments: dict
    method: str
    path: str
    takes_body: bool
    result: type
    element: type


ODD = "a/b?c é%2F"
ODD_QUOTED = "a%2Fb%3Fc%20%C3%A9%252F"
LIST, ONE = ResponseContainerListUserApiToken, ResponseContainerUserApiToken
ROOT = "/api/v2/apitoken"
SERVICE = f"{ROOT}/serviceaccount/sa%3A%3Aci"
SA = {"id": "sa::ci"}
SA_TOKEN = {"id": "sa::ci", "token": "sa-token"}

CALLS = [
    Call("create_token", {}, "POST", ROOT, False, LIST, UserApiToken),
    Call(
        "delete_customer_token",
        {},
        "PUT",
        f"{ROOT}/customertokens/revoke",
        True,
        ONE,
        UserApiToken,
    ),
    Call("delete_token", {"id": ODD}, "DELETE", f"{ROOT}/{ODD_QUOTED}", False, LIST, UserApiToken),
    Call(
        "delete_token_service_account",
        SA_TOKEN,
        "DELETE",
        f"{SERVICE}/sa-token",
        False,
        LIST,
        UserApiToken,
    ),
    Call("generate_token_service_account", SA, "POST", SERVICE, True, LIST, UserApiToken),
    Call("get_all_tokens", {}, "GET", ROOT, False, LIST, UserApiToken),
    Call(
        "get_customer_token",
        {"id": ODD},
        "GET",
        f"{ROOT}/customertokens/{ODD_QUOTED}",
        False,
        ResponseContainerApiTokenModel,
        ApiTokenModel,
    ),
    Call(
        "get_customer_tokens",
        {},
        "GET",
        f"{ROOT}/customertokens",
        False,
        ResponseContainerListApiTokenModel,
        ApiTokenModel,
    ),
    Call("get_tokens_service_account", SA, "GET", SERVICE, False, LIST, UserApiToken),
    Call("update_token_name", {"id": ODD}, "PUT", f"{ROOT}/{ODD_QUOTED}", True, ONE, UserApiToken),
    Call(
        "update_token_name_service_account",
        SA_TOKEN,
        "PUT",
        f"{SERVICE}/sa-token",
        True,
        ONE,
        UserApiToken,
    ),
]

each_call = pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
each_body_call = pytest.mark.parametrize(
    "call", [call for call in CALLS if call.takes_body], ids=lambda call: call.name
)


@pytest.fixture
def account(server):
    """What the calls need to find: an odd token of the user, a service account with a token."""
    server.add_service_account("sa::ci", tokens=["sa-token", "sa-other"])
    return server.add_user("odd@example.com", tokens=["the-key", ODD])


@pytest.fixture
def client(server, account):
    with wavefront_api_client.ApiClient(server.configuration(account)) as client:
        yield client


@pytest.fixture
def api(client):
    return ApiTokenApi(client)


def options_of(call):
    return {"body": {"tokenID": "sa-other"}} if call.name == "delete_customer_token" else {}


def names():
    return {call.name for call in CALLS}


def test_the_api_has_these_calls_and_their_twins():
    """That it has no others but those of `OPERATIONS` is a test of the lists."""
    assert names() | {f"{name}_with_http_info" for name in names()} <= {*dir(ApiTokenApi)}


@each_call
@pytest.mark.parametrize("twin", [False, True], ids=["plain", "twin"])
def test_what_is_sent(api, server, account, call, twin):
    method = getattr(api, call.name + "_with_http_info" * twin)
    method(**call.arguments, **options_of(call))
    (request,) = server.requests
    assert (request.method, request.path, request.status) == (call.method, call.path, 200)
    version = "{}.{}".format(*sys.version_info[:2])
    expected = {
        "host": server.url.partition("//")[2],
        "accept": "application/json",
        "accept-encoding": "gzip",
        "user-agent": f"wavefront-api-client/{wavefront_api_client.__version__} python/{version}",
        "x-auth-token": account.key,
    }
    if call.takes_body:
        body = json.dumps(options_of(call).get("body", {})).encode()
        expected.update({"content-type": "application/json", "content-length": str(len(body))})
        assert request.body == body
    else:
        assert request.body == b""
        if call.method in ("POST", "PUT"):
            expected["content-length"] = "0"
    assert dict(request.headers) == expected


@each_call
def test_what_comes_back(api, call):
    data = getattr(api, call.name)(**call.arguments, **options_of(call))
    assert type(data) is call.result
    assert type(data.status) is ResponseStatus
    assert (data.status.result, data.status.code) == ("OK", 200)
    elements = data.response if isinstance(data.response, list) else [data.response]
    assert elements
    assert {type(element) for element in elements} == {call.element}


@each_call
def test_the_twin_returns_data_status_and_headers(api, call):
    method = getattr(api, call.name + "_with_http_info")
    result = method(**call.arguments, **options_of(call))
    assert isinstance(result, tuple)
    data, status, headers = result
    assert type(data) is call.result
    assert status == 200
    assert type(status) is int
    assert isinstance(headers, Mapping)
    assert headers["Content-Type"] == headers["content-type"] == headers["CONTENT-TYPE"]
    assert headers["content-type"].startswith("application/json")


@each_call
def test_path_parameters_may_be_positional(api, server, call):
    getattr(api, call.name)(*call.arguments.values(), **options_of(call))
    assert [request.path for request in server.requests] == [call.path]


@each_call
def test_the_twin_takes_positional_parameters_too(api, server, call):
    getattr(api, call.name + "_with_http_info")(*call.arguments.values(), **options_of(call))
    assert [request.path for request in server.requests] == [call.path]


@each_call
def test_more_positional_parameters_are_a_type_error(api, server, call):
    for method in (getattr(api, call.name), getattr(api, call.name + "_with_http_info")):
        with pytest.raises(TypeError):
            method(*call.arguments.values(), {})
    assert server.requests == []


@each_call
def test_overriding_the_twin_changes_the_plain_method(client, server, call):
    seen = []

    def twin(self, *args, **kwargs):
        seen.append((args, kwargs))
        return "overridden"

    Mine = type("Mine", (ApiTokenApi,), {f"{call.name}_with_http_info": twin})  # noqa: N806
    result = getattr(Mine(client), call.name)(**call.arguments, _request_timeout=5)
    assert result == "overridden"
    ((args, kwargs),) = seen
    path_values = [*args, *(kwargs[name] for name in call.arguments if name in kwargs)]
    assert path_values == list(call.arguments.values())
    assert kwargs["_return_http_data_only"] is True
    assert kwargs["_request_timeout"] == 5
    assert server.requests == []


BODIES = {
    "model": (UserApiToken(token_name="n"), {"tokenName": "n"}),
    "full model": (
        UserApiToken(
            account="a", account_type="USER_ACCOUNT", date_generated=1, last_used=0, token_name="ü"
        ),
        {
            "account": "a",
            "accountType": "USER_ACCOUNT",
            "dateGenerated": 1,
            "lastUsed": 0,
            "tokenName": "ü",
        },
    ),
    "unset model": (UserApiToken(), {}),
    "dict": ({"tokenName": "n", "account": [1, None, True]}, None),
    "attributes": (
        {"token_name": "n", "last_used": 0, "account": None},
        {"tokenName": "n", "lastUsed": 0},
    ),
    "to_dict": (UserApiToken(token_name="n").to_dict(), {"tokenName": "n"}),
    "both": (
        {"token_name": "n", "tokenName": "n", "tokenID": "t", "token_id": None},
        {"tokenName": "n", "tokenID": "t"},
    ),
    "empty dict": ({}, {}),
    "nested": (
        {"tokenName": "n", "account": UserApiToken(last_used=1)},
        {"tokenName": "n", "account": {"lastUsed": 1}},
    ),
    "none": (None, {}),
    "bytes": ({b"tokenName": b"n"}, {"tokenName": "n"}),
    "model of bytes": (UserApiToken(token_name=b"\xc3\xbc"), {"tokenName": "ü"}),
}


@each_body_call
@pytest.mark.parametrize("kind", BODIES)
def test_what_is_sent_as_a_body(api, server, call, kind):
    body, expected = BODIES[kind]
    server.inject(status=200)
    getattr(api, call.name)(**call.arguments, body=body)
    (request,) = server.requests
    assert json.loads(request.body) == (body if expected is None else expected)
    assert request.headers["content-type"] == "application/json"


@each_body_call
def test_a_body_is_not_changed(api, server, call):
    body = {b"token_name": b"n", "account": [UserApiToken(token_name="n")]}
    server.inject(status=200)
    getattr(api, call.name)(**call.arguments, body=body)
    assert body == {b"token_name": b"n", "account": [UserApiToken(token_name="n")]}


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        (ODD, ODD_QUOTED),
        ("sa::x", "sa%3A%3Ax"),
        ("...", "..."),
        ("a b", "a%20b"),
        ("+", "%2B"),
        ("%", "%25"),
        ("%zz", "%25zz"),
        ("ü€😀", "%C3%BC%E2%82%AC%F0%9F%98%80"),
        ("customertokens", "customertokens"),
        ("a;b=c", "a%3Bb%3Dc"),
        ("?x=y#z", "%3Fx%3Dy%23z"),
        ("{id}", "%7Bid%7D"),
        ("{token}", "%7Btoken%7D"),
        ("x" * 2000, "x" * 2000),
        (b"bytes\xc3\xa4", "bytes%C3%A4"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_odd_ids_reach_the_service_as_they_are(api, server, value, quoted):
    server.inject(2, status=200)
    api.get_tokens_service_account(value)
    api.delete_token_service_account(value, "{id}")
    paths = [request.path for request in server.requests]
    assert paths == [
        f"{ROOT}/serviceaccount/{quoted}",
        f"{ROOT}/serviceaccount/{quoted}/%7Bid%7D",
    ]


def test_characters_can_be_left_unquoted_by_configuration(api, server):
    api.api_client.configuration.safe_chars_for_path_param = ":/"
    api.get_tokens_service_account("sa::ci")
    assert server.requests[0].path == f"{ROOT}/serviceaccount/sa::ci"


def test_the_story_of_a_user(api, server, account):
    before = [token.token_id for token in account.tokens]
    created = api.create_token().response
    assert [token.token_id for token in created[:-1]] == before
    new = created[-1]
    assert re.fullmatch(r"[0-9a-f-]{36}", new.token_id)
    assert (new.account, new.account_type) == ("odd@example.com", "USER_ACCOUNT")
    renamed = api.update_token_name(new.token_id, body={"tokenName": "ci"}).response
    assert (renamed.token_id, renamed.token_name) == (new.token_id, "ci")
    listed = api.get_all_tokens().response
    assert [token.token_name for token in listed if token.token_id == new.token_id] == ["ci"]
    found = api.get_customer_token(new.token_id).response
    assert (found.id, found.name, found.customer) == (new.token_id, "ci", "example")
    everything = api.get_customer_tokens().response
    assert len(everything) == len(server.user.tokens) + len(account.tokens) + 2
    left = api.delete_token(new.token_id).response
    assert [token.token_id for token in left] == before


def test_the_story_of_a_service_account(api):
    made = api.generate_token_service_account("sa::ci", body=UserApiToken(token_name="new"))
    new = made.response[-1]
    assert new.token_name == "new"
    api.update_token_name_service_account(
        "sa::ci", new.token_id, body=UserApiToken(token_name="other")
    )
    listed = api.get_tokens_service_account("sa::ci").response
    assert [token.token_name for token in listed] == ["", "", "other"]
    revoked = api.delete_customer_token(body=UserApiToken(token_id="sa-token")).response
    assert revoked.token_id == "sa-token"
    left = api.delete_token_service_account("sa::ci", new.token_id).response
    assert [token.token_id for token in left] == ["sa-other"]


def test_an_error_that_comes_with_200_is_returned_as_it_came(api, server):
    body = {"status": {"result": "ERROR", "message": "no", "code": 500}}
    server.inject(status=200, body=body)
    data = api.get_all_tokens()
    assert (data.status.result, data.status.message, data.status.code) == ("ERROR", "no", 500)
    assert data.response is None


def test_answers_are_read_tolerantly(api, server):
    body = {
        "status": {"result": "STRANGE", "code": None},
        "debugInfo": ["note"],
        "response": [{"tokenID": "a", "accountType": "NEW"}, None, {"tokenID": "b", "x": 1}],
        "extra": 1,
    }
    server.inject(status=200, body=body)
    data = api.get_all_tokens()
    assert data.debug_info == ["note"]
    assert data.status.result == "STRANGE"
    assert [element and element.token_id for element in data.response] == ["a", None, "b"]
    assert data.response[0].account_type == "NEW"


@pytest.mark.parametrize("status", [200, 204])
def test_an_empty_answer_is_an_empty_container(api, server, status):
    server.inject(2, status=status, body=b"", headers={"X-Trace": "t1"})
    empty = api.delete_token("x")
    assert (empty.status.result, empty.response) == ("OK", [])
    data, code, headers = api.delete_token_with_http_info("x")
    assert (data, code) == (empty, status)
    assert isinstance(headers, Mapping)
    assert headers["x-trace"] == "t1"


def test_the_api_makes_a_client_of_its_own(server, monkeypatch):
    monkeypatch.setenv("WAVEFRONT_URL", server.url)
    monkeypatch.setenv("WAVEFRONT_TOKEN", server.user.key)
    api = ApiTokenApi()
    assert [token.token_id for token in api.get_all_tokens().response] == [server.user.key]
    api.api_client.close()
