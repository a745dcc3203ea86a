"""Bad input is a clear error in the caller's frame, before a byte is sent."""

from __future__ import annotations

import traceback

import pytest

from wavefront_api_client import ApiClient, ApiTokenApi
from wavefront_api_client.testing import TokenServer

PATHS = {
    "create_token": (),
    "delete_customer_token": (),
    "delete_token": ("id",),
    "delete_token_service_account": ("id", "token"),
    "generate_token_service_account": ("id",),
    "get_all_tokens": (),
    "get_customer_token": ("id",),
    "get_customer_tokens": (),
    "get_tokens_service_account": ("id",),
    "update_token_name": ("id",),
    "update_token_name_service_account": ("id", "token"),
}
WITH_BODY = {
    "delete_customer_token",
    "generate_token_service_account",
    "update_token_name",
    "update_token_name_service_account",
}
VARIANTS = [
    (name + twin, is_async)
    for name in PATHS
    for twin in ("", "_with_http_info")
    for is_async in (False, True)
]
each = pytest.mark.parametrize(("method", "is_async"), VARIANTS)
half = pytest.mark.parametrize(
    ("method", "is_async"),
    [variant for variant in VARIANTS if ("_info" in variant[0]) is variant[1]],
)


def name_of(method):
    return method.replace("_with_http_info", "")


def good(method):
    return {name: "x" for name in PATHS[name_of(method)]}  # noqa: C420 (a dict per call)


@pytest.fixture(scope="module")
def quiet_server():
    with TokenServer() as running:
        yield running


@pytest.fixture(scope="module")
def quiet_client(quiet_server):
    with ApiClient(quiet_server.configuration()) as client:
        yield client


@pytest.fixture
def server(quiet_server):
    """One service for all tests of this file: it must not notice any of them."""
    return quiet_server


@pytest.fixture
def client(quiet_client):
    return quiet_client


@pytest.fixture
def refused(api, server):
    """Makes a call that has to fail before anything is sent, and hands out the exception."""

    def call(method, is_async, kind, arguments):
        options = {"async_req": True} if is_async else {}
        with pytest.raises(kind) as caught:
            getattr(api, method)(**arguments, **options)
        assert server.requests == []
        frames = [frame.name for frame in traceback.extract_tb(caught.tb)]
        assert frames[0] == "call"  # raised in this frame, not handed over by a thread
        return caught.value

    return call


@each
@pytest.mark.parametrize("option", ["timeout", "request_timeout", "nix", "_nix"])
def test_an_unknown_option(refused, method, is_async, option):
    error = refused(method, is_async, TypeError, {**good(method), option: 1})
    expected = f"Got an unexpected keyword argument '{option}' to method {name_of(method)}"
    assert str(error) == expected


@each
def test_a_body_where_none_is_taken(refused, method, is_async):
    if name_of(method) in WITH_BODY:
        return
    error = refused(method, is_async, TypeError, {**good(method), "body": {}})
    assert str(error) == f"Got an unexpected keyword argument 'body' to method {name_of(method)}"


@each
def test_a_parameter_that_is_missing(refused, method, is_async):
    for name in PATHS[name_of(method)]:
        arguments = good(method)
        del arguments[name]
        error = refused(method, is_async, TypeError, arguments)
        assert f"'{name}'" in str(error)


@each
def test_a_parameter_that_is_none(refused, method, is_async):
    for name in PATHS[name_of(method)]:
        error = refused(method, is_async, ValueError, {**good(method), name: None})
        assert str(error) == (
            f"Missing the required parameter `{name}` when calling `{name_of(method)}`"
        )


@half
@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "\u3000",
        ".",
        "..",
        "a/../b",
        "%2e%2e",
        "%2E",
        "a\\..\\b",
        "%252e%252e",
        "a\nb",
        "a\x00b",
        "\x7f",
        "a\u2028b",
        "\ud800",
        b"",
        b"..",
        b"\xff",
    ],
    ids=ascii,
)
def test_an_id_that_leads_elsewhere(refused, method, is_async, value):
    for name in PATHS[name_of(method)]:
        error = refused(method, is_async, ValueError, {**good(method), name: value})
        assert not isinstance(error, UnicodeError)
        text = value if isinstance(value, str) else value.decode("latin-1")
        assert not text.strip(" \u3000.") or text not in str(error)


@half
@pytest.mark.parametrize("value", [5, 1.5, True, ["x"], {"x": 1}, object], ids=repr)
def test_an_id_that_is_not_text(refused, method, is_async, value):
    for name in PATHS[name_of(method)]:
        error = refused(method, is_async, TypeError, {**good(method), name: value})
        assert str(error) == f"`{name}` must be text, not {type(value).__name__}"


