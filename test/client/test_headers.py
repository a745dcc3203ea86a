"""The headers of a request as they are on the wire: each once, the last of a name, as text."""

from __future__ import annotations

import pytest
from cases import for_all
from hostile import Answer, HostileServer, configuration_for

from wavefront_api_client import (
    ApiClient,
    ApiTokenApi,
    Configuration,
    ForbiddenException,
    InvalidResponseException,
    UnauthorizedException,
)

PATH = "/api/v2/apitoken"
CANARY = "c4nary-in-a-header"


@pytest.fixture
def wire():
    with HostileServer([Answer()]) as server:
        yield server


def lines(server):
    """The header lines of the last request, names in lower case, repeated ones repeated."""
    head = server.requests[-1].raw.decode("latin-1").split("\r\n\r\n")[0]
    pairs = (line.partition(":") for line in head.split("\r\n")[1:])
    return [(name.lower(), value.strip()) for name, _, value in pairs]


def values(server, name):
    return [value for key, value in lines(server) if key == name]


# --- once, and the last -----------------------------------------------------------------------

SPELLINGS = ["Accept", "accept", "ACCEPT", "aCCept"]


@for_all("default", SPELLINGS)
@for_all("given", SPELLINGS)
def test_a_default_header_replaces_one_of_the_call(wire, given, default):
    with ApiClient(configuration_for(wire.url), default, "text/default") as client:
        client.call_api(PATH, "GET", header_params={given: "text/given"})
    assert values(wire, "accept") == ["text/default"]


@for_all("name", ["cookie", "Cookie", "COOKIE"])
@for_all("place", ["call", "default"])
def test_the_cookie_replaces_a_header_of_that_name(wire, place, name):
    with ApiClient(configuration_for(wire.url), cookie="a=cookie") as client:
        if place == "default":
            client.set_default_header(name, "a=header")
        client.call_api(PATH, "GET", header_params={name: "a=call"})
    assert values(wire, "cookie") == ["a=cookie"]


@for_all("name", ["X-AUTH-TOKEN", "x-auth-token", "X-Auth-Token"])
@for_all("place", ["call", "default"])
def test_the_key_replaces_a_header_of_that_name(wire, place, name):
    with ApiClient(configuration_for(wire.url)) as client:
        if place == "default":
            client.set_default_header(name, "key-of-the-default")
        client.call_api(
            PATH, "GET", header_params={name: "key-of-the-call"}, auth_settings=["api_key"]
        )
    assert values(wire, "x-auth-token") == ["the-key-of-the-tests"]


def test_of_two_default_headers_the_later_wins(wire):
    with ApiClient(configuration_for(wire.url), "X-One", "first") as client:
        client.set_default_header("x-one", "second")
        client.call_api(PATH, "GET")
    assert values(wire, "x-one") == ["second"]


@pytest.mark.parametrize("name", ["User-Agent", "user-agent", "USER-AGENT"])
def test_the_user_agent_is_values_of(wire, name):
    with ApiClient(configuration_for(wire.url)) as client:
        client.set_default_header(name, "mine/1")
        ApiTokenApi(client).get_all_tokens()
    assert values(wire, "user-agent") == ["mine/1"]


@pytest.mark.parametrize("name", ["Accept-Encoding", "accept-encoding"])
def test_the_accept_encoding_is_values_of(wire, name):
    with ApiClient(configuration_for(wire.url), name, "identity") as client:
        ApiTokenApi(client).get_all_tokens()
    assert values(wire, "accept-encoding") == ["identity"]


@pytest.mark.parametrize("call", ["get_all_tokens", "create_token", "update_token_name"])
def test_no_header_is_sent_twice(wire, call):
    with ApiClient(configuration_for(wire.url), "x-auth-token", "other", "a=b") as client:
        for name in ("accept", "content-type", "user-agent"):
            client.set_default_header(name, "application/json")
        getattr(ApiTokenApi(client), call)(*(["t1"] if call == "update_token_name" else []))
    names = [name for name, _ in lines(wire)]
    assert sorted(set(names)) == sorted(names)


# --- the content type -------------------------------------------------------------------------


@for_all("name", ["Content-Type", "content-type", "CONTENT-TYPE"])
@for_all("value", ["application/json", "Application/JSON", "text/x+json"])
def test_json_is_json_in_any_case(wire, name, value):
    with ApiClient(configuration_for(wire.url)) as client:
        client.call_api(PATH, "PUT", header_params={name: value}, body={"a": 1})
    assert values(wire, "content-type") == [value]
    assert wire.requests[-1].body == b'{"a": 1}'


@pytest.mark.parametrize("name", ["Content-Type", "content-type"])
@pytest.mark.parametrize("value", ["text/plain", "Text/Plain; charset=utf-8"])
def test_text_is_sent_as_it_is(wire, name, value):
    with ApiClient(configuration_for(wire.url)) as client:
        client.call_api(PATH, "PUT", header_params={name: value}, body="hall\u00f6")
    assert values(wire, "content-type") == [value]
    assert wire.requests[-1].body == "hall\u00f6".encode()


@pytest.mark.parametrize("name", ["Content-Type", "content-type"])
@pytest.mark.parametrize(
    "value",
    [
        "application/x-www-form-urlencoded",
        "Application/X-WWW-Form-Urlencoded",
    ],
)
def test_a_form_in_any_case(wire, name, value):
    with ApiClient(configuration_for(wire.url)) as client:
        client.call_api(PATH, "POST", header_params={name: value}, post_params=[("a", "1")])
    assert len(values(wire, "content-type")) == 1
    assert wire.requests[-1].body == b"a=1"


