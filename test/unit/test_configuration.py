"""Configuration: every setting, the environment, and what beats what."""

from __future__ import annotations

import base64
import copy
import inspect
import os
import sys
import warnings

import pytest
import urllib3
from cases import for_all

import wavefront_api_client
from wavefront_api_client import Configuration
from wavefront_api_client._core.limits import DEFAULT
from wavefront_api_client.credentials import CspApiToken
from wavefront_api_client.retry import RetryPolicy

PLACEHOLDER = "https://YOUR_INSTANCE.wavefront.com"
KEY = "X-AUTH-TOKEN"
HOSTS = ("WAVEFRONT_URL", "WAVEFRONT_ENDPOINT", "WAVEFRONT_ADDRESS")


def test_the_defaults():
    configuration = Configuration()
    expected = {
        "host": PLACEHOLDER,
        "api_key": {},
        "api_key_prefix": {},
        "credentials": None,
        "refresh_api_key_hook": None,
        "username": "",
        "password": "",
        "temp_folder_path": None,
        "logger_format": "%(asctime)s %(levelname)s %(message)s",
        "logger_file": None,
        "debug": False,
        "verify_ssl": True,
        "ssl_ca_cert": None,
        "cert_file": None,
        "key_file": None,
        "assert_hostname": None,
        "proxy": None,
        "proxy_headers": None,
        "safe_chars_for_path_param": "",
        "client_side_validation": True,
        "request_timeout": DEFAULT,
        "retries": RetryPolicy(3, 0.25, 10.0, 60.0),
    }
    assert {name: getattr(configuration, name) for name in expected} == expected
    assert configuration.connection_pool_maxsize >= max(32, (os.cpu_count() or 1) * 5)


KEYWORDS = {
    "host": "https://h",
    "api_key": {KEY: "k"},
    "credentials": CspApiToken("t"),
    "request_timeout": 5,
    "retries": RetryPolicy(1),
    "proxy": "http://p:1",
    "proxy_headers": {"a": "b"},
    "verify_ssl": False,
    "ssl_ca_cert": "ca",
    "cert_file": "cert",
    "key_file": "key",
    "debug": False,
    "raise_on_error_result": True,
}
OTHERS = {
    "api_key_prefix": {KEY: "Bearer"},
    "refresh_api_key_hook": print,
    "username": "u",
    "password": "p",
    "temp_folder_path": "folder",
    "logger_format": "%(message)s",
    "assert_hostname": "h",
    "connection_pool_maxsize": 3,
    "safe_chars_for_path_param": ":",
    "client_side_validation": False,
}


@for_all(("name", "value"), KEYWORDS.items())
def test_each_keyword_is_the_setting_of_that_name(name, value):
    assert getattr(Configuration(**{name: value}), name) == value


def test_the_keywords_are_these_and_keywords_only():
    parameters = inspect.signature(Configuration).parameters
    assert set(parameters) == set(KEYWORDS)
    assert {p.kind for p in parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}


@for_all(("name", "value"), {**KEYWORDS, **OTHERS}.items())
def test_each_setting_can_be_assigned(name, value):
    configuration = Configuration()
    setattr(configuration, name, value)
    assert getattr(configuration, name) == value
    assert getattr(Configuration(), name) != value or name == "debug"


@pytest.mark.parametrize("name", ["request_timout", "timeout", "tenant"])
def test_a_name_that_is_no_setting_warns_where_it_was_assigned(name):
    configuration = Configuration()
    expected = (
        f"Configuration has no setting `{name}`: nothing reads it."
        " A subclass may have attributes of its own."
    )
    with pytest.warns(UserWarning) as caught:
        setattr(configuration, name, "own")
    assert [str(each.message) for each in caught] == [expected]
    assert caught[0].filename == __file__
    Configuration.set_default(configuration)
    assert getattr(Configuration(), name) == "own"


def test_what_the_official_configuration_has_may_be_assigned_and_a_subclass_has_its_own():
    class Mine(Configuration):
        """A configuration that knows its tenant."""

    own, mine = Configuration(), Mine()
    for name in ("logger_stream_handler", "logger_file_handler", "logger_formatter"):
        setattr(own, name, None)
    own.auth_settings = dict
    mine.hosts = mine.tenant = "t"
    assert (own.auth_settings(), mine.hosts, copy.copy(mine).tenant) == ({}, "t", "t")


def test_two_configurations_share_nothing():
    one, other = Configuration(), Configuration()
    one.api_key[KEY] = "k"
    one.api_key_prefix[KEY] = "p"
    assert other.api_key == {}
    assert other.api_key_prefix == {}


