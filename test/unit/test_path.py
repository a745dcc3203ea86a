"""_core.urls: what may stand in a segment, and how it is quoted."""

from __future__ import annotations

import contextlib
import time
from urllib.parse import unquote

import pytest
from cases import drawn, for_all, texts
from hypothesis import given
from hypothesis import strategies as st

from wavefront_api_client._core.urls import MOST_DECODINGS, check_segment, fill

NOT_SHOWN = "(value not shown)"
CONTROL = f"`id` must be UTF-8 without control characters {NOT_SHOWN}"
RELATIVE = f"`id` must not be, or decode to, a relative path {NOT_SHOWN}"

GOOD = [
    "x",
    "sa::name",
    "a/b?c é%2F",
    "...",
    ".a",
    "a.",
    "..a",
    "a..b",
    "a.b/c.d",
    "%",
    "%zz",
    "100%",
    "a b",
    " padded ",
    "ü€😀",
    "a;b",
    "a\\b",
    "%41",
    "01234567-89ab-cdef-0123-456789abcdef",
    "customertokens",
    "\u00a0x",
    "~",
    "!",
]

RELATIVE_IDS = [
    ".",
    "..",
    "./",
    "../",
    "/.",
    "/..",
    "a/../b",
    "a/./b",
    "..\\b",
    "a\\..",
    "%2e",
    "%2E",
    "%2e%2e",
    ".%2E",
    "a%2f%2e%2e%2fb",
    "a%5c%2e%2e",
    "%252e%252e",
    "%25252e",
    "..;x",
    "a/..;x/b",
    "%2e%2e%3bx",
    ".;",
    " ..",
    ".. ",
    "a/ .. /b",
    "%20%2e%2e",
]


@for_all("value", GOOD)
def test_what_names_one_resource_is_kept_as_it_is(value):
    assert check_segment("id", value) == value
    assert check_segment("id", value.encode()) == value
    assert check_segment("id", bytearray(value.encode())) == value


@for_all("value", RELATIVE_IDS)
def test_what_leads_or_decodes_to_another_resource_is_refused(value):
    with pytest.raises(ValueError, match="relative path") as caught:
        check_segment("id", value)
    assert str(caught.value) == RELATIVE
    with pytest.raises(ValueError, match="relative path"):
        check_segment("id", value.encode())


@for_all("value", ["", " ", "  ", "\u00a0", "\u3000", b"", b" "])
def test_blank_is_refused(value):
    with pytest.raises(ValueError, match="blank") as caught:
        check_segment("token", value)
    assert str(caught.value) == "`token` must not be blank"


@for_all(
    "character",
    [*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0)), "\u2028", "\u2029"],
)
@for_all("template", ["a{}b", "{}secret", "secret{}"])
def test_control_characters_are_refused_and_not_shown(character, template):
    with pytest.raises(ValueError, match="control") as caught:
        check_segment("id", template.format(character))
    assert str(caught.value) == CONTROL


@for_all("value", ["\x20x", "~", "\xa0x", "\u2027", "\u202a"])
def test_the_neighbours_of_control_characters_pass(value):
    assert check_segment("id", value) == value


@for_all("value", [5, 1.5, True, None, [], ["x"], {}, object(), ("x",)])
def test_what_is_not_text_is_a_type_error_that_names_the_parameter(value):
    with pytest.raises(TypeError) as caught:
        check_segment("id", value)
    assert str(caught.value) == f"`id` must be text, not {type(value).__name__}"


@pytest.mark.parametrize("value", ["\ud800", "a\udfffb", "\udc80"])
def test_a_lone_surrogate_is_refused_without_its_value(value):
    with pytest.raises(ValueError, match="UTF-8") as caught:
        check_segment("id", value)
    assert str(caught.value) == CONTROL
    assert not isinstance(caught.value, UnicodeError)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_bytes_that_are_not_utf_8_are_refused_without_their_value():
    with pytest.raises(ValueError, match="UTF-8") as caught:
        check_segment("id", b"secret\xff")
    assert "secret" not in str(caught.value)
    assert not isinstance(caught.value, UnicodeError)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("value", [RELATIVE_IDS[5], "se\ncret", "\ud800secret"])
