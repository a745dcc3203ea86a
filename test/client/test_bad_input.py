"""Bad input is a clear error in the caller's frame, before a byte is sent.

One value for each refusal and method; test/unit has what else is refused, in test_operation,
test_path, test_timeouts, test_request, test_serialization and test_host.
"""

from __future__ import annotations

import traceback

import pytest
from cases import for_all

from wavefront_api_client import ApiClient, ApiTokenApi, Configuration
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
each_method = for_all("method", PATHS)
each_parameter = for_all(
    ("method", "name"), [(method, name) for method, names in PATHS.items() for name in names]
)


def good(method):
    return {name: "x" for name in PATHS[method]}  # noqa: C420 (a dict per call)


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
    """Makes a call that has to fail before anything is sent, in each way; hands out its text.

    The twin is called in a thread, and the other one, which delegates to it, at once.
    """

    def call(method, kind, arguments):
        for twin, options in (method, {}), (f"{method}_with_http_info", {"async_req": True}):
            with pytest.raises(kind) as caught:
                getattr(api, twin)(**arguments, **options)
            assert type(caught.value) is kind
            assert server.requests == []
            frames = [frame.name for frame in traceback.extract_tb(caught.tb)]
            assert frames[0] == "call"  # raised in this frame, not handed over by a thread
        return str(caught.value)

    return call


@each_method
def test_an_unknown_option(refused, method):
    message = refused(method, TypeError, {**good(method), "_nix": 1})
    assert message == f"Got an unexpected keyword argument '_nix' to method {method}"


@for_all("method", sorted(set(PATHS) - WITH_BODY))
def test_a_body_where_none_is_taken(refused, method):
    message = refused(method, TypeError, {**good(method), "body": {}})
    assert message == f"Got an unexpected keyword argument 'body' to method {method}"


@each_parameter
def test_a_parameter_that_is_missing(refused, method, name):
    arguments = good(method)
    del arguments[name]
    assert f"'{name}'" in refused(method, TypeError, arguments)


@each_parameter
@for_all(
    ("value", "kind", "message"),
    [
        (None, ValueError, "Missing the required parameter `{name}` when calling `{method}`"),
        (5, TypeError, "`{name}` must be text, not int"),
        ("", ValueError, "`{name}` must not be blank"),
        ("a/../b", ValueError, "`{name}` must not be, or decode to, a relative path {hidden}"),
        ("a\nb", ValueError, "`{name}` must be UTF-8 without control characters {hidden}"),
        ("\ud800", ValueError, "`{name}` must be UTF-8 without control characters {hidden}"),
        (b"\xff", ValueError, "bytes given as text must be UTF-8 {hidden}"),
    ],
)
def test_an_id_that_names_no_resource(refused, method, name, value, kind, message):
    expected = message.format(method=method, name=name, hidden="(value not shown)")
    assert refused(method, kind, {**good(method), name: value}) == expected


@each_method
@for_all(
    ("value", "kind"),
    [("1", TypeError), (0, ValueError), ((1, 2, 3), ValueError)],
)
def test_a_timeout_that_is_none(refused, method, value, kind):
    assert "a timeout " in refused(method, kind, {**good(method), "_request_timeout": value})


@pytest.mark.parametrize("method", sorted(WITH_BODY))
def test_a_body_that_is_neither_model_nor_dictionary(refused, method):
    message = refused(method, TypeError, {**good(method), "body": "secret"})
    assert message == f"`body` of `{method}` must be a UserApiToken or a dict, not str"


@pytest.mark.parametrize("method", sorted(WITH_BODY))
def test_a_body_that_has_no_json_form(api, server, method):
    with pytest.raises(TypeError, match="set has no JSON form"):
        getattr(api, method)(**good(method), body={"tokenName": {1, 2}})
    assert server.requests == []


@for_all("where", ["key", "prefix", "hook", "default header", "cookie"])
def test_a_key_that_no_header_can_hold(server, where):
    secret = "can\nary"
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


def test_a_host_that_is_no_url(server):
    configuration = server.configuration()
    with pytest.raises(ValueError, match="host"):
        configuration.host = "https://u:p@h"
    assert configuration.host == server.url


@pytest.mark.parametrize("method", ["get", "GET /x HTTP/1.1"])
def test_a_method_that_is_none(client, server, method):
    with pytest.raises(ValueError, match="method"):
        client.call_api("/api/v2/apitoken", method)
    assert server.requests == []


@pytest.mark.parametrize(
    "path", ["", "api/v2/apitoken", "@evil.example/x", "https://evil.example/"]
)
def test_a_path_that_does_not_begin_at_the_root(client, server, path):
    with pytest.raises(ValueError, match="path must begin with"):
        client.call_api(path, "GET")
    assert server.requests == []


@for_all("method", sorted(WITH_BODY))
@for_all(
    ("body", "problem"),
    [
        ({"token_nam": 1}, "holds a key (not shown) that is not one of "),
        ({"tokenName": "x", "canary-canary": 1}, "holds a key (not shown) that is not one of "),
        ({5: "x"}, "holds a key (not shown) that is not one of "),
        ({"token_name": "x", "tokenName": "y"}, "has two values of `tokenName`"),
    ],
)
def test_a_key_of_a_body_that_is_unknown_or_contradicts_another(refused, method, body, problem):
    keys = "account, accountType, dateGenerated, lastUsed, tokenID, tokenName"
    expected = f"`body` of `{method}` {problem}" + keys * problem.endswith("of ")
    assert refused(method, ValueError, {**good(method), "body": body}) == expected


WRITE = 'ApiClient(Configuration(host="https://...", api_key="..."))'


@pytest.mark.parametrize(
    ("build", "given", "text"),
    [
        (ApiClient, "canary", f"ApiClient() takes a Configuration, not str: write {WRITE}"),
        (ApiClient, {}, f"ApiClient() takes a Configuration, not dict: write {WRITE}"),
        (ApiClient, Configuration, f"ApiClient() takes a Configuration, not the class Configuration: write {WRITE}"),
        (ApiTokenApi, "", f"ApiTokenApi() takes an ApiClient, not str: write ApiTokenApi({WRITE})"),
        (ApiTokenApi, ApiClient, f"ApiTokenApi() takes an ApiClient, not the class ApiClient: write ApiTokenApi({WRITE})"),
    ],
)  # fmt: skip
def test_what_is_no_configuration_or_client_is_refused_with_what_to_write(build, given, text):
    with pytest.raises(TypeError) as caught:
        build(given)
    assert str(caught.value) == text


def test_a_client_and_a_configuration_in_the_wrong_place_are_named(client):
    with pytest.raises(TypeError, match="takes a Configuration, not ApiClient: write"):
        ApiClient(client)
    with pytest.raises(TypeError, match="takes an ApiClient, not Configuration: write"):
        ApiTokenApi(client.configuration)
