"""_core.wire: between Python values and JSON values."""

from __future__ import annotations

import datetime
import json
import sys
import tracemalloc
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from cases import drawn, for_all, texts
from hypothesis import example, given
from hypothesis import strategies as st
from urllib3.response import HTTPResponse

from wavefront_api_client._core import wire
from wavefront_api_client._core.wire import (
    TooMuchJson,
    as_readable,
    as_text,
    headers_of,
    moment,
    most_memory,
    parse,
    to_wire,
)
from wavefront_api_client.models import ResponseContainerListUserApiToken, UserApiToken
from wavefront_api_client.rest import RESTResponse

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts(), inner, max_size=3),
    max_leaves=8,
)


@for_all("value", ["", "ä", 5, None, 1.5, [b"x"], {}])
def test_as_text_leaves_other_values_alone(value):
    assert as_text(value) is value


@pytest.mark.parametrize("kind", [bytes, bytearray])
def test_as_text_decodes_utf_8(kind):
    assert as_text(kind("aä€".encode())) == "aä€"
    assert type(as_text(kind(b"a"))) is str


def test_as_text_refuses_other_bytes_without_showing_them():
    with pytest.raises(ValueError, match="UTF-8") as caught:
        as_text(b"secret\xff")
    assert str(caught.value) == "bytes given as text must be UTF-8 (value not shown)"
    assert type(caught.value) is ValueError
    assert caught.value.__context__ is None


@drawn(50)
@given(JSON)
def test_json_values_are_their_own_wire_form(value):
    assert to_wire(value) == value


@for_all("value", [None, True, False, 0, 5, 1.5, "", "ä", 10**30])
def test_scalars_are_passed_through(value):
    assert to_wire(value) is value


@for_all(
    ("value", "wire"),
    [
        (b"x", "x"),
        (bytearray(b"\xc3\xa4"), "ä"),
        ([b"x", (b"y",)], ["x", ("y",)]),
        ((b"x", 1), ("x", 1)),
        ({b"k": b"v", "n": {b"m": [b"w"]}}, {"k": "v", "n": {"m": ["w"]}}),
        ({1: b"v"}, {1: "v"}),
        (datetime.date(2024, 2, 3), "2024-02-03"),
        (datetime.datetime(2024, 2, 3, 4, 5, 6), "2024-02-03T04:05:06"),
        (
            [datetime.datetime(2024, 2, 3, tzinfo=datetime.timezone.utc)],
            ["2024-02-03T00:00:00+00:00"],
        ),
        (UserApiToken(), {}),
        (UserApiToken(token_name=b"n"), {"tokenName": "n"}),
        ({"a": [UserApiToken(token_id="t")]}, {"a": [{"tokenID": "t"}]}),
        (
            ResponseContainerListUserApiToken(response=[UserApiToken(account="a")]),
            {"response": [{"account": "a"}]},
        ),
    ],
)
def test_other_values_get_a_json_form(value, wire):
    assert to_wire(value) == wire


def test_a_model_leaves_out_what_is_not_set_and_keeps_what_is_falsy():
    token = UserApiToken(account="", last_used=0, token_name="n")
    assert to_wire(token) == {"account": "", "lastUsed": 0, "tokenName": "n"}


def test_a_model_of_another_make_is_understood():
    class Foreign:
        attribute_map = {"first_name": "firstName", "age": "age"}  # noqa: RUF012 (as generated)
        first_name = "x"
        age = None

    assert to_wire(Foreign()) == {"firstName": "x"}


def test_the_values_given_are_not_changed():
    given_value = {"a": [b"x"]}
    to_wire(given_value)
    assert given_value == {"a": [b"x"]}


@for_all("value", [{1, 2}, object(), 1j, range(3), iter([])])
def test_what_has_no_json_form_is_a_type_error(value):
    for place in (value, [value], {"k": value}, (value,)):
        with pytest.raises(TypeError) as caught:
            to_wire(place)
        assert str(caught.value) == f"{type(value).__name__} has no JSON form"


def test_bytes_without_a_json_form_are_refused_at_any_depth():
    with pytest.raises(ValueError, match="must be UTF-8"):
        to_wire({"k": [b"\xff"]})
    with pytest.raises(ValueError, match="must be UTF-8"):
        to_wire({b"\xff": 1})


def nested(depth):
    value = 5
    for _ in range(depth):
        value = {"a": [value]}
    return value


def test_a_value_nested_too_deeply_or_in_itself_is_a_value_error():
    inside = {}
    inside["a"] = [inside]
    for value in (nested(100_000), inside):
        with pytest.raises(ValueError, match="nested") as caught:
            to_wire(value)
        expected = "a value nested too deeply, or in itself, has no JSON form"
        assert str(caught.value) == expected
        assert caught.value.__context__ is None
    assert to_wire(nested(50)) == nested(50)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1700000000000, "2023-11-14T22:13:20+00:00"),
        (1700000000001.5, "2023-11-14T22:13:20.001500+00:00"),
        (1700000000, "2023-11-14T22:13:20+00:00"),
        (99_999_999_999, "5138-11-16T09:46:39+00:00"),
        (100_000_000_000, "1973-03-03T09:46:40+00:00"),
    ],
)
def test_a_number_of_milliseconds_or_seconds_is_a_date(value, text):
    assert moment(value).isoformat() == text


