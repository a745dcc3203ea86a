"""configuration: a warning points at the line of the caller's own code that led to it."""

from __future__ import annotations

import sys
import types
import warnings

import pytest
from cases import for_all
from urllib3.exceptions import InsecureRequestWarning

from wavefront_api_client import ApiClient, ApiTokenApi, Configuration
from wavefront_api_client.configuration import warn
from wavefront_api_client.rest import RESTClientObject

CLEAR_TEXT = "http://wavefront.example"


def shown_by(call):
    """The one warning of a call."""
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        call()
    (warning,) = shown
    return warning


def unsafe():
    return Configuration(verify_ssl=False)


def assign(name, value):
    setattr(Configuration(), name, value)


def with_default(call):
    Configuration.set_default(unsafe())
    try:
        call()
    finally:
        Configuration.set_default(None)


class OwnConfiguration(Configuration):
    def __init__(self):
        super().__init__(host=CLEAR_TEXT)


class OwnClient(ApiClient):
    def __init__(self):
        super().__init__(unsafe())


CASES = {
    "host given": lambda: Configuration(host=CLEAR_TEXT),
    "host assigned": lambda: assign("host", CLEAR_TEXT),
    "host in a subclass": OwnConfiguration,
    "client": lambda: ApiClient(unsafe()),
    "client in a subclass": OwnClient,
    "client of the default": lambda: with_default(ApiClient),
    "API of the default": lambda: with_default(ApiTokenApi),
    "rest client": lambda: RESTClientObject(unsafe()),
}


@for_all("case", CASES)
def test_it_points_into_this_file(case):
    assert shown_by(CASES[case]).filename == __file__


def test_it_points_at_the_very_line():
    here = sys._getframe().f_lineno
    warning = shown_by(lambda: Configuration(host=CLEAR_TEXT))
    assert warning.lineno == here + 1


def test_the_environment_s_host_warns_where_the_configuration_is_made(monkeypatch):
    monkeypatch.setenv("WAVEFRONT_URL", CLEAR_TEXT)
    assert shown_by(Configuration).filename == __file__


@for_all(
    ("case", "kind"),
    [
        ("host given", UserWarning),
        ("host assigned", UserWarning),
        ("client", InsecureRequestWarning),
        ("API of the default", InsecureRequestWarning),
    ],
)
def test_of_which_kind_it_is(case, kind):
    assert shown_by(CASES[case]).category is kind


def test_what_it_says():
    assert str(shown_by(CASES["host given"]).message).startswith(f"{CLEAR_TEXT} is plain http")
    assert "verify_ssl is off" in str(shown_by(CASES["client"]).message)


def in_module(name):
    """A module of a name that makes a configuration."""
    module = types.ModuleType(name)
    module.Configuration = Configuration
    source = f"def make():\n    Configuration(host={CLEAR_TEXT!r})"
    exec(compile(source, f"{name}.py", "exec"), vars(module))
    return module


@for_all("name", ["wavefront_api_client_extras", "wavefront", "__main__", "x"])
def test_another_package_is_the_caller_whatever_its_name(name):
    warning = shown_by(in_module(name).make)
    assert (warning.filename, warning.lineno) == (f"{name}.py", 2)


@pytest.mark.parametrize("name", ["wavefront_api_client.extras", "wavefront_api_client.api.x"])
def test_this_package_is_never_the_caller(name):
    assert shown_by(in_module(name).make).filename == __file__


def test_a_call_from_outside_is_its_own_place():
    warning = shown_by(lambda: warn("text"))
    assert (warning.filename, str(warning.message)) == (__file__, "text")


def test_each_place_is_warned_of_by_itself():
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("default")
        Configuration(host=CLEAR_TEXT)
        Configuration(host=CLEAR_TEXT)
        for _ in range(3):
            Configuration(host=CLEAR_TEXT)
    assert len(shown) == 3


def test_code_that_has_no_name_is_warned_too():
    source = f"Configuration(host={CLEAR_TEXT!r})"
    warning = shown_by(lambda: exec(source, {"Configuration": Configuration}))
    assert warning.category is UserWarning