def test_no_error_shows_the_value(value):
    with pytest.raises(ValueError, match="`id`") as caught:
        check_segment("id", value)
    assert value not in str(caught.value)
    assert "secret" not in str(caught.value)


@for_all(
    ("value", "quoted"),
    [
        ("x", "x"),
        ("a/b?c é%2F", "a%2Fb%3Fc%20%C3%A9%252F"),
        ("sa::name", "sa%3A%3Aname"),
        ("a;b", "a%3Bb"),
        ("a\\b", "a%5Cb"),
        ("a#b", "a%23b"),
        ("~-._", "~-._"),
        ("+&=", "%2B%26%3D"),
        (b"b\xc3\xa4", "b%C3%A4"),
    ],
)
def test_a_value_is_percent_encoded_whole(value, quoted):
    assert fill("/x/{id}", {"id": value}) == f"/x/{quoted}"


def test_each_parameter_gets_its_own_value():
    values = {"token": "t/{id}", "id": "{token}"}
    assert fill("/{id}/{token}/{id}", values) == "/%7Btoken%7D/t%2F%7Bid%7D/%7Btoken%7D"


def test_a_template_without_parameters_is_the_path():
    assert fill("/api/v2/apitoken", {}) == "/api/v2/apitoken"
    assert fill("/api/v2/apitoken", {"unused": 5}) == "/api/v2/apitoken"


def test_a_parameter_without_value_is_named():
    with pytest.raises(ValueError, match="no value") as caught:
        fill("/{id}/{token}", {"id": "x"})
    assert str(caught.value) == "the path parameter `token` has no value"


def test_each_value_is_checked():
    with pytest.raises(ValueError, match="^`token` must not be blank$"):
        fill("/{id}/{token}", {"id": "x", "token": " "})
    with pytest.raises(TypeError, match="^`id` must be text, not NoneType$"):
        fill("/{id}", {"id": None})


def test_characters_can_be_left_unquoted():
    assert fill("/{id}", {"id": "sa::name@x"}, ":") == "/sa::name%40x"
    assert fill("/{id}", {"id": "sa::name@x"}, ":@") == "/sa::name@x"


@for_all("character", "/\\?#%;")
def test_characters_that_structure_a_path_are_quoted_whatever_is_asked_for(character):
    expected = f"/a%{ord(character):02X}b:c"
    assert fill("/{id}", {"id": f"a{character}b:c"}, f":{character}") == expected


@drawn(200)
@given(texts())
def test_what_is_decoded_is_what_was_passed_or_nothing_is_sent(value):
    try:
        path = fill("/root/{id}/tail", {"id": value})
    except ValueError:
        return
    _, root, segment, tail = path.split("/")
    assert (root, tail) == ("root", "tail")
    assert unquote(segment) == value
    assert path.isascii()
    assert not set("?#;\\ ") & set(path)
    assert segment not in (".", "..")


@drawn(200)
@given(st.text(alphabet="./\\%2eEfF5cC;3b a", max_size=12))
def test_no_value_made_of_dots_and_escapes_is_relative_once_decoded(value):
    try:
        text = check_segment("id", value)
    except ValueError:
        return
    for _ in range(6):
        parts = text.replace("\\", "/").split("/")
        assert not {".", ".."} & set(parts)
        text = unquote(text)


@for_all("piece", ["%25", "%252", "%2%35", "%", "%2525", "%2e", "./"])
def test_a_long_value_is_checked_in_time(piece):
    begun = time.process_time()
    with contextlib.suppress(ValueError):
        check_segment("id", piece * (100_000 // len(piece)))
    assert time.process_time() - begun < 1


def test_what_is_encoded_more_often_than_anybody_decodes_is_refused():
    text = "%20"
    for _ in range(MOST_DECODINGS):
        text = text.replace("2", "%32", 1)
    with pytest.raises(ValueError, match="relative"):
        check_segment("id", text)
