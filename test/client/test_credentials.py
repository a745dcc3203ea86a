"""Keys, default headers and cookies: what is sent, when, and what is said without any."""

from __future__ import annotations

import pytest
from cases import for_all

from wavefront_api_client import (
    ApiClient,
    ApiTokenApi,
    BadRequestException,
    Configuration,
    ForbiddenException,
    NotFoundException,
    UnauthorizedException,
)
from wavefront_api_client.retry import RetryPolicy
from wavefront_api_client.testing import TokenServer

KEY = "X-AUTH-TOKEN"
NO_KEY = "No API key is configured"
WRONG_KEY = (
    "The service does not accept the key or access token that was sent: it may be mistyped,"
    " revoked, or that of another instance."
)


def configured(server, key=None, **kwargs):
    configuration = server.configuration()
    configuration.api_key = {} if key is None else {KEY: key}
    for name, value in kwargs.items():
        setattr(configuration, name, value)
    return configuration


def sent(server, client):
    ApiTokenApi(client).get_all_tokens()
    return server.requests[-1].headers


@for_all("before", ["", " ", "\n", "\t "])
@for_all("after", ["", " ", "\n", "\r\n"])
@for_all("encode", [str, str.encode])
def test_white_space_around_a_key_is_dropped(server, before, after, encode):
    key = encode(before + server.user.key + after)
    with ApiClient(configured(server, key)) as client:
        assert sent(server, client)[KEY] == server.user.key


@pytest.mark.parametrize("prefix", ["Bearer", "bearer"])
def test_a_prefix_is_sent_before_the_key(server, prefix):
    configuration = configured(server, f" {server.user.key}\n", api_key_prefix={KEY: prefix})
    with ApiClient(configuration) as client:
        assert sent(server, client)[KEY] == f"{prefix} {server.user.key}"


def test_a_key_that_changes_is_sent_from_then_on(server):
    other = server.add_user("b@example.com")
    with ApiClient(configured(server, server.user.key)) as client:
        assert sent(server, client)[KEY] == server.user.key
        client.configuration.api_key[KEY] = other.key
        assert sent(server, client)[KEY] == other.key
    assert [request.account for request in server.requests] == ["admin@example.com", other.id]


@pytest.mark.parametrize("is_async", [False, True], ids=["", "async"])
def test_the_hook_is_called_once_per_request(server, is_async):
    calls = []

    def hook(configuration):
        calls.append(configuration)
        configuration.api_key[KEY] = server.user.key

    configuration = configured(server, "outdated", refresh_api_key_hook=hook)
    configuration.retries = RetryPolicy(2, backoff=0)
    with ApiClient(configuration) as client:
        api = ApiTokenApi(client)
        for number in (1, 2):
            result = api.get_all_tokens(async_req=is_async)
            assert (result.get(5) if is_async else result).status.code == 200
            assert calls == [configuration] * number


def test_the_hook_is_called_once_however_often_the_request_is_tried(server):
    calls = []
    configuration = configured(server, server.user.key, refresh_api_key_hook=calls.append)
    configuration.retries = RetryPolicy(2, backoff=0)
    server.inject(2, status=502)
    with ApiClient(configuration) as client:
        ApiTokenApi(client).get_all_tokens()
    assert len(calls) == 1
    assert len(server.requests) == 3


def test_an_exception_of_the_hook_reaches_the_caller(server):
    def hook(configuration):
        raise LookupError("no vault")

    with ApiClient(configured(server, "x", refresh_api_key_hook=hook)) as client:
        with pytest.raises(LookupError, match="no vault"):
            ApiTokenApi(client).get_all_tokens()
    assert server.requests == []


@pytest.mark.parametrize("key", [None, "", "  \n", b""])
def test_without_a_key_the_call_is_sent_and_the_401_says_so(server, key):
    with ApiClient(configured(server, key)) as client:
        with pytest.raises(UnauthorizedException) as caught:
            ApiTokenApi(client).get_all_tokens()
    assert KEY not in server.requests[0].headers
    assert NO_KEY in caught.value.hint
    assert KEY in caught.value.hint
    assert "WAVEFRONT_TOKEN" in caught.value.hint
    assert caught.value.hint in str(caught.value)


