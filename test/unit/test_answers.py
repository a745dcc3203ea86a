"""_core.answers: the types that an answer can be read as."""

from __future__ import annotations

import datetime

import pytest
from cases import for_all

from wavefront_api_client import UserApiToken
from wavefront_api_client._core.answers import NATIVE, make_reader


@for_all(
    ("type_name", "value", "expected"),
    [
        ("int", 5, 5),
        ("int", "5", 5),
        ("int", 5.9, 5),
        ("long", 10**30, 10**30),
        ("float", 1, 1.0),
        ("float", "1.5", 1.5),
        ("str", "ä", "ä"),
        ("str", 5, "5"),
        ("bool", True, True),
        ("bool", 0, False),
        ("object", {"a": [1]}, {"a": [1]}),
        ("date", "2024-02-03", datetime.date(2024, 2, 3)),
        ("date", "2024-02-03T23:59:59", datetime.date(2024, 2, 3)),
        ("datetime", "2024-02-03T04:05:06", datetime.datetime(2024, 2, 3, 4, 5, 6)),
        ("datetime", "20240203", datetime.datetime(2024, 2, 3)),
        ("list[int]", ["1", 2], [1, 2]),
        ("list[int]", [], []),
        ("list[int]", [None, 1], [None, 1]),
        ("list[list[str]]", [[1], [], None], [["1"], [], None]),
        ("dict(str, int)", {"a": "1"}, {"a": 1}),
        ("dict(str, int)", {}, {}),
        ("dict(str, list[float])", {"a": ["1.5"]}, {"a": [1.5]}),
        ("dict(str, dict(str, int))", {"a": {"b": "1"}}, {"a": {"b": 1}}),
        ("list[dict(str, int)]", [{"a": "1"}], [{"a": 1}]),
        ("dict(str, date)", {"a": "2024-02-03"}, {"a": datetime.date(2024, 2, 3)}),
    ],
)
def test_a_type_is_read(type_name, value, expected):
    result = make_reader(type_name)(value)
    assert result == expected
    assert type(result) is type(expected)


@for_all("type_name", [*NATIVE, "list[int]", "dict(str, int)"])
def test_none_passes_through(type_name):
    assert make_reader(type_name)(None) is None


def test_a_datetime_keeps_its_zone():
    value = make_reader("datetime")("2024-02-03T04:05:06Z")
    assert value.utcoffset() == datetime.timedelta(0)


@for_all("value", [{"a": 1}, "text", 5, True, ()])
def test_what_is_no_list_is_a_type_error(value):
    with pytest.raises(TypeError) as caught:
        make_reader("list[int]")(value)
    assert str(caught.value) == f"expected a list, not {type(value).__name__}"


@for_all("value", [[1], "text", 5, True])
def test_what_is_no_object_is_a_type_error(value):
    with pytest.raises(TypeError) as caught:
        make_reader("dict(str, int)")(value)
    assert str(caught.value) == f"expected an object, not {type(value).__name__}"


@for_all(
    ("type_name", "value"),
    [
        ("int", "x"),
        ("float", "x"),
        ("date", "no date"),
        ("datetime", "no date"),
        ("list[int]", ["x"]),
        ("dict(str, int)", {"a": "x"}),
    ],
)
def test_values_that_do_not_fit_are_a_value_error(type_name, value):
    with pytest.raises(ValueError, match=r".+"):
        make_reader(type_name)(value)


def test_any_other_name_is_that_of_a_model():
    token = UserApiToken(token_name="a")
    assert make_reader("UserApiToken")({"tokenName": "a"}) == token
    assert make_reader("list[UserApiToken]")([{"tokenName": "a"}, None]) == [token, None]
    assert make_reader("dict(str, UserApiToken)")({"b": {"tokenName": "a"}}) == {"b": token}


@for_all("type_name", ["date", "datetime"])
def test_a_date_is_not_longer_than_a_date_can_be(type_name):
    with pytest.raises(TypeError, match="a date has no more than 100 characters"):
        make_reader(type_name)("2024-02-03" + 91 * " ")


@for_all(
    "name",
    [
        *("Nix", "xlist[int]", "list[int", "int]", "list(int)", "xdict(str, int)", "integer", ""),
        *("dict(str, int", "str, int)", "dict[str, int]"),
    ],
)
def test_there_is_no_other_type(name):
    with pytest.raises(ValueError, match="^there is no type") as caught:
        make_reader(name)
    assert str(caught.value) == f"there is no type {name!r}"
    with pytest.raises(ValueError, match="^there is no type"):
        make_reader(f"list[{name}]")


def test_the_native_types_are_these():
    assert set(NATIVE) == {"int", "long", "float", "str", "bool", "object", "date", "datetime"}


def test_an_object_is_kept_as_it_came():
    value = {"a": [1, None, {"b": 1.5}]}
    assert make_reader("object")(value) is value