@pytest.mark.parametrize("key", ["k", b"k"])
def test_a_key_alone_is_that_of_the_one_header(key):
    assert Configuration(api_key=key).api_key == {KEY: key}
    assert Configuration(api_key=key).get_api_key_with_prefix(KEY) == "k"


@pytest.mark.parametrize("key", ["k", b"k", bytearray(b"k")])
def test_a_key_alone_may_be_assigned(key):
    configuration = Configuration()
    configuration.api_key = key
    assert configuration.api_key == {KEY: key}
    assert configuration.get_api_key_with_prefix(KEY) == "k"


@for_all("key", [None, 5, ["k"], ("k",)])
def test_a_key_that_is_none_is_refused(key):
    configuration = Configuration(api_key="before")
    with pytest.raises(TypeError) as caught:
        configuration.api_key = key
    expected = f"api_key must be text or a dictionary, not {type(key).__name__}"
    assert str(caught.value) == expected
    with pytest.raises(TypeError, match="^api_key must be"):
        Configuration(api_key=key)
    assert configuration.api_key == {KEY: "before"}


def test_a_dictionary_of_keys_is_kept_as_it_is():
    keys = {KEY: "k"}
    assert Configuration(api_key=keys).api_key is keys


@for_all(
    ("value", "kind"),
    [
        (0, ValueError),
        (-1, ValueError),
        (True, TypeError),
        (1.5, TypeError),
        ("5", TypeError),
        (None, TypeError),
    ],
)
def test_there_is_at_least_one_connection(value, kind):
    configuration = Configuration()
    with pytest.raises(kind, match="^connection_pool_maxsize must be "):
        configuration.connection_pool_maxsize = value
    configuration.connection_pool_maxsize = 1
    assert configuration.connection_pool_maxsize == 1


# host


@for_all("host", ["https://h", "h", "https://h/", "https://h/api/", "h/api"])
def test_a_host_is_brought_into_shape(host):
    configuration = Configuration()
    configuration.host = host
    assert configuration.host == "https://h"
    assert Configuration(host=host).host == "https://h"


@for_all(
    "host", ["", "https://", "ftp://h", "https://u:secret@h", "https://h?x", "h\n", "https://h h"]
)
def test_a_host_that_is_no_address_is_refused_when_it_is_set(host):
    configuration = Configuration(host="https://before")
    with pytest.raises(ValueError, match="host") as caught:
        configuration.host = host
    assert "secret" not in str(caught.value)
    assert configuration.host == "https://before"
    with pytest.raises(ValueError, match="host"):
        Configuration(host=host)


@pytest.mark.parametrize("host", [None, 5, b"https://h"])
def test_a_host_that_is_no_text_is_refused(host):
    with pytest.raises(TypeError, match="host must be text"):
        Configuration().host = host


def test_plain_http_to_another_machine_warns_where_it_is_set():
    configuration = Configuration()
    with pytest.warns(UserWarning, match="^http://example.com is plain http: ") as caught:
        configuration.host = "http://example.com"
    assert [warning.filename for warning in caught] == [__file__]
    assert configuration.host == "http://example.com"


@pytest.mark.parametrize("host", ["http://localhost:1", "http://127.0.0.1", "https://h"])
def test_loopback_and_https_do_not_warn(host):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Configuration(host=host)


# environment


def test_the_key_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("WAVEFRONT_TOKEN", "env-key")
    assert Configuration().get_api_key_with_prefix(KEY) == "env-key"
    assert Configuration(api_key="own").api_key == {KEY: "own"}
    assert Configuration(api_key={}).get_api_key_with_prefix(KEY) is None
    configuration = Configuration()
    configuration.api_key[KEY] = "own"
    assert configuration.get_api_key_with_prefix(KEY) == "own"


def test_an_empty_key_in_the_environment_is_none(monkeypatch):
    monkeypatch.setenv("WAVEFRONT_TOKEN", "")
    assert Configuration().get_api_key_with_prefix(KEY) is None


