"""_core.json: what `json` reads, and no more than fits into the memory and time there is for it."""

from __future__ import annotations

import json
import random
import sys
import tracemalloc

import pytest
from cases import for_all
from hypothesis import example, given
from hypothesis import strategies as st

from wavefront_api_client._core import json as _json
from wavefront_api_client._core.json import AT_ONCE, TooMuchJson, parse, width_of
from wavefront_api_client.models import (
    ApiTokenModel,
    ResponseContainerApiTokenModel,
    ResponseStatus,
    UserApiToken,
)

TOKEN = {"account": "a", "accountType": "USER_ACCOUNT", "id": "x" * 36, "lastUsed": 10**12, "n": 1}
LIST = {"status": {"result": "OK", "code": 200}, "response": [TOKEN] * 100, "debugInfo": []}

VALUES = {
    "number": 12345678,
    "float": -2.5e-30,
    "words": [True, False, None, float("inf")],
    "text": 'a"\\\n\u00e9\u4e2d\U0001f600\x00',
    "nothing": [[], {}, ""],
    "tokens": LIST,
    "numbers": list(range(1000)),
    "long text": ["x" * 1000, "\u4e2d" * 1000, "\U0001f600" * 1000],
    "long name": {"x" * 1000: 1},
    "marks in texts": ["},", "],", ",", '"', "{[", "}]"] * 50,
    "lists in lists": [[1, [2, [3]]]] * 100,
    "objects in objects": {str(n): {"a": {"b": n}, "c": [n]} for n in range(100)},
    "lists beside objects": [{"a": [1, 2], "b": {"c": 3}, "d": 4}] * 100,
}
NO_JSON = [
    "", " ", "x", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1,,2]", "[1, ,2]", "[1 2]", "[1}", "[1]]",
    "[1] x", "{", "{1:2}", '{"a"}', '{"a":}', '{"a":1', '{"a":1,}', '{"a":1,,"b":2}', '{"a" 1}',
    '{"a":1]', '{,"a":1}', '"', '"a', '"\n"', '"\\x"', '"\\u12"', "01", "1.", "-", "+1", ".5", "1e",
    "nul", "tru", "'a'", '{"a":1}{"b":2}', "[" + "1," * 200 + "]", "[" + "[1]," * 200 + "x]",
    '[{"a":1},{"a":1},,{"a":1}]', '{"a":{},"b":[],,"c":1}', "[1],[2", "1],[2", "{}],[{}",
]  # fmt: skip


@pytest.fixture(params=[0, 60, 100, 300])
def window(request, monkeypatch):
    """Texts of any length are taken to pieces, but for the first round, as long as the window."""
    if request.param:
        monkeypatch.setattr(_json, "AT_ONCE", 0)
        monkeypatch.setattr(_json, "WINDOW", request.param)
        monkeypatch.setattr(_json, "MOST_PARTS", 10_000)


@for_all("ascii_only", [True, False])
@for_all("indent", [None, 1])
@for_all("kind", VALUES)
def test_what_json_reads_is_read_alike(window, kind, indent, ascii_only):
    text = json.dumps(VALUES[kind], indent=indent, ensure_ascii=ascii_only)
    assert parse(text.encode()) == parse(text) == VALUES[kind]
    assert parse(f" \r\n\t{text}\n ".encode()) == VALUES[kind]


@for_all("text", NO_JSON)
def test_what_is_no_json_is_refused(window, text):
    with pytest.raises(ValueError) as caught:
        parse(text.encode())
    assert not isinstance(caught.value, TooMuchJson)


PIECES = ["{", "}", "[", "]", ",", ":", '"', "\\", "0", "1", "-", ".", "e", " ", "null", "\u4e2d"]


def damaged(text, chance):
    place = chance.randrange(len(text))
    return text[:place] + chance.choice(PIECES) + text[place + chance.randrange(3) :]


def read(parser, text):
    try:
        return repr(parser(text))
    except ValueError:
        return "no JSON"


@for_all("seed", range(5))
def test_both_parsers_agree_about_damaged_texts(monkeypatch, seed):
    monkeypatch.setattr(_json, "AT_ONCE", 0)
    monkeypatch.setattr(_json, "MOST_PARTS", 10_000)
    chance = random.Random(seed)
    whole = json.dumps([*VALUES.values(), {"a": [TOKEN] * 3}][seed::3], ensure_ascii=False)[:2000]
    for _ in range(200):
        monkeypatch.setattr(_json, "WINDOW", chance.choice([60, 70, 100, 1000]))
        text = damaged(whole if chance.random() < 0.5 else json.dumps(TOKEN), chance)
        assert read(parse, text.encode()) == read(json.loads, text)