@pytest.mark.parametrize(
    "value",
    [None, 0, -1, True, "1700000000000", [], {}, 10**18, 10**400, float("inf"), float("nan")],
)
def test_whatever_cannot_be_a_date_is_none(value):
    assert moment(value) is None


# --- JSON within bounds -----------------------------------------------------------------------


def test_a_byte_order_mark_is_passed_over():
    assert parse(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}
    assert parse('\ufeff{"a": 1}') == {"a": 1}


@for_all("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-32-be", "cp037"])
def test_json_is_utf_8(encoding):
    """Another reader of these bytes would not guess their encoding."""
    with pytest.raises(ValueError):
        parse('{"a": "bc"}'.encode(encoding))


@for_all("damage", [b"\xff", b"\x80" * 100, b"\xc3", b"\xf0\x9f", b"\xe4\xb8"])
def test_json_that_is_not_utf_8_is_refused(damage):
    with pytest.raises(ValueError):
        parse(b'["' + b"x" * 60 + damage + b'"]')


@for_all("content", [5, None, {"a": 1}, ["a"]])
def test_json_that_is_neither_text_nor_bytes_is_a_type_error(content):
    with pytest.raises(TypeError):
        parse(content)


def test_half_a_pair_costs_no_token_its_place():
    assert parse(b'["\\ud800", "\xed\xa0\x80", 1]') == ["\ud800", "\ud800", 1]


GREEDY = {
    "empty objects": "{},",
    "empty lists": "[],",
    "objects": '{"":0},',
    "lists": "[0],",
    "nested lists": "[" * 300 + "]" * 300 + ",",
    "nested objects": '{"":' * 300 + "0" + "}" * 300 + ",",
    "numbers": "-6,",
    "floats": "0.1,",
    "texts": '"ab",',
    "wide texts": '"\U0001f600",',
    "escaped texts": '"\\u4e2d",',
    "names": "",
    "wide names": "",
}


def greedy(kind):
    if kind == "names":
        return json.dumps({f"{n:x}": 0 for n in range(1366)})
    if kind == "wide names":
        return json.dumps({f"\u4e2d{n:x}": "\u4e2d" for n in range(1366)}, ensure_ascii=False)
    return "[" + GREEDY[kind] * (100_000 // len(GREEDY[kind])) + "0]"


@for_all("kind", GREEDY)
def test_no_values_take_more_than_is_counted(kind):
    text = greedy(kind)
    tracemalloc.start()
    try:
        values = json.loads(text)
        memory = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert values
    assert memory < most_memory(text)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | texts()
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(texts(), inner), max_leaves=60
)


def weight(value):
    size = sys.getsizeof(value)
    if isinstance(value, dict):
        return size + sum(weight(each) for pair in value.items() for each in pair)
    return size + sum(map(weight, value)) if isinstance(value, list) else size


@drawn(100)
@given(ANYTHING, st.booleans())
@example({"x": 0}, True)
@example([{str(n): [] for n in range(size)} for size in (6, 11, 22, 43, 86, 171)], True)
@example({"\U0001f600": "\U0001f600"}, False)
@example({"aaa\U0001f600": "aaaaaaaaaa\U0001f600"}, True)
def test_no_value_takes_more_than_is_counted(value, ascii_only):
    text = json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":"))
    assert weight(json.loads(text)) <= most_memory(text)


@for_all("kind", GREEDY)
def test_what_could_take_too_much_is_refused_before_it_is_read(monkeypatch, kind):
    monkeypatch.setattr(wire, "ALWAYS_FITS", 0)
    text = greedy(kind)
    monkeypatch.setattr(wire, "MOST_MEMORY", most_memory(text))
    assert parse(text)
    monkeypatch.setattr(wire, "MOST_MEMORY", most_memory(text) - 1)
    with pytest.raises(TooMuchJson, match="^its values could take more than [0-9]+ MB of memory$"):
        parse(text)


@for_all("kind", GREEDY)
def test_a_short_text_always_fits(kind):
    text = greedy(kind)
    assert most_memory(text) / len(text) * wire.ALWAYS_FITS < wire.MOST_MEMORY


# --- answers and stand-ins for them -----------------------------------------------------------

REAL = HTTPResponse(headers={"A": "b"}, status=200)


@for_all(
    "answer",
    [
        REAL,
        RESTResponse(REAL, b""),
        SimpleNamespace(headers={"A": "b"}),
        SimpleNamespace(getheaders=lambda: {"A": "b"}),
        SimpleNamespace(headers=None, getheaders=lambda: {"A": "b"}),
        Mock(getheaders=lambda: {"A": "b"}),
        Mock(headers={"A": "b"}),
    ],
)
def test_headers_come_from_the_attribute_or_from_the_method(answer):
    assert dict(headers_of(answer)) == {"A": "b"}


def test_the_headers_of_urllib3_are_handed_on_as_they_are():
    assert headers_of(RESTResponse(REAL, b"")) is headers_of(REAL) is REAL.headers


def test_what_has_no_headers_has_none():
    assert headers_of(SimpleNamespace()) == {}


@for_all(("content", "text"), [(b"\xff\xc3\xa4", "�ä"), ("\xff", "\xff"), (b"", ""), ("", "")])
def test_any_body_has_a_text(content, text):
    assert as_readable(content) == text