@for_all("variable", HOSTS)
@for_all("value", ["https://h/api/", "h", "https://h"])
def test_the_host_comes_from_the_environment(monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    assert Configuration().host == "https://h"
    assert Configuration(host="own").host == "https://own"
    configuration = Configuration()
    configuration.host = "own"
    assert configuration.host == "https://own"


@pytest.mark.parametrize("first", range(3))
def test_the_first_variable_that_is_set_wins(monkeypatch, first):
    for variable in HOSTS[:first]:
        monkeypatch.setenv(variable, "")
    for number, variable in enumerate(HOSTS[first:], first):
        monkeypatch.setenv(variable, f"host{number}")
    assert Configuration().host == f"https://host{first}"


def test_white_space_around_an_address_of_the_environment_is_dropped(monkeypatch):
    monkeypatch.setenv("WAVEFRONT_URL", " https://example.com/api/\n")
    monkeypatch.setenv("WAVEFRONT_TOKEN", "key\n")
    for made in (Configuration(), Configuration(host="example.com")):
        assert made.host == "https://example.com"
        assert made.get_api_key_with_prefix(KEY) == "key"


def test_no_variable_means_the_placeholder(monkeypatch):
    for variable in HOSTS:
        monkeypatch.setenv(variable, "")
    assert Configuration().host == PLACEHOLDER


@pytest.mark.parametrize("variable", HOSTS)
def test_a_bad_host_in_the_environment_names_the_variable(monkeypatch, variable):
    monkeypatch.setenv(variable, "https://user:secret@h")
    with pytest.raises(ValueError, match=f"^{variable} must not hold a user") as caught:
        Configuration()
    assert caught.value.__context__ is None
    assert Configuration(host="own").host == "https://own"


def test_an_explicit_host_needs_no_good_environment(monkeypatch):
    monkeypatch.setenv("WAVEFRONT_URL", "http://example.com")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Configuration(host="own").host == "https://own"


def test_the_environment_is_read_when_a_configuration_is_made(monkeypatch):
    before = Configuration()
    monkeypatch.setenv("WAVEFRONT_TOKEN", "late")
    monkeypatch.setenv("WAVEFRONT_URL", "late")
    assert (before.host, before.api_key) == (PLACEHOLDER, {})


def test_the_default_configuration_beats_the_environment(monkeypatch):
    default = Configuration(host="default", api_key="default-key", proxy="http://default:1")
    monkeypatch.setenv("WAVEFRONT_TOKEN", "env-key")
    monkeypatch.setenv("WAVEFRONT_URL", "env")
    monkeypatch.setenv("HTTPS_PROXY", "http://env:1")
    Configuration.set_default(default)
    made = Configuration()
    assert (made.host, made.api_key) == ("https://default", {KEY: "default-key"})
    assert made.proxy == "http://default:1"
    own = Configuration(host="own", api_key="own-key", proxy="http://own:1")
    assert (own.host, own.api_key, own.proxy) == ("https://own", {KEY: "own-key"}, "http://own:1")


# proxy


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy"])
def test_the_proxy_for_https_comes_from_the_environment(monkeypatch, variable):
    monkeypatch.setenv(variable, "http://p:1")
    assert Configuration(host="https://h").proxy == "http://p:1"
    assert Configuration(host="http://localhost:5").proxy is None


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy"])
def test_the_proxy_for_http_comes_from_the_environment(monkeypatch, variable):
    monkeypatch.setenv(variable, "http://p:1")
    assert Configuration(host="http://localhost:5").proxy == "http://p:1"
    assert Configuration(host="https://h").proxy is None


def test_a_web_server_s_script_does_not_take_a_request_header_for_a_proxy(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://evil:1")
    monkeypatch.setenv("REQUEST_METHOD", "GET")
    assert Configuration(host="http://localhost:5").proxy is None


def test_wavefront_proxy_is_something_else(monkeypatch):
    monkeypatch.setenv("WAVEFRONT_PROXY", "http://p:1")
    assert Configuration(host="https://h").proxy is None


@for_all(
    ("no_proxy", "proxy"),
    [
        ("", "http://p:1"),
        ("*", None),
        ("h.example.com", None),
        ("example.com", None),
        (".example.com", None),
        ("other.com, example.com", None),
        ("h.example.com:8443", None),
        ("h.example.com:1", "http://p:1"),
        ("ample.com", "http://p:1"),
        ("other.com", "http://p:1"),
        ("x.h.example.com", "http://p:1"),
    ],
)
@for_all("variable", ["NO_PROXY", "no_proxy"])
def test_no_proxy_is_honoured(monkeypatch, variable, no_proxy, proxy):
    monkeypatch.setenv("HTTPS_PROXY", "http://p:1")
    monkeypatch.setenv(variable, no_proxy)
    assert Configuration(host="https://h.example.com:8443").proxy == proxy


def test_the_environment_s_proxy_follows_the_host(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://p:1")
    monkeypatch.setenv("NO_PROXY", "inside")
    configuration = Configuration(host="https://inside")
    assert configuration.proxy is None
    configuration.host = "https://outside"
    assert configuration.proxy == "http://p:1"


def test_no_proxy_does_not_apply_to_an_explicit_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    assert Configuration(host="https://h", proxy="http://own:1").proxy == "http://own:1"


def test_a_proxy_without_scheme_is_one_of_http(monkeypatch):
    assert Configuration(proxy="p:1").proxy == "http://p:1"
    monkeypatch.setenv("HTTPS_PROXY", "p:2")
    assert Configuration(host="https://h").proxy == "http://p:2"


@pytest.mark.parametrize("value", [None, ""])
def test_explicitly_no_proxy_beats_the_environment(monkeypatch, value):
    monkeypatch.setenv("HTTPS_PROXY", "http://p:1")
    assert Configuration(host="https://h", proxy=value).proxy is None
    configuration = Configuration(host="https://h")
    configuration.proxy = value
    assert configuration.proxy is None


# timeouts and retries


@for_all("value", [1, 0.5, (1, 2), [1, 2], (None, 2), None, urllib3.Timeout(connect=1, read=2)])
def test_a_timeout_is_kept_as_it_was_given(value):
    configuration = Configuration(request_timeout=value)
    assert configuration.request_timeout is value
    configuration = Configuration()
    configuration.request_timeout = value
    assert configuration.request_timeout is value


@pytest.mark.parametrize("value", ["1", True, object()])
def test_a_timeout_of_the_wrong_type_is_refused_when_it_is_set(value):
    configuration = Configuration()
    with pytest.raises(TypeError, match="a timeout is seconds"):
        configuration.request_timeout = value
    with pytest.raises(TypeError, match="a timeout is seconds"):
        Configuration(request_timeout=value)
    assert configuration.request_timeout is DEFAULT


@for_all("value", [0, -1, float("nan"), float("inf"), (1, 2, 3), (0, 1)])
def test_a_timeout_out_of_range_is_refused_when_it_is_set(value):
    with pytest.raises(ValueError, match="a timeout "):
        Configuration().request_timeout = value
    with pytest.raises(ValueError, match="a timeout "):
        Configuration(request_timeout=value)


def test_retries_take_a_number_or_a_policy():
    configuration = Configuration(retries=0)
    assert configuration.retries == RetryPolicy(0)
    configuration.retries = 5
    assert configuration.retries == RetryPolicy(5)
    policy = RetryPolicy(2, backoff=0)
    configuration.retries = policy
    assert configuration.retries is policy


@pytest.mark.parametrize(("value", "kind"), [("3", TypeError), (True, TypeError), (-1, ValueError)])
def test_other_retries_are_refused_when_they_are_set(value, kind):
    with pytest.raises(kind, match="retries must be"):
        Configuration().retries = value
    with pytest.raises(kind, match="retries must be"):
        Configuration(retries=value)


# keys


@for_all(
    ("key", "value"),
    [
        ("k", "k"),
        (b"k", "k"),
        (" k\n", "k"),
        ("\tk\r\n", "k"),
        (b" k\n", "k"),
        ("a b", "a b"),
        ("", None),
        ("  \n", None),
        (b"", None),
        (None, None),
    ],
)
def test_white_space_around_a_key_is_dropped(key, value):
    configuration = Configuration()
    configuration.api_key[KEY] = key
    assert configuration.get_api_key_with_prefix(KEY) == value


def test_a_key_that_is_not_there_is_none():
    assert Configuration().get_api_key_with_prefix(KEY) is None
    assert Configuration(api_key="k").get_api_key_with_prefix("other") is None
    assert Configuration(api_key={"other": "o"}).get_api_key_with_prefix("other") == "o"


def test_a_key_of_bytes_that_are_not_utf_8_is_refused_without_its_value():
    configuration = Configuration(api_key=b"secret\xff")
    with pytest.raises(ValueError, match="UTF-8") as caught:
        configuration.get_api_key_with_prefix(KEY)
    assert "secret" not in str(caught.value)


@for_all(("prefix", "value"), [("Bearer", "Bearer k"), ("", "k"), (None, "k"), ("a b", "a b k")])
def test_a_prefix_is_put_before_the_key(prefix, value):
    configuration = Configuration(api_key=" k ")
    configuration.api_key_prefix[KEY] = prefix
    assert configuration.get_api_key_with_prefix(KEY) == value


def test_a_prefix_without_key_is_nothing():
    configuration = Configuration()
    configuration.api_key_prefix[KEY] = "Bearer"
    assert configuration.get_api_key_with_prefix(KEY) is None


def test_the_hook_is_called_before_the_key_is_read():
    seen = []

    def hook(configuration):
        seen.append(configuration)
        configuration.api_key[KEY] = f"k{len(seen)}"

    configuration = Configuration()
    configuration.refresh_api_key_hook = hook
    assert configuration.get_api_key_with_prefix(KEY) == "k1"
    assert configuration.auth_settings()["api_key"]["value"] == "k2"
    assert seen == [configuration, configuration]


def test_the_auth_settings():
    assert Configuration(api_key="k").auth_settings() == {
        "api_key": {"type": "api_key", "in": "header", "key": KEY, "value": "k"}
    }
    assert Configuration().auth_settings()["api_key"]["value"] is None


@for_all(("user", "password"), [("u", "p"), ("", ""), ("ü", "p:ä"), ("u:x", "")])
def test_basic_authentication(user, password):
    configuration = Configuration()
    configuration.username, configuration.password = user, password
    scheme, _, value = configuration.get_basic_auth_token().partition(" ")
    assert scheme == "Basic"
    assert base64.b64decode(value).decode() == f"{user}:{password}"


# set_default


def test_the_default_is_copied():
    default = Configuration(host="d", api_key="k", retries=1, request_timeout=5)
    default.client_side_validation = False
    default.api_key_prefix[KEY] = "Bearer"
    Configuration.set_default(default)
    assert Configuration.get_default() is default
    made = Configuration()
    assert made is not default
    for name in {**KEYWORDS, **OTHERS}:
        assert getattr(made, name) == getattr(default, name)
    made.api_key[KEY] = "own"
    made.api_key_prefix.clear()
    made.host = "own"
    assert default.api_key == {KEY: "k"}
    assert default.api_key_prefix == {KEY: "Bearer"}
    assert default.host == "https://d"


def test_keywords_beat_the_default():
    Configuration.set_default(Configuration(host="d", retries=1))
    made = Configuration(host="own")
    assert (made.host, made.retries) == ("https://own", RetryPolicy(1))


def test_the_default_can_be_taken_back():
    Configuration.set_default(Configuration(host="d"))
    Configuration.set_default(None)
    assert Configuration.get_default() is None
    assert Configuration().host == PLACEHOLDER


def test_a_default_that_is_changed_later_changes_what_is_made_later():
    default = Configuration(host="d")
    Configuration.set_default(default)
    before = Configuration()
    default.host = "e"
    assert (before.host, Configuration().host) == ("https://d", "https://e")


def test_a_copy_is_independent():
    one = Configuration(host="h", api_key="k")
    other = copy.deepcopy(one)
    other.host = "other"
    other.api_key[KEY] = "other"
    assert (one.host, one.api_key) == ("https://h", {KEY: "k"})


# what is shown


def test_the_repr_shows_the_host_and_no_key():
    configuration = Configuration(host="https://h", api_key="canary")
    assert repr(configuration) == "<Configuration https://h (X-AUTH-TOKEN=***)>"
    assert repr(Configuration(host="https://h")) == "<Configuration https://h (no key)>"


def test_the_debug_report_shows_versions_and_nothing_else():
    configuration = Configuration(host="https://h", api_key="canary")
    assert configuration.to_debug_report() == (
        "Python SDK Debug Report:\n"
        f"OS: {sys.platform}\n"
        f"Python Version: {sys.version}\n"
        "Version of the API: v2\n"
        f"SDK Package Version: {wavefront_api_client.__version__}"
    )


def test_every_setting_has_an_annotation_or_a_docstring():
    annotated = set(Configuration.__annotations__)
    for name in {**KEYWORDS, **OTHERS}:
        attribute = getattr(Configuration, name, None)
        assert name in annotated or (isinstance(attribute, property) and attribute.__doc__)


def test_a_configuration_can_be_made_while_a_debugger_looks():
    # A trace function that reads local variables makes new names appear in locals().
    def trace(frame, event, argument):
        assert frame.f_locals is not None
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        configuration = Configuration(host="https://h")
    finally:
        sys.settrace(before)
    assert configuration.host == "https://h"


@for_all(
    ("variables", "expected"),
    [
        ({"SSL_CERT_FILE": "a", "REQUESTS_CA_BUNDLE": "b"}, "a"),
        ({"SSL_CERT_FILE": "", "REQUESTS_CA_BUNDLE": "b"}, "b"),
        ({}, None),
    ],
)
def test_the_authorities_come_from_the_environment(monkeypatch, variables, expected):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert Configuration().ssl_ca_cert == expected
    assert Configuration(ssl_ca_cert="own").ssl_ca_cert == "own"
    assert Configuration(ssl_ca_cert="").ssl_ca_cert == ""
