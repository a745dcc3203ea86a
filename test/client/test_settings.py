"""Configuration and RetryPolicy: what they take, what they refuse, and what they do not show."""

from __future__ import annotations

import base64
import copy
from threading import TIMEOUT_MAX
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from cases import for_all
from hostile import Answer, HostileServer

from wavefront_api_client import ApiClient, ApiException, ApiTokenApi, Configuration
from wavefront_api_client.retry import RetryPolicy

KEY_NAME = "X-AUTH-TOKEN"
KEY = "\u00df\u00e4\u00f6\u00fc\u00e9\u00e8\u00ea"
"""Of letters that stand nowhere else, so that a single one of them is noticed."""

# --- keys -------------------------------------------------------------------------------------

KEYS = {
    "text": KEY,
    "bytes": KEY.encode(),
    "bytearray": bytearray(KEY.encode()),
    "dictionary": {KEY_NAME: KEY},
    "dictionary of bytes": {KEY_NAME: KEY.encode()},
}


def given(value):
    return Configuration(api_key=value)


def assigned(value):
    configuration = Configuration()
    configuration.api_key = value
    return configuration


@for_all("form", KEYS)
@for_all("configure", [given, assigned])
def test_a_key_in_any_form_is_the_one_in_use(configure, form):
    configuration = configure(KEYS[form])
    assert configuration.get_api_key_with_prefix(KEY_NAME) == KEY
    assert configuration.auth_settings()["api_key"]["value"] == KEY


@for_all("form", KEYS)
@for_all("configure", [given, assigned])
def test_a_repr_shows_no_character_of_a_key(configure, form):
    configuration = configure(KEYS[form])
    with ApiClient(configuration) as client:
        for shown in (repr(configuration), str(configuration), repr(client)):
            assert not set(KEY) & set(shown)
            assert "xc3" not in shown
            assert f"{KEY_NAME}=***" in shown


@for_all("value", [None, 5, True, [KEY], (KEY,), {KEY}, object(), memoryview(b"x")])
@for_all("configure", [given, assigned])
def test_what_is_no_key_is_refused_unseen(configure, value):
    with pytest.raises(TypeError) as caught:
        configure(value)
    kind = type(value).__name__
    assert str(caught.value) == f"api_key must be text or a dictionary, not {kind}"


def test_a_refused_key_leaves_the_one_before():
    configuration = given("before")
    with pytest.raises(TypeError):
        configuration.api_key = None
    assert configuration.api_key == {KEY_NAME: "before"}


# --- the size of the pool ---------------------------------------------------------------------


@for_all(
    ("size", "kind"),
    [
        (0, ValueError),
        (-1, ValueError),
        (None, TypeError),
        (True, TypeError),
        (False, TypeError),
        (1.0, TypeError),
        ("1", TypeError),
    ],
)
def test_a_size_that_is_none_is_refused_and_changes_nothing(size, kind):
    configuration = Configuration()
    before = configuration.connection_pool_maxsize
    with pytest.raises(kind, match="connection_pool_maxsize must be"):
        configuration.connection_pool_maxsize = size
    assert configuration.connection_pool_maxsize == before >= 1


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_a_size_is_kept(size):
    configuration = Configuration()
    configuration.connection_pool_maxsize = size
    assert configuration.connection_pool_maxsize == size


# --- the proxy --------------------------------------------------------------------------------

PROXIES = {
    "proxy:3128": "http://proxy:3128",
    "proxy": "http://proxy",
    "127.0.0.1:3128": "http://127.0.0.1:3128",
    "user:p4ss@proxy:3128": "http://user:p4ss@proxy:3128",
    "http://proxy:3128": "http://proxy:3128",
    "https://proxy:3128": "https://proxy:3128",
    "": None,
}


@for_all("value", PROXIES)
def test_a_proxy_without_scheme_is_one_of_http(value):
    assert Configuration(proxy=value).proxy == PROXIES[value]


@for_all("value", [value for value in PROXIES if value])
def test_a_proxy_of_the_environment_without_scheme_is_one_of_http(monkeypatch, value):
    monkeypatch.setenv("HTTPS_PROXY", value)
    assert Configuration(host="wavefront.example").proxy == PROXIES[value]


@pytest.mark.parametrize("value", ["us3r:p4ss:w0rd@proxy:1", "http://us3r:p4ss%3Aw0rd@proxy:1"])
def test_user_and_password_of_the_proxy_are_secrets(value):
    with ApiClient(Configuration(proxy=value)) as client:
        secrets = client.rest_client.proxy_secrets
    assert {"us3r", "p4ss:w0rd", "us3r:p4ss:w0rd"} <= secrets
    assert base64.b64encode(b"us3r:p4ss:w0rd").decode() in secrets