@pytest.mark.parametrize(
    "arguments",
    [
        ("Authorization", "Bearer nix"),
        ("authorization", "Bearer nix"),
        ("x-auth-token", "nix"),
    ],
)
def test_with_another_credential_the_401_does_not_say_that_there_is_none(server, arguments):
    with ApiClient(configured(server), *arguments) as client:
        with pytest.raises(UnauthorizedException) as caught:
            ApiTokenApi(client).get_all_tokens()
    assert caught.value.hint == WRONG_KEY


def test_a_wrong_key_is_not_told_to_be_missing(server):
    with ApiClient(configured(server, "wrong")) as client:
        with pytest.raises(UnauthorizedException) as caught:
            ApiTokenApi(client).get_all_tokens()
    assert caught.value.hint == WRONG_KEY
    assert "wrong" not in str(caught.value)


NEEDED = "{} needs the permission {}, which the account of the key may lack."
NOT_FOR_ALL = (
    " A service account cannot hold it, and on an instance that is onboarded to VMware Cloud"
    " services the call does not apply."
)


@pytest.mark.parametrize(
    ("name", "permission", "more"),
    [
        ("create_token", "API Tokens", NOT_FOR_ALL),
        ("get_customer_tokens", "Accounts", ""),
    ],
)
def test_a_call_that_is_refused_names_the_permission_it_needs(server, name, permission, more):
    account = server.add_service_account("sa::poor", tokens=1, permissions=())
    needed = NEEDED.format(name, permission) + more
    with ApiClient(configured(server, account.key)) as client:
        call = getattr(ApiTokenApi(client), name)
        with pytest.raises(ForbiddenException) as caught:
            call()
        assert caught.value.hint == needed
        server.inject(status=401)
        with pytest.raises(UnauthorizedException) as caught:
            call()
        assert caught.value.hint == f"{WRONG_KEY} {needed}"
    with ApiClient(configured(server)) as client:
        with pytest.raises(UnauthorizedException) as caught:
            getattr(ApiTokenApi(client), name)()
        assert caught.value.hint.startswith(NO_KEY)
        assert "permission" not in caught.value.hint


def test_twenty_tokens_are_a_bad_request_and_an_onboarded_instance_is_forbidden(server, api):
    server.add_service_account("sa::full", tokens=20)
    with pytest.raises(BadRequestException, match="already has 20 tokens"):
        api.generate_token_service_account("sa::full")
    with TokenServer(onboarded=True) as onboarded, ApiClient(onboarded.configuration()) as client:
        with pytest.raises(ForbiddenException, match="onboarded to VMware Cloud services"):
            ApiTokenApi(client).create_token()


def test_other_errors_without_a_key_are_not_blamed_on_it(server):
    server.inject(status=403)
    server.inject(status=404)
    with ApiClient(configured(server)) as client:
        with pytest.raises(ForbiddenException) as caught:
            ApiTokenApi(client).get_all_tokens()
        assert caught.value.hint is None
        with pytest.raises(NotFoundException) as caught:
            ApiTokenApi(client).get_all_tokens()
        assert caught.value.hint is None


@pytest.mark.parametrize("value", ["Bearer {}", "bearer {}", b"Bearer {}"])
def test_a_bearer_token_works_in_place_of_the_key(server, value):
    text = value if isinstance(value, str) else value.decode()
    header = text.format(server.user.key)
    with ApiClient(
        configured(server), "Authorization", header.encode() if isinstance(value, bytes) else header
    ) as client:
        headers = sent(server, client)
    assert headers["Authorization"] == header
    assert KEY not in headers


def test_a_header_of_the_caller_is_sent_along_with_the_key(server):
    with ApiClient(configured(server, server.user.key), "X-Own", "own") as client:
        headers = sent(server, client)
    assert (headers["x-own"], headers[KEY]) == ("own", server.user.key)