def test_a_byte_order_mark_is_passed_over(window):
    assert parse(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}
    assert parse('\ufeff{"a": 1}') == {"a": 1}


@for_all("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-32-be", "cp037"])
def test_nothing_but_utf_8_is_read(window, encoding):
    """Another reader of these bytes would not guess their encoding."""
    with pytest.raises(ValueError):
        parse('{"a": "bc"}'.encode(encoding))


@for_all("damage", [b"\xff", b"\x80" * 100, b"\xc3", b"\xf0\x9f", b"\xe4\xb8"])
def test_what_is_no_utf_8_is_refused(window, damage):
    with pytest.raises(ValueError):
        parse(b'["' + b"x" * 60 + damage + b'"]')


@for_all("content", [5, None, {"a": 1}, ["a"]])
def test_what_is_neither_text_nor_bytes_is_a_type_error(content):
    with pytest.raises(TypeError):
        parse(content)


def test_half_a_pair_costs_no_token_its_place(window):
    assert parse(b'["\\ud800", "\xed\xa0\x80", 1]') == ["\ud800", "\ud800", 1]


@pytest.mark.parametrize("limit", [0, 4300, 10_000])
@pytest.mark.skipif(not hasattr(sys, "set_int_max_str_digits"), reason="this Python has no limit")
def test_a_number_is_not_long_enough_to_take_long(limit):
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(limit)
    try:
        assert parse("[" + "9" * 200 + "]") == [int("9" * 200)]
        with pytest.raises(ValueError):
            parse("[" + "9" * 4301 + "]")
    finally:
        sys.set_int_max_str_digits(before)


def test_where_python_has_no_limit_for_numbers_there_is_one(monkeypatch):
    monkeypatch.delattr(sys, "get_int_max_str_digits", raising=False)
    assert parse("[" + "9" * 4300 + ", -1, 0]")[1:] == [-1, 0]
    with pytest.raises(ValueError, match="more than 4300 digits"):
        parse("[" + "9" * 4301 + "]")


@for_all("piece", ["[", '{"a":', '[{"a":'])
def test_nesting_has_an_end(window, piece):
    with pytest.raises((RecursionError, TooMuchJson)):
        parse(piece * 50_000)


# --- bounds -----------------------------------------------------------------------------------


@for_all(
    ("text", "width"),
    [("abc", 1), ("", 1), ("\u00e9", 2), ("a\u4e2d", 2), ("a\U0001f600b", 4), ("\U0010ffff", 4)],
)
def test_the_largest_character_decides_about_the_width(text, width):
    assert width_of(text.encode()) == width


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
}


def memory_of(action):
    tracemalloc.start()
    try:
        value = action()
        return value, tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


@for_all("kind", GREEDY)
def test_values_are_weighed_as_python_weighs_them(kind):
    text = "[" + GREEDY[kind] * (100_000 // len(GREEDY[kind])) + "0]"
    value, memory = memory_of(lambda: json.loads(text))
    assert 0.9 * memory < _json._weight([value]) < 2.5 * memory


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=60
)


@given(ANYTHING, st.booleans())
@example({"x": 0}, True)
@example([{str(n): [] for n in range(size)} for size in (6, 11, 22, 43, 86, 171)], True)
@example({"\U0001f600": "\U0001f600"}, False)
@example({"aaa\U0001f600": "aaaaaaaaaa\U0001f600"}, True)
def test_no_value_weighs_more_than_its_text_lets_it(value, ascii_only):
    text = json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":"))
    width = width_of(text.encode("utf-8", "surrogatepass"))
    assert _json._weight([json.loads(text)]) <= _json._most_weight(text, width)


MANY = {
    **{kind: f"[{text * 500}0]" for kind, text in GREEDY.items()},
    "names": json.dumps({f"{n:x}": 0 for n in range(1366)}),
    "wide names": json.dumps({f"\u4e2d{n:x}": "\u4e2d" for n in range(1366)}, ensure_ascii=False),
    "few names": "[" + ",".join('{"":0}' for _ in range(500)) + "]",
    "one escape": json.dumps("a" * 10_000 + "\U0001f600"),
}


