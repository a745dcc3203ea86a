"""_core.request: what cannot be sent as it is."""

from __future__ import annotations

import pytest
from cases import for_all

from wavefront_api_client._core.request import METHODS, prepare


def prepared(method="POST", headers=None, body=None):
    return prepare(method, "http://h/x", None, headers, body, None, True)


@for_all("method", sorted(METHODS))
def test_a_method_is_sent_in_capitals(method):
    assert prepared(method.lower()).method == method


@for_all("method", ["", "TRACE", "CONNECT", "GET /x HTTP/1.1"])
def test_any_other_method_is_refused(method):
    with pytest.raises(ValueError, match="the HTTP method must be one of"):
        prepared(method)


@for_all("character", ["\n", "\r", "\r\n", "\x00", "\x1b", "\x7f", "€"])
def test_what_no_header_can_hold_is_refused_and_not_shown(character):
    with pytest.raises(ValueError, match="the header X-AUTH-TOKEN holds") as caught:
        prepared("GET", {"X-AUTH-TOKEN": f"can{character}ary"})
    assert str(caught.value).endswith("(value not shown)")
    assert "ary" not in str(caught.value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_json_does_not_know_is_refused(value):
    with pytest.raises(ValueError, match="JSON"):
        prepared(body={"lastUsed": value})


def test_a_key_that_json_does_not_know_is_refused():
    with pytest.raises(TypeError, match="keys must be"):
        prepared(body={(1, 2): 3})


def test_the_repr_of_a_request_shows_no_secret():
    request = prepare(
        "DELETE", "https://h/api/v2/apitoken/t0ken", None, {"X": "key"}, None, (), True
    )
    assert repr(request) == "<Request DELETE https://h/api/v2/apitoken/***>"