@half
@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("1", TypeError),
        (True, TypeError),
        (False, TypeError),
        (("1", 2), TypeError),
        ((True, 1), TypeError),
        ({}, TypeError),
        (-1, ValueError),
        (0, ValueError),
        (0.0, ValueError),
        ((1, 2, 3), ValueError),
        ((1,), ValueError),
        ((), ValueError),
        ((0, 1), ValueError),
        ((1, -1), ValueError),
        (float("nan"), ValueError),
        (float("inf"), ValueError),
        ((1, float("nan")), ValueError),
    ],
    ids=repr,
)
def test_a_timeout_that_is_none(refused, method, is_async, value, kind):
    error = refused(method, is_async, kind, {**good(method), "_request_timeout": value})
    assert type(error) is kind
    assert "a timeout " in str(error)


@half
@pytest.mark.parametrize(
    "body",
    ["secret", b"secret", "", [], [{}], 5, 0, False, (), object()],
    ids=lambda value: repr(value)[:10],
)
def test_a_body_that_is_neither_model_nor_dictionary(refused, method, is_async, body):
    if name_of(method) not in WITH_BODY:
        return
    error = refused(method, is_async, TypeError, {**good(method), "body": body})
    assert str(error) == (
        f"`body` of `{name_of(method)}` must be a UserApiToken or a dict, not {type(body).__name__}"
    )


def nested_in_itself():
    body = {}
    body["body"] = [body]
    return body


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"tokenName": {1, 2}}, TypeError),
        ({"tokenName": object}, TypeError),
        ({"tokenName": b"\xff"}, ValueError),
        ({"lastUsed": float("nan")}, ValueError),
        ({"lastUsed": float("inf")}, ValueError),
        ({(1, 2): 3}, TypeError),
        (nested_in_itself(), ValueError),
    ],
    ids=repr,
)
@pytest.mark.parametrize("method", sorted(WITH_BODY))
def test_a_body_that_has_no_json_form(api, server, method, body, kind):
    with pytest.raises(kind):
        getattr(api, method)(**good(method), body=body)
    assert server.requests == []


@pytest.mark.parametrize("where", ["key", "prefix", "hook", "default header", "cookie"])
@pytest.mark.parametrize("character", ["\n", "\r", "\r\n", "\x00", "\x1b", "\x7f", "€"], ids=ascii)
def test_a_key_that_no_header_can_hold(server, where, character):
    secret = f"can{character}ary"
    configuration = server.configuration()
    arguments = ()
    if where == "key":
        configuration.api_key["X-AUTH-TOKEN"] = secret
    elif where == "prefix":
        configuration.api_key_prefix["X-AUTH-TOKEN"] = secret
    elif where == "hook":
        configuration.refresh_api_key_hook = lambda c: c.api_key.update({"X-AUTH-TOKEN": secret})
    elif where == "default header":
        arguments = ("Authorization", f"Bearer {secret}")
    else:
        arguments = (None, None, secret)
    with ApiClient(configuration, *arguments) as client, pytest.raises(ValueError) as caught:  # noqa: PT011
        ApiTokenApi(client).get_all_tokens()
    assert server.requests == []
    shown = "".join(traceback.format_exception(None, caught.value, caught.tb)) + repr(caught.value)
    assert "ary" not in shown.replace("library", "").replace("binary", "")
    assert "(value not shown)" in str(caught.value)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "https://",
        "ftp://h",
        "http://",
        "a b",
        "https://u:p@h",
        "https://h?x",
        "https://h:x",
        "\n",
    ],
)
def test_a_host_that_is_no_url(server, host):
    configuration = server.configuration()
    with pytest.raises(ValueError, match="host"):
        configuration.host = host
    assert configuration.host == server.url
    assert server.requests == []


@pytest.mark.parametrize("method", ["get", "TRACE", "", "CONNECT", "GET /x HTTP/1.1"])
def test_a_method_that_is_none(client, server, method):
    with pytest.raises(ValueError, match="method"):
        client.call_api("/api/v2/apitoken", method)
    assert server.requests == []


@pytest.mark.parametrize(
    "path", ["api/v2/apitoken", "", "@evil.example/x", "https://evil.example/"]
)
def test_a_path_that_does_not_begin_at_the_root(client, server, path):
    with pytest.raises(ValueError, match="path must begin with"):
        client.call_api(path, "GET")
    assert server.requests == []


def test_a_body_that_json_finds_too_deep_is_an_error_of_the_caller(client, server, monkeypatch):
    def dumps(*_, **__):
        raise RecursionError

    monkeypatch.setattr("wavefront_api_client._request.json.dumps", dumps)
    with pytest.raises(ValueError, match="deep"):
        client.call_api("/api/v2/apitoken", "POST", body={})
    assert server.requests == []