@for_all("kind", MANY)
def test_many_values_weigh_no_more_either(kind):
    text = MANY[kind]
    most = _json._most_weight(text, width_of(text.encode()))
    assert _json._weight([json.loads(text)]) <= most


def test_values_that_are_light_are_not_weighed(monkeypatch):
    monkeypatch.setattr(_json, "AT_ONCE", 0)
    monkeypatch.setattr(_json, "_weight", None)
    assert parse(json.dumps([TOKEN] * 2_000)) == [TOKEN] * 2_000


def test_an_empty_object_counts_as_the_model_it_may_become():
    for model in (ApiTokenModel, UserApiToken, ResponseStatus, ResponseContainerApiTokenModel):
        assert sys.getsizeof(model()) <= sys.getsizeof({}) + _json._MODEL


def test_names_are_weighed_once():
    names = {f"name-{n}": 0 for n in range(1000)}
    once, twice = _json._weight([names]), _json._weight([names, dict(names)])
    assert 2 * sys.getsizeof(names) < twice < 2 * once - 50 * 1000


@for_all("kind", GREEDY)
def test_a_greedy_text_is_refused_before_it_is_too_late(monkeypatch, kind):
    monkeypatch.setattr(_json, "AT_ONCE", 0)
    monkeypatch.setattr(_json, "WINDOW", 5_000)
    monkeypatch.setattr(_json, "MOST_MEMORY", 3_000_000)
    text = ("[" + GREEDY[kind] * (1_000_000 // len(GREEDY[kind])) + "0]").encode()

    def refuse():
        with pytest.raises(TooMuchJson, match="^it takes more than 2 MB of memory$"):
            parse(text)

    tracemalloc.start()
    refuse()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3_500_000


@pytest.mark.parametrize(
    "text",
    [
        "{" + ",".join(f'"{n}":{n}' for n in range(20_000)) + "}",
        "[" + '{"a":1,"b":[{}]},' * 20_000 + "0]",
    ],
    ids=["names", "mixed"],
)
def test_other_texts_are_refused_too(monkeypatch, text):
    monkeypatch.setattr(_json, "AT_ONCE", 0)
    monkeypatch.setattr(_json, "WINDOW", 5_000)
    monkeypatch.setattr(_json, "MOST_MEMORY", 2_000_000)
    with pytest.raises(TooMuchJson):
        parse(text)


@for_all("text", ["x", "\U0001f600", "ab\\n", "\\u4e2d"])
def test_a_long_text_is_read_if_it_fits(monkeypatch, text):
    monkeypatch.setattr(_json, "AT_ONCE", 0)
    monkeypatch.setattr(_json, "WINDOW", 1_000)
    content = json.dumps([text * 100_000, {}], ensure_ascii=False)
    assert parse(content) == [text * 100_000, {}]
    monkeypatch.setattr(_json, "MOST_MEMORY", len(content.encode()) + 100_000)
    with pytest.raises(TooMuchJson):
        parse(content)


def test_what_follows_a_long_text_is_looked_at_piece_by_piece(monkeypatch):
    monkeypatch.setattr(_json, "AT_ONCE", 0)
    monkeypatch.setattr(_json, "WINDOW", 1_000)
    seen = []
    monkeypatch.setattr(_json, "_most_weight", lambda text, width: seen.append(len(text)) or 0)
    content = ["\u4e2d" * 50_000, list(range(50_000))]
    assert parse(json.dumps(content, ensure_ascii=False)) == content
    assert sorted(seen)[-1] > 50_000
    assert sorted(seen)[-2] < 3_000


def test_long_parts_are_counted(monkeypatch):
    monkeypatch.setattr(_json, "AT_ONCE", 0)
    monkeypatch.setattr(_json, "WINDOW", 100)
    monkeypatch.setattr(_json, "MOST_PARTS", 10)
    part = [list(range(100))]
    assert parse(json.dumps(part * 4)) == part * 4
    with pytest.raises(TooMuchJson, match="^it holds more than 10 long lists and objects$"):
        parse(json.dumps(part * 12))


def test_the_limits():
    """Of the worst text that is parsed at once, each byte makes 48 in memory."""
    assert 48 * AT_ONCE < _json.MOST_MEMORY < 256 * _json.MB - 48 * _json.WINDOW
