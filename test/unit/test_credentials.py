"""What is exchanged for access tokens: the values, and where a configuration has them from."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
from types import SimpleNamespace

import pytest
from canary import CANARY, everything_shown, traces
from cases import for_all

from wavefront_api_client import Configuration
from wavefront_api_client.configuration import KEY_NAME
from wavefront_api_client.credentials import CONSOLE, CspApiToken, CspApp

VARIABLES = ("CSP_API_TOKEN", "CSP_APP_ID", "CSP_APP_SECRET", "CSP_ORG_ID", "CSP_BASE_URL")


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def test_the_values_hold_what_they_were_given():
    token = CspApiToken(b" t\n")
    assert (token.token, token.base_url) == ("t", CONSOLE)
    app = CspApp("a", "s\r\n", "o", base_url="csp.example/")
    assert (app.id, app.secret, app.org_id) == ("a", "s", "o")
    assert app.base_url == "https://csp.example"
    assert CspApp("a", "s").org_id is None


def test_they_are_equal_by_value():
    assert CspApiToken("t") == CspApiToken("t")
    assert len({CspApiToken("t"), CspApiToken("t"), CspApiToken("u"), CspApp("t", "t")}) == 3
    assert CspApiToken("t") != CspApiToken("t", base_url="https://other.example")
    assert CspApp("a", "s") != CspApp("a", "s", "o")


@for_all(
    ("make", "error"),
    [
        (lambda: CspApiToken(f"{CANARY}\nx"), ValueError),
        (lambda: CspApiToken(" "), ValueError),
        (lambda: CspApiToken([CANARY]), TypeError),
        (lambda: CspApiToken(b"\xff" + CANARY.encode()), ValueError),
        (lambda: CspApiToken(CANARY, base_url="http://csp.example"), ValueError),
        (lambda: CspApiToken("t", base_url=f"https://u:{CANARY}@csp.example"), ValueError),
        (lambda: CspApp("a", f"{CANARY}\0"), ValueError),
        (lambda: CspApp("a:b", CANARY), ValueError),
        (lambda: CspApp("a", CANARY, ""), ValueError),
        (lambda: CspApp(None, CANARY), TypeError),
        (lambda: Configuration(credentials=CANARY), TypeError),
        (lambda: Configuration(credentials=SimpleNamespace(base_url=CANARY)), TypeError),
        (lambda: Configuration(credentials=CspApp), TypeError),
        (lambda: Configuration(credentials=CspApiToken(CANARY), api_key="k"), ValueError),
    ],
)
def test_what_cannot_be_used_is_refused_and_not_shown(make, error):
    with pytest.raises(error) as caught:
        make()
    assert traces(everything_shown(caught.value), CANARY) == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1"])
def test_plain_http_is_for_loopback(url):
    assert CspApiToken("t", base_url=url).base_url == url


def test_the_repr_shows_no_secret():
    for value in (CspApiToken(CANARY), CspApp("a", CANARY)):
        configuration = Configuration(host="h", credentials=value)
        assert type(value).__name__ in repr(value)
        assert repr(configuration) == f"<Configuration https://h ({type(value).__name__}=***)>"
        shown = f"{value!r} {value} {configuration!r} {configuration.to_debug_report()}"
        assert traces(shown, CANARY) == []


@pytest.mark.parametrize("value", [CspApiToken("t"), CspApp("a", "s", "o")], ids=repr)
def test_copies_and_pickles_of_a_configuration_have_them(value):
    configuration = Configuration(host="h", credentials=value)
    copies = [copy.copy(configuration), copy.deepcopy(configuration)]
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        copies.append(pickle.loads(pickle.dumps(configuration, protocol)))
    Configuration.set_default(configuration)
    for each in [*copies, Configuration()]:
        assert each.credentials == value
        assert each.credentials_for(each.host) == value


def test_without_any_a_copy_has_none_and_still_looks_into_the_environment(monkeypatch):
    monkeypatch.setenv("CSP_API_TOKEN", "t")
    for each in (copy.deepcopy(Configuration()), pickle.loads(pickle.dumps(Configuration()))):
        assert each.credentials is None
        assert each.credentials_for("https://h") == CspApiToken("t")
        each.credentials = None
        assert copy.copy(each).credentials_for("https://h") is None


# --- the environment ----------------------------------------------------------------------------


@for_all(
    ("variables", "expected"),
    [
        ({}, None),
        ({"CSP_API_TOKEN": " t\n"}, CspApiToken("t")),
        ({"CSP_API_TOKEN": "t", "CSP_APP_ID": " "}, CspApiToken("t")),
        (
            {"CSP_API_TOKEN": "t", "CSP_BASE_URL": "https://csp.example/"},
            CspApiToken("t", base_url="https://csp.example"),
        ),
        ({"CSP_APP_ID": "a", "CSP_APP_SECRET": "s"}, CspApp("a", "s")),
        (
            {"CSP_APP_ID": "a", "CSP_APP_SECRET": "s", "CSP_ORG_ID": "o"},
            CspApp("a", "s", "o"),
        ),
        ({"CSP_ORG_ID": "o", "CSP_BASE_URL": "https://csp.example"}, None),
    ],
)
def test_the_environment_has_credentials(monkeypatch, variables, expected):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    configuration = Configuration()
    assert configuration.credentials is None
    assert configuration.credentials_for("https://h") == expected


@for_all(
    ("variables", "told"),
    [
        ({"CSP_API_TOKEN": CANARY, "CSP_APP_ID": "a"}, "CSP_API_TOKEN and CSP_APP_ID or"),
        ({"CSP_APP_ID": "a"}, "CSP_APP_ID and CSP_APP_SECRET go together"),
        ({"CSP_APP_SECRET": CANARY}, "CSP_APP_ID and CSP_APP_SECRET go together"),
        (
            {"CSP_API_TOKEN": CANARY, "WAVEFRONT_TOKEN": CANARY},
            "WAVEFRONT_TOKEN and CSP_API_TOKEN are both set: drop WAVEFRONT_TOKEN if",
        ),
        ({"CSP_API_TOKEN": CANARY, "CSP_BASE_URL": "http://csp.example"}, "base_url must be https"),
    ],
)
def test_two_of_them_or_half_of_one_are_an_error_that_says_what_to_drop(
    monkeypatch, variables, told
):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValueError) as caught:
        Configuration().credentials_for("https://h")
    assert told in str(caught.value)
    assert traces(everything_shown(caught.value), CANARY) == []


def test_a_script_that_sets_a_key_is_not_touched(monkeypatch):
    monkeypatch.setenv("CSP_API_TOKEN", "t")
    monkeypatch.setenv("CSP_APP_ID", "a")
    for configuration in (Configuration(api_key="k"), Configuration(api_key={})):
        assert configuration.credentials_for("https://h") is None
    later = Configuration()
    later.api_key[KEY_NAME] = "k"
    assert later.credentials_for("https://h") is None
    assert later.get_api_key_with_prefix(KEY_NAME) == "k"


def test_what_is_set_beats_the_environment(monkeypatch):
    monkeypatch.setenv("CSP_API_TOKEN", "t")
    monkeypatch.setenv("WAVEFRONT_TOKEN", "k")
    configuration = Configuration(credentials=CspApp("a", "s"))
    assert configuration.credentials_for("https://h") == CspApp("a", "s")
    assert configuration.get_api_key_with_prefix(KEY_NAME) is None
    configuration.credentials = None
    assert configuration.credentials_for("https://h") is None
    assert configuration.get_api_key_with_prefix(KEY_NAME) == "k"


def test_the_address_of_the_environment_is_that_of_credentials_without_one(monkeypatch):
    monkeypatch.setenv("CSP_BASE_URL", "https://csp.example")
    assert CspApiToken("t").base_url == "https://csp.example"
    assert CspApp("a", "s", base_url=CONSOLE).base_url == CONSOLE


def test_a_key_that_is_set_later_is_an_error_that_says_which_to_drop():
    configuration = Configuration(host="h", credentials=CspApiToken(CANARY))
    configuration.api_key[KEY_NAME] = CANARY
    with pytest.raises(ValueError) as caught:
        configuration.credentials_for(configuration.host)
    assert str(caught.value) == (
        "api_key['X-AUTH-TOKEN'] and credentials are both set: drop api_key['X-AUTH-TOKEN'] if the"
        " instance belongs to VMware Cloud services, else credentials"
    )
    configuration.api_key = {}
    assert configuration.credentials_for(configuration.host) == CspApiToken(CANARY)


def test_those_of_the_environment_are_for_the_address_of_the_environment(monkeypatch):
    monkeypatch.setenv("WAVEFRONT_URL", "https://h")
    monkeypatch.setenv("CSP_API_TOKEN", "t")
    configuration = Configuration()
    assert configuration.credentials_for("https://h") == CspApiToken("t")
    assert configuration.credentials_for("https://other") is None


# --- loaded only where used -----------------------------------------------------------------------


def test_who_does_not_use_them_loads_nothing_of_them():
    code = """if True:
        import sys
        from wavefront_api_client import ApiClient, ApiException, ApiTokenApi, Configuration
        with ApiClient(Configuration(host="http://127.0.0.1:1", api_key="k", retries=0)) as client:
            try:
                ApiTokenApi(client).get_all_tokens()
            except ApiException:
                pass
        print("wavefront_api_client.credentials" in sys.modules)
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60
    )
    assert (done.stdout.strip(), done.stderr) == ("False", "")
