"""How files hold a token: pure rules."""

from __future__ import annotations

import json

import pytest
from cases import for_all

from wavefront_api_client.tokens._formats import Env, Json, Raw, parse_format

NEW = "0f1e2d3c-new"


@for_all(
    ("text", "format"),
    [
        ("raw", Raw()),
        ("env", Env("WAVEFRONT_TOKEN")),
        ("env:_K1", Env("_K1")),
        ("json", Json("token")),
        ("json:a b:c", Json("a b:c")),
    ],
)
def test_a_format_is_named_by_a_text(text, format):
    assert parse_format(text) == format
    assert type(parse_format(text)) is type(format)


@for_all(
    "text",
    ["", "RAW", "raw:x", "env:", "env:1A", "env:A B", "env:A\n", "json:", "json:\udc80", "yaml:x"],
)
def test_what_names_no_format_is_refused(text):
    with pytest.raises(ValueError, match="the format must be raw, env, env:NAME, json or json:KEY"):
        parse_format(text)


def test_raw_is_the_token_and_nothing_else():
    assert Raw().put("whatever\n", NEW) == NEW
    assert Raw().find(f" {NEW}\n") == NEW
    assert Raw().find(" \n") is None
    with pytest.raises(ValueError, match="more than a token: name its format"):
        Raw().put("A=1\nB=2\n", NEW)


@for_all(
    ("before", "after"),
    [
        ("", f"K={NEW}\n"),
        ("A=1", f"A=1\nK={NEW}\n"),
        ("A=1\n", f"A=1\nK={NEW}\n"),
        ("A=1\nK=old\nB=2\n", f"A=1\nK={NEW}\nB=2\n"),
        ("K=old", f"K={NEW}"),
        ("K=\n", f"K={NEW}\n"),
        ("K=old\r\nB=2\r\n", f"K={NEW}\r\nB=2\r\n"),
        ("A=1\r\n", f"A=1\r\nK={NEW}\r\n"),
        ("\t export  K='old' # why\n", f"\t export  K={NEW} # why\n"),
        ("export K=it # isn't\n", f"export K={NEW} # isn't\n"),
        ('K="a\\"b"\nK=c\n', f"K={NEW}\nK={NEW}\n"),
        ("#K=old\nXK=1\nK2=2\n", f"#K=old\nXK=1\nK2=2\nK={NEW}\n"),
    ],
)
def test_a_variable_is_set_and_all_other_lines_stay(before, after):
    assert Env("K").put(before, NEW) == after
    assert Env("K").find(after) == NEW


@for_all(
    ("before", "number"),
    [("A=1\nK='a\nb'\n", 2), ('K="a\nb"\n', 1), ("A=1\n\nK=a\\\nb\n", 3), ("K=it's\n", 1), ("K=a b", 1)],
)  # fmt: skip
def test_the_line_that_readers_may_not_read_alike_is_named(before, number):
    for call in (Env("K").find, lambda text: Env("K").put(text, NEW)):
        with pytest.raises(ValueError, match=f"^line {number} is more than NAME=value"):
            call(before)


@for_all("before", ["K=a # b\n", "A=1\nK='a' #\n", "K=a \n"])
def test_what_follows_a_value_that_others_read_to_its_end_is_refused(before):
    with pytest.raises(ValueError, match="goes on after the value, .* on a line of its own"):
        Env("K").put(before, NEW)


@for_all(
    ("text", "found"),
    [
        ("", None),
        ("K=", None),
        ("K=''", None),
        ("J=a", None),
        ("K=a\nK=b", "b"),
        ("K=a\nK=", None),
        ("export K='a' # b", "a"),
        ('K="a b"', "a b"),
        ("K=a#b", "a#b"),
    ],
)
def test_the_value_that_is_set_last_is_found(text, found):
    assert Env("K").find(text) == found


def test_a_token_is_written_as_it_is():
    """Docker takes quotes for part of the value."""
    token = "aZ09_.:/+=@%,-"
    assert Env("K").put("K='old'\n", token) == f"K={token}\n"
    assert Env("K").find(f"K={token}\n") == token


@for_all("token", ["a\nb", "a\0b", "a b", "~a", "a#b", "a$b", "a'b", "a\\b", "\u00e9"])
def test_what_not_every_reader_takes_as_it_is_is_refused(token):
    with pytest.raises(ValueError, match="^the token holds characters that an env file cannot$"):
        Env("K").put("", token)


@for_all(
    ("before", "after"),
    [
        ("", '{\n  "k": "new"\n}\n'),
        (" \n", '{\n  "k": "new"\n}\n'),
        ('{"z": 1, "k": "old", "a": [1.5, null]}', '{"z": 1, "k": "new", "a": [1.5, null]}'),
        ('{\n    "z": {}\n}\n', '{\n    "z": {},\n    "k": "new"\n}\n'),
        ('{"z": "\u00e9"}', '{"z": "\u00e9", "k": "new"}'),
        ('{"z": "\\u00e9"}', '{"z": "\\u00e9", "k": "new"}'),
        ("{}\n", '{"k": "new"}\n'),
    ],
)
def test_a_key_is_set_and_the_others_stay_in_their_order(before, after):
    assert Json("k").put(before, "new") == after
    assert Json("k").find(after) == "new"


@for_all("text", ["[]", "1", "{", '{"a": NaN}', "null"])
def test_what_is_no_plain_object_is_not_touched(text):
    with pytest.raises(ValueError) as caught:
        Json("k").put(text, "new")
    assert (str(caught.value) == "it does not hold a JSON object") == (text in ("[]", "1", "null"))


@for_all("text", ["", '{"k": null}', '{"j": "a"}'])
def test_no_token_is_found_where_there_is_none(text):
    assert Json("k").find(text) is None


@for_all(
    ("text", "problem"),
    [
        ('{"k": "a", "k": "b"}', "it has the key 'k' twice"),
        ('{"k": 1}', "its value under 'k' is not a text"),
        ('{"a": ' * 100_000, "it is nested too deeply"),
        ('{"a": -Infinity}', "-Infinity is not JSON"),
    ],
)
def test_what_a_key_of_json_cannot_be_is_told(text, problem):
    for call in (Json("k").find, lambda text: Json("k").put(text, "new")):
        with pytest.raises(ValueError, match=f"^{problem}$"):
            call(text)


def test_any_token_comes_back_from_json():
    token = 'a\n"\\\u2028\0'
    assert json.loads(Json("k").put("", token)) == {"k": token}
