"""_core.unescape: reads text in any common escape, and remembers where each character stood."""

from __future__ import annotations

import pytest
from cases import for_all
from hypothesis import given, settings
from hypothesis import strategies as st

from wavefront_api_client._core.unescape import LAYERS, Reading, lower, readings


def read(text):
    """The text without any escape."""
    return list(readings(text))[-1]


@for_all(
    ("text", "meaning"),
    [
        ("plain text", "plain text"),
        ("", ""),
        ("\\u003d\\u003D\\U003D", "==="),
        ("\\U0001f600\\U0010FFFF", "\U0001f600\U0010ffff"),
        ("\\u{3d}\\u{00003D}\\x{3d}\\u{1F600}", "===\U0001f600"),
        ("\\x3d\\x3D\\X3d", "==="),
        ("\\075\\303\\244", "=ä"),
        ("\\\\u003d", "="),
        ("\\\\\\\\\\\\u003d", "\\="),
        ("\\ud83d\\ude00", "\U0001f600"),
        ("\\ud83d", "\ud83d"),
        ("%3d%3D%u003d%U003D", "===="),
        ("%253D%25253D%2525252525252525252525253D", "==="),
        ("%C3%A4%e2%82%ac", "ä€"),
        ("&#61;&#061;&#0000061;&#61", "===="),
        ("&#x3d;&#x3D;&#X003D;&#x3d.", "====."),
        ("&equals;&sol;&plus;&amp;&lt;&quot;&bsol;", '=/+&<"\\'),
        ("&amp;#61;&amp;amp;amp;#x3d;&amp;equals;", "==="),
        ("&amp;amp;amp;amp;amp;amp;amp;amp;amp;amp;amp;lt;", "<"),
        ("a\0b\0c\0\0", "abc"),
        ("\\\0u\x000\x000\x003\0d\0", "="),
        ("\xc3\xa4\xc2\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "ä¤€\U0001f600"),
        ("\ud83d\ude00", "\U0001f600"),
        ("%5Cu0026#x5c;u003d", "="),
    ],
)
def test_escapes_are_read(text, meaning):
    assert read(text).text == meaning


@for_all(
    "text",
    [
        "\\",
        "\\u",
        "\\u00g0",
        "\\u{}",
        "\\u{1234567}",
        "\\x3",
        "\\08",
        "\\n",
        "%",
        "%2",
        "%u12",
        "%zz",
        "&",
        "&#",
        "&#;",
        "&#x;",
        "&#9999999;",
        "&#xffffff;",
        "&unknown;",
        "&lt",
        "&;",
        "ä",
        "Ã",
        "\xc3\ude00",
        "\ud83d\xa4",
        "\xe2\x82",
    ],
)
def test_what_is_no_escape_stays(text):
    assert read(text).text == text
    assert list(readings(text))[0].text == text
    assert len(list(readings(text))) == 1


def test_unknown_names_are_read_as_far_as_they_go():
    assert read("&amp;unknown; &amp;#9999999;").text == "&unknown; &amp;#9999999;"


def test_layers_come_off_one_after_the_other():
    assert [each.text for each in readings("%5Cu0025%335c")] == [
        "%5Cu0025%335c",
        "\\u002535c",
        "%35c",
        "5c",
    ]


def test_there_is_a_last_layer():
    text = "%" + "%25".join(["5C%255C"] * 3)
    wrapped = text
    for _ in range(3 * LAYERS):
        wrapped = wrapped.replace("%", "&#37;").replace("&", "%26")
    assert len(list(readings(wrapped))) == 1 + LAYERS


@for_all(
    ("text", "word", "place"),
    [
        ("abc key def", "key", "key"),
        ("abc k%65y def", "key", "k%65y"),
        ("%61%62c %6b%65%79 %64", "key", "%6b%65%79"),
        ("\\u0061 \\\\u006b\\\\u0065y \\u0061", "key", "\\\\u006b\\\\u0065y"),
        ("\0a\0 \0k\0e\0y\0 \0b", "key", "\0k\0e\0y"),
        ("Ã¤ Ã¤Ã¶ b", "äö", "Ã¤Ã¶"),
        ("%26%2361;%26#x6b;e%26%23121; %26", "key", "%26#x6b;e%26%23121;"),
        ("\\k\\e\\y\\", "key", "\\k\\e\\y"),
        ("KEY", "key", "KEY"),
        ("&bne;&bne;key", "key", "key"),
    ],
)
def test_the_place_of_a_word_is_that_of_its_escapes(text, word, place):
    found = {
        text[start:end]
        for each in readings(text)
        for start, end in each.bare().lowered().places([word])
    }
    assert found == {place}


def test_all_places_are_found():
    reading = Reading("abab ab abc")
    assert list(reading.places(["ab", "abc", "x"])) == [(0, 2), (2, 4), (5, 7), (8, 10), (8, 11)]


PIECES = st.sampled_from([
    "a", "Z", " ", "\\", "%", "&", "25", "41", "u0041", "amp;", "#65;", "#x41;", "lt;", "\0", "\xc3", "\xa4",
    "\ud83d", "\ude00", "x41", "{41}", "101", "bne;", "\u0130",
])  # fmt: skip


@settings(derandomize=True, deadline=None, max_examples=500)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_the_way_back_leads_through_the_whole_text_in_order(text):
    for reading in readings(text):
        for view in (reading, reading.bare(), reading.lowered()):
            ends = [view.source(i, i + 1) for i in range(len(view.text))]
            assert all(start < end for start, end in ends)
            assert all(ends[i][1] <= ends[i + 1][1] for i in range(len(ends) - 1))
            # What fills the end belongs to no character.
            rest = text[ends[-1][1] :] if ends else text
            assert set(rest) <= {"\0", "\\"}
            assert len(view.lowered().text) == len(view.text)


@pytest.mark.parametrize("text", ["ABC abc", "ÄÖ İ ǅ", "A\ud800B"], ids=ascii)
def test_only_ascii_is_lowered(text):
    expected = "".join(c.lower() if c.isascii() else c for c in text)
    assert lower(text) == expected