def test_default_headers_are_sent_until_they_are_taken_back(server):
    with ApiClient(configured(server, server.user.key)) as client:
        client.set_default_header("X-One", "1")
        client.default_headers["X-Two"] = "2"
        headers = sent(server, client)
        assert (headers["x-one"], headers["x-two"]) == ("1", "2")
        del client.default_headers["X-One"]
        assert "x-one" not in sent(server, client)


def test_the_user_agent_can_be_changed(server):
    with ApiClient(configured(server, server.user.key)) as client:
        assert client.user_agent.startswith("wavefront-api-client/")
        assert client.default_headers == {"User-Agent": client.user_agent}
        client.user_agent = "mine/1"
        assert client.user_agent == "mine/1"
        assert sent(server, client)["user-agent"] == "mine/1"


@pytest.mark.parametrize("cookie", ["a=b", "a=b; c=d"])
def test_a_cookie_is_sent(server, cookie):
    with ApiClient(configured(server, server.user.key), cookie=cookie) as client:
        assert client.cookie == cookie
        assert sent(server, client)["Cookie"] == cookie
        client.cookie = None
        assert "cookie" not in sent(server, client)


def test_white_space_around_a_header_is_dropped(server):
    with ApiClient(configured(server), "Authorization", f" Bearer {server.user.key}\n") as client:
        assert sent(server, client)["Authorization"] == f"Bearer {server.user.key}"


# the environment's key stands back behind an explicit credential


def test_the_environment_s_key_is_used(server, monkeypatch):
    monkeypatch.setenv("WAVEFRONT_TOKEN", f" {server.user.key}\n")
    configuration = Configuration(host=server.url)
    with ApiClient(configuration) as client:
        assert sent(server, client)[KEY] == server.user.key


@pytest.mark.parametrize("name", ["Authorization", "x-auth-token"])
def test_an_explicit_header_beats_the_environment_s_key(server, monkeypatch, name):
    monkeypatch.setenv("WAVEFRONT_TOKEN", "key-of-the-environment")
    value = f"Bearer {server.user.key}"
    with ApiClient(Configuration(host=server.url), name, value) as client:
        headers = sent(server, client)
    assert headers[name] == value
    assert "key-of-the-environment" not in "".join(headers.values())


def test_an_explicit_key_is_sent_along_with_an_explicit_header(server, monkeypatch):
    monkeypatch.setenv("WAVEFRONT_TOKEN", "key-of-the-environment")
    configuration = Configuration(host=server.url, api_key=server.user.key)
    with ApiClient(configuration, "Authorization", "Bearer x") as client:
        headers = sent(server, client)
    assert (headers[KEY], headers["Authorization"]) == (server.user.key, "Bearer x")


def values_of(request, name):
    return [value for key, value in request.headers.items() if key.lower() == name]


def test_a_cookie_is_no_credential(server, monkeypatch):
    monkeypatch.setenv("WAVEFRONT_TOKEN", server.user.key)
    with ApiClient(Configuration(host=server.url), cookie="lb=node1") as client:
        assert ApiTokenApi(client).get_all_tokens().status.code == 200
    assert values_of(server.requests[-1], "cookie") == ["lb=node1"]


def test_an_explicit_credential_beats_the_key_of_the_environment(server, monkeypatch):
    monkeypatch.setenv("WAVEFRONT_TOKEN", "for-another-instance")
    bearer = f"Bearer {server.user.key}"
    with ApiClient(Configuration(host=server.url), "Authorization", bearer) as client:
        assert ApiTokenApi(client).get_all_tokens().status.code == 200
    assert values_of(server.requests[-1], "x-auth-token") == []


@pytest.mark.parametrize(
    "arguments", [{"cookie": "session=x"}, {"header_name": "cookie", "header_value": "session=x"}]
)
def test_a_401_with_a_cookie_is_not_told_that_no_key_is_configured(server, arguments):
    with ApiClient(Configuration(host=server.url), **arguments) as client:
        with pytest.raises(UnauthorizedException) as caught:
            ApiTokenApi(client).get_all_tokens()
    assert "No API key" not in caught.value.hint