def test_the_secrets_of_a_client_are_those_of_the_proxy_in_use():
    configuration = Configuration(proxy="http://us3r:p4ssw0rd@proxy:1")
    with ApiClient(configuration) as client:
        configuration.proxy = "http://other:passw0rd@[::1"
        assert "p4ssw0rd" in client.rest_client.proxy_secrets
        assert "passw0rd" not in client.rest_client.proxy_secrets
    with ApiClient(Configuration()) as client:
        assert client.rest_client.proxy_secrets == set()


def refuse(url, **kwargs):
    raise ApiException(500, f"no {KEY_NAME}: the-key")


STAND_INS = [SimpleNamespace(GET=refuse), Mock(GET=refuse)]


@pytest.mark.parametrize("stand_in", STAND_INS, ids=["bare", "mock"])
def test_a_stand_in_for_the_connections_needs_no_secrets(stand_in):
    with ApiClient(Configuration(host="https://h", api_key="the-key")) as client:
        real, client.rest_client = client.rest_client, stand_in
        with pytest.raises(ApiException) as caught:
            ApiTokenApi(client).get_all_tokens()
        client.rest_client = real
    assert "no X-AUTH-TOKEN: ***" in str(caught.value)


@pytest.mark.parametrize("scheme", ["", "http://"])
def test_the_password_of_the_proxy_is_hidden_in_exceptions(scheme):
    with HostileServer([Answer(407, b"", reason="no us3r with p4ssw0rd")]) as proxy:
        address = f"{scheme}us3r:p4ssw0rd@127.0.0.1:{proxy.port}"
        configuration = Configuration(
            host="https://wavefront.invalid", api_key="the-key", proxy=address, retries=0
        )
        with ApiClient(configuration) as client, pytest.raises(ApiException) as caught:
            ApiTokenApi(client).get_all_tokens()
        assert "p4ssw0rd" not in repr(configuration) + repr(client)
    assert "407" in str(caught.value)
    assert not any(word in str(caught.value) for word in ("us3r", "p4ssw0rd"))
    assert "proxy-authorization" in proxy.requests[0].headers


# --- copies -----------------------------------------------------------------------------------


class Hook:
    """A hook that cannot be copied, such as one that holds a lock."""

    def __call__(self, configuration):
        pass

    def __copy__(self):
        raise TypeError("not to be copied")

    def __deepcopy__(self, memo):
        raise TypeError("not to be copied")


def by_default(configuration):
    Configuration.set_default(configuration)
    return Configuration()


@pytest.mark.parametrize("make_copy", [by_default, copy.copy])
def test_a_copy_has_the_very_hook(make_copy):
    configuration = Configuration()
    configuration.refresh_api_key_hook = hook = Hook()
    assert make_copy(configuration).refresh_api_key_hook is hook


@pytest.mark.parametrize("name", ["api_key", "api_key_prefix"])
def test_a_copy_of_the_default_has_dictionaries_of_its_own(name):
    configuration = Configuration(api_key="key")
    made = by_default(configuration)
    getattr(made, name)["another"] = "value"
    assert "another" not in getattr(configuration, name)


# --- the retry policy -------------------------------------------------------------------------

NAMES = ["backoff", "backoff_max", "retry_after_max"]
ENDLESS = [float("inf"), float("-inf"), float("nan"), 1e30, 10**30, TIMEOUT_MAX * 2]


@for_all("value", ENDLESS)
@for_all("name", NAMES)
def test_a_wait_without_end_is_refused(name, value):
    with pytest.raises(ValueError, match=f"^{name} must be a finite number of 0 or more"):
        RetryPolicy(**{name: value})


def test_too_many_retries_are_refused():
    with pytest.raises(ValueError, match="^retries must be"):
        RetryPolicy(retries=10**30)


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 3.0])
def test_retries_that_are_no_whole_number_are_refused(value):
    with pytest.raises(TypeError, match="^retries must be"):
        RetryPolicy(retries=value)
    with pytest.raises(TypeError, match="^retries must be"):
        Configuration(retries=value)


@pytest.mark.parametrize("name", NAMES)
def test_the_longest_wait_that_a_thread_can_have_is_taken(name):
    assert getattr(RetryPolicy(**{name: TIMEOUT_MAX}), name) == TIMEOUT_MAX
