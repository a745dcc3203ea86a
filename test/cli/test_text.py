"""_output: names that the service says do no harm on a terminal."""

from __future__ import annotations

from cases import for_all

from wavefront_api_client.cli._output import shown


@for_all(
    "text",
    [
        "ci",
        "Überwachung",
        "日本",
        "עברית",
        "👩\u200d💻 deploy",
        "❤\ufe0f",
        "a b",
        "a\u00a0b",
        "東\u3000京",
        "🏳\ufe0f\u200d🌈",
    ],
)
def test_innocent_text_is_shown_as_it_is(text):
    assert shown(text) == text


@for_all(
    ("text", "escaped"),
    [
        ("\x1b[2Jgone", r"\x1b[2Jgone"),
        ("a\nb", r"a\nb"),
        ("a\rb", r"a\rb"),
        ("\x9b31m", r"\x9b31m"),
        ("abc\u202edcba", r"abc\u202edcba"),
        ("a\u2028b", r"a\u2028b"),
        ("\ud800", r"\ud800"),
        ("a\u200bb", r"a\u200bb"),
        ("a\u200db", r"a\u200db"),
        ("a\ufe0f", r"a\ufe0f"),
        ("\u3164\u2800", r"\u3164\u2800"),
        ("\u00ad", r"\xad"),
    ],
)
def test_what_moves_or_hides_is_escaped(text, escaped):
    assert shown(text) == escaped


def test_a_terminal_of_ascii_gets_ascii():
    assert shown("日本 é", "ascii") == r"\u65e5\u672c \xe9"
