"""How files hold a token: pure rules, tried against the shells that read them."""

from __future__ import annotations

import json
import shlex
import subprocess

import pytest

from wavefront_api_client.tokens._formats import Env, Json, Raw, parse_format

NEW = "0f1e2d3c-new"


@pytest.mark.parametrize(
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


@pytest.mark.parametrize(
    "text", ["", "RAW", "raw:x", "env:", "env:1A", "env:A B", "env:A\n", "json:", "yaml:x"]
)
def test_what_names_no_format_is_refused(text):
    with pytest.raises(ValueError, match="the format must be raw, env, env:NAME, json or json:KEY"):
        parse_format(text)


def test_raw_is_the_token_and_nothing_else():
    assert Raw().put("whatever\n", NEW) == NEW
    assert Raw().find(f" {NEW}\n") == NEW
    assert Raw().find(" \n") is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"K={NEW}\n"),
        ("A=1", f"A=1\nK={NEW}\n"),
        ("A=1\n", f"A=1\nK={NEW}\n"),
        ("A=1\nK=old\nB=2\n", f"A=1\nK={NEW}\nB=2\n"),
        ("K=old", f"K={NEW}"),
        ("K=\n", f"K={NEW}\n"),
        ("K=old\r\nB=2\r\n", f"K={NEW}\r\nB=2\r\n"),
        ("\t export  K='old' # why\n", f"\t export  K={NEW}\n"),
        ("K=a b <your key>\n", f"K={NEW}\n"),
        ("K=it # isn't\n", f"K={NEW}\n"),
        ('K="a\\"b"\nK=c\n', f"K={NEW}\nK={NEW}\n"),
        ("#K=old\nXK=1\nK2=2\n", f"#K=old\nXK=1\nK2=2\nK={NEW}\n"),
        ("M='a\nb'\n", f"M='a\nb'\nK={NEW}\n"),
    ],
)
def test_a_variable_is_set_and_all_other_lines_stay(before, after):
    assert Env("K").put(before, NEW) == after
    assert Env("K").find(after) == NEW


@pytest.mark.parametrize("before", ["K='a\nb'\n", 'K="a\nb"\n', "K=a\\\nb\n", "K=it's\n"])
def test_a_value_that_goes_on_on_the_next_line_is_not_cut_in_two(before):
    with pytest.raises(ValueError, match="the value of K does not end on its line"):
        Env("K").put(before, NEW)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", None),
        ("K=", None),
        ("K=''", None),
        ("J=a", None),
        ("K=a\nK=b", "b"),
        ("K=a # b", "a"),
        ("K= 'a b'  # c", "a b"),
        ("K=a b", None),
        ("K=a\nK='b", None),
        ('K="a\\"\\\\b"', 'a"\\b'),
        ("K=#a", None),
        ("K=a#b", "a#b"),
    ],
)
def test_the_value_that_is_set_last_is_found(text, found):
    assert Env("K").find(text) == found


@pytest.mark.parametrize(
    "token",
    [
        NEW,
        "a b",
        "~/x",
        "a#b",
        "a$b`c`",
        "a'b",
        'a"b',
        "a'b\"c\\d$e`f!g",
        "a\\b",
        "\u00e9",
        "a;b&c",
    ],
)
def test_a_shell_reads_the_very_token(token, tmp_path):
    text = Env("K").put("", token)
    path = tmp_path / "env"
    path.write_text(text, encoding="utf-8")
    command = f'. {shlex.quote(str(path))}; printf %s "$K"'
    assert subprocess.run(["sh", "-c", command], capture_output=True).stdout.decode() == token
    assert Env("K").find(text) == token


def test_what_needs_no_quotes_has_none():
    """Docker takes them for part of the value."""
    assert Env("K").put("", "aZ09_.:/+=@%,-") == "K=aZ09_.:/+=@%,-\n"
    assert Env("K").put("", "a b") == "K='a b'\n"
    assert Env("K").put("", "a\\b") == 'K="a\\\\b"\n'
    assert Env("K").put("", "a'b") == 'K="a\'b"\n'


@pytest.mark.parametrize("token", ["a\nb", "a\rb", "a\0b", "a\x1bb"])
def test_what_no_line_can_hold_is_refused(token):
    with pytest.raises(ValueError, match="^the token holds characters that an env file cannot$"):
        Env("K").put("", token)


@pytest.mark.parametrize(
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


@pytest.mark.parametrize("text", ["[]", "1", "{", '{"a": NaN}', '{"a": 1e999}', "null"])
def test_what_is_no_plain_object_is_not_touched(text):
    with pytest.raises(ValueError) as caught:
        Json("k").put(text, "new")
    assert (str(caught.value) == "it holds no JSON object") == (text in ("[]", "1", "null"))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"k": 1}', '{"j": "a"}'])
def test_no_token_is_found_where_there_is_none(text):
    assert Json("k").find(text) is None


def test_any_token_comes_back_from_json():
    token = 'a\n"\\\u2028\0'
    assert json.loads(Json("k").put("", token)) == {"k": token}