@pytest.mark.parametrize("name", ["Content-Type", "content-type"])
@pytest.mark.parametrize("value", ["multipart/form-data", "Multipart/Form-Data"])
def test_a_form_in_parts_names_its_boundary_once(wire, name, value):
    with ApiClient(configuration_for(wire.url)) as client:
        client.call_api(PATH, "POST", header_params={name: value}, post_params=[("a", "1")])
    (content_type,) = values(wire, "content-type")
    boundary = content_type.partition("boundary=")[2]
    assert boundary and boundary.encode() in wire.requests[-1].body


# --- what is a credential ---------------------------------------------------------------------


def test_beside_a_cookie_the_key_of_the_environment_is_sent(wire, monkeypatch):
    monkeypatch.setenv("WAVEFRONT_TOKEN", "key-of-the-environment")
    with ApiClient(Configuration(host=wire.url), cookie="lb=node1") as client:
        ApiTokenApi(client).get_all_tokens()
    assert values(wire, "x-auth-token") == ["key-of-the-environment"]
    assert values(wire, "cookie") == ["lb=node1"]


@pytest.mark.parametrize("arguments", [{"header_name": "X-Own", "header_value": "own"}])
def test_what_is_no_credential_leaves_the_hint_in_place(server, arguments):
    with ApiClient(Configuration(host=server.url), **arguments) as client:
        with pytest.raises(UnauthorizedException) as caught:
            ApiTokenApi(client).get_all_tokens()
    assert "No API key is configured" in caught.value.hint
    assert "No API key is configured" in str(caught.value)


@for_all("name", ["Authorization", "authorization", "AUTHORIZATION"])
@for_all("place", ["call", "default"])
def test_an_explicit_authorization_beats_the_key_of_the_environment(wire, monkeypatch, place, name):
    monkeypatch.setenv("WAVEFRONT_TOKEN", "key-of-the-environment")
    header = {name: "Bearer mine"}
    with ApiClient(Configuration(host=wire.url)) as client:
        if place == "default":
            client.set_default_header(name, "Bearer mine")
        client.call_api(
            PATH,
            "GET",
            header_params=header if place == "call" else {},
            auth_settings=["api_key"],
        )
    assert values(wire, "authorization") == ["Bearer mine"]
    assert b"key-of-the-environment" not in wire.requests[-1].raw


# --- bytes ------------------------------------------------------------------------------------

AS_BYTES = [CANARY.encode(), bytearray(CANARY.encode())]


@pytest.mark.parametrize("value", AS_BYTES, ids=["bytes", "bytearray"])
def test_bytes_in_a_default_header_are_text_on_the_wire(wire, value):
    with ApiClient(configuration_for(wire.url), "X-Own", value) as client:
        ApiTokenApi(client).get_all_tokens()
    assert values(wire, "x-own") == [CANARY]


ECHOES = {
    "refusal": (Answer(403, f"{CANARY} is unknown", {"X-Echo": CANARY}), ForbiddenException),
    "reason": (Answer(403, b"", reason=CANARY), ForbiddenException),
    "page": (Answer(200, f"<p>{CANARY}", {"Content-Type": "text/html"}), InvalidResponseException),
}


@for_all("value", AS_BYTES)
@for_all("case", ECHOES)
def test_bytes_in_a_default_header_are_hidden_in_exceptions(case, value):
    step, kind = ECHOES[case]
    with HostileServer([step]) as server:
        with ApiClient(configuration_for(server.url, retries=0), "X-Own", value) as client:
            with pytest.raises(kind) as caught:
                ApiTokenApi(client).get_all_tokens()
    assert CANARY not in str(caught.value)
    assert CANARY not in repr(caught.value)
    assert "***" in str(caught.value)


def test_one_value_of_a_cookie_is_hidden_too():
    with HostileServer([Answer(403, f"session {CANARY} has ended")]) as server:
        client = ApiClient(configuration_for(server.url), cookie=f"id={CANARY}; lb=1")
        with client, pytest.raises(ForbiddenException) as caught:
            ApiTokenApi(client).get_all_tokens()
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("value", [b"\xff", b"\xc3"])
def test_bytes_that_are_no_text_are_refused_unseen(wire, value):
    with ApiClient(configuration_for(wire.url), "X-Own", value) as client:
        with pytest.raises(ValueError, match="not shown"):
            ApiTokenApi(client).get_all_tokens()
    assert wire.requests == []


def test_a_header_of_none_is_not_sent(wire):
    with ApiClient(configuration_for(wire.url), "X-Own", None) as client:
        ApiTokenApi(client).get_all_tokens()
    assert values(wire, "x-own") == []


def values_of(request, name):
    return [value for key, value in request.headers.items() if key.lower() == name]


def test_a_header_is_values_of_however_it_is_written(client, server):
    client.set_default_header("ACCEPT", "application/json")
    client.set_default_header("x-auth-token", "other")
    client.call_api(
        "/api/v2/apitoken",
        "GET",
        header_params={"Accept": "text/html", "accept-encoding": "identity"},
        auth_settings=["api_key"],
    )
    request = server.requests[-1]
    assert values_of(request, "accept") == ["application/json"]
    assert values_of(request, "accept-encoding") == ["identity"]
    assert values_of(request, "x-auth-token") == [server.user.key]
