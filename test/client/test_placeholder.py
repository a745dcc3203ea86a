"""While nobody has said where the service is, nothing is looked up, opened or sent."""

from __future__ import annotations

import socket
from types import SimpleNamespace

import pytest
from cases import for_all
from hostile import CALLS

from wavefront_api_client import ApiClient, ApiConnectionException, ApiTokenApi, Configuration

PLACEHOLDER = "https://YOUR_INSTANCE.wavefront.com"
SPELLINGS = [
    None,
    PLACEHOLDER,
    PLACEHOLDER.lower(),
    "YOUR_INSTANCE.WAVEFRONT.COM",
    f"{PLACEHOLDER}:8443",
    f"{PLACEHOLDER}/api/",
]

ANSWER = SimpleNamespace(
    status=200, reason="OK", headers={}, data=b'{"status": {"result": "OK", "code": 200}}'
)


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    """Whatever touches the network fails the test."""

    def touched(*args, **kwargs):
        pytest.fail("the network was touched")

    monkeypatch.setattr(socket, "getaddrinfo", touched)
    monkeypatch.setattr(socket.socket, "connect", touched)


def client_for(host, **settings):
    configuration = Configuration(api_key="the-key", **settings)
    if host is not None:
        configuration.host = host
    return ApiClient(configuration)


def check(error):
    text = str(error)
    assert "configuration.host" in text
    assert "WAVEFRONT_URL" in text
    assert PLACEHOLDER in text
    assert "the-key" not in text


@for_all("kind", CALLS)
@for_all("host", SPELLINGS)
def test_a_call_is_an_error_that_says_what_to_set(host, kind):
    with client_for(host) as client, pytest.raises(ValueError) as caught:
        CALLS[kind](ApiTokenApi(client))
    check(caught.value)


@pytest.mark.parametrize("options", [{"_preload_content": False}, {"_request_timeout": 5}])
def test_options_change_nothing(options):
    with client_for(None) as client, pytest.raises(ValueError) as caught:
        ApiTokenApi(client).get_all_tokens(**options)
    check(caught.value)


def test_an_asynchronous_call_ends_with_the_same_error():
    with client_for(None) as client:
        result = ApiTokenApi(client).get_all_tokens(async_req=True)
        with pytest.raises(ValueError) as caught:
            result.get(5)
    check(caught.value)


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:1", "https://proxy.example:3128"])
def test_no_proxy_is_asked_either(proxy):
    with client_for(None, proxy=proxy) as client, pytest.raises(ValueError) as caught:
        ApiTokenApi(client).create_token()
    check(caught.value)


def test_the_environment_may_hold_the_placeholder(monkeypatch):
    monkeypatch.setenv("WAVEFRONT_URL", f"{PLACEHOLDER}/api/")
    with client_for(None) as client, pytest.raises(ValueError) as caught:
        ApiTokenApi(client).get_all_tokens()
    check(caught.value)


def test_a_request_to_the_placeholder_by_hand():
    with client_for(None) as client, pytest.raises(ValueError) as caught:
        client.rest_client.GET(f"{PLACEHOLDER}/x")
    check(caught.value)


def test_a_client_can_be_made_and_shown_and_closed():
    client = client_for(None)
    assert PLACEHOLDER in repr(client)
    client.close()


def test_tests_that_replace_the_request_need_no_host(monkeypatch):
    with client_for(None) as client:
        monkeypatch.setattr(client.rest_client, "request", lambda *args, **kwargs: ANSWER)
        assert ApiTokenApi(client).get_all_tokens().status.result == "OK"


def test_another_host_is_none_of_its_business(monkeypatch):
    def no_name(*_args, **_kwargs):
        raise OSError("no such name")

    monkeypatch.setattr("urllib3.util.connection.create_connection", no_name)
    monkeypatch.setattr(socket, "getaddrinfo", no_name)
    with client_for("https://your-instance.wavefront.com", retries=0) as client:
        with pytest.raises(ApiConnectionException) as caught:
            ApiTokenApi(client).get_all_tokens()
    assert caught.value.hint is None
    assert "placeholder" not in str(caught.value)
