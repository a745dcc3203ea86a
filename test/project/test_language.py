"""The pages are short, and in plain English.

A turn that a review finds odd gets a row in `BANNED`, with the plain form beside it.
"""

from __future__ import annotations

import re
import tokenize
from pathlib import Path

import pytest
from cases import for_all

ROOT = Path(__file__).parents[2]
DOCS = sorted((ROOT / "docs").glob("*.md"))
FILES = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"]
TEXTS = [*(ROOT / name for name in FILES), *DOCS, *sorted((ROOT / "docs").glob("pictures/*.svg"))]

PROGRAMS = [ROOT / name for name in ("benchmarks", "examples", "scripts", "wavefront_api_client")]
CODE = [path for folder in PROGRAMS for path in sorted(folder.rglob("*.py"))]
"""The code whose docstrings, comments and messages are read."""

WORDS_OF_A_PAGE = 1500
WORDS_OF_ALL = 13_300

BANNED = {
    r"(?<![Tt]here )\bis no (?!longer\b|more\b)": "is not a",
    r"(?<![Tt]here )\bare no (?!longer\b|more\b)": "are not",
    r"(?<![Tt]here )\bis none\b|\bnone of (?:its|our|their)s?\b": "is not one, does not belong to",
    r"\bNone for nothing\b": "or None",
    r"\bthere shall be\b": "should exist",
    r"\b[Ww]hat is no\b": "everything but",
    r"\b[Tt]hat which\b": "what, the one that",
    r"\b[Nn]obody\b": "name the person or program, or say what does not happen",
    r"\b[Ss]omebody\b": "a person, another program, you",
    r"\b[Ww]hoever\b": "the person or program that",
    r"(?:^Who|[.;:] [Ww]ho) (?![^.]*\?)": "a person who, if you",
    r"\ball the same\b": "still",
    r"\banew\b": "again",
    r"\bfor ever\b": "without a limit",
    r"\bin the midst of\b": "during",
    r"\b(?:is|are|was|were|be) meant\b(?! for)": "matches, is named, is valid",
    r"\bbear(?:s|ing)? (?:the|a|its|it|one|our|no)\b": "has",
    r"\bcannot be, or\b": "is impossible, is not valid",
    r"\bto be had\b|\bcan(?:not)? be had\b": "is available, can be read",
    r"\bin the place of\b": "instead of",
    r"\bin vain\b": "without a result",
    r"\bone's own\b": "your own",
    r"\bto the letter\b": "unchanged",
    r"\bnothing tells\b|\btells? none\b": "it is unknown, does not say",
    r"\bwhat (?:comes|came|becomes|became) of\b": "the result of",
    r"\ball else\b": "everything else",
    r", should (?:it|the|a|they|this)\b|\bShould (?:it|the|a|they|this)\b(?![^.]*\?)": "if",
    r"\bwithout a word\b": "without output",
    r"\bput out\b": "mark, delete, discard",
    r"\bcosts? no\b": "does not affect, is not lost",
    r"\bas it comes\b": "unchanged",
    r"\bcomes? to rest\b": "ends, stops changing",
}


def words(text):
    """The words of a text, those of its code with them: all that is not a mark of a table."""
    return re.findall(r"\S*\w\S*", text)


@for_all("page", DOCS)
def test_a_page_can_be_read_in_a_few_minutes(page):
    found = len(words(page.read_text(encoding="utf-8")))
    assert found <= WORDS_OF_A_PAGE, f"{page.name} has {found} words"


def test_all_pages_together_are_short():
    found = sum(len(words(page.read_text(encoding="utf-8"))) for page in DOCS)
    assert found <= WORDS_OF_ALL, f"docs/ has {found} words"


@pytest.mark.slow
@for_all("page", TEXTS)
def test_a_text_is_in_plain_english(page):
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        for turn, plain_form in BANNED.items():
            found = re.search(turn, line)
            assert not found, f"{page.name}:{number}: {found[0]!r}, say: {plain_form}"


def said(path):
    """The comments and texts of a module, by line."""
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if tokenize.tok_name[token.type] in ("COMMENT", "STRING", "FSTRING_MIDDLE"):
                yield from enumerate(token.string.splitlines(), token.start[0])


@pytest.mark.slow
@for_all("module", CODE)
def test_a_module_is_in_plain_english(module):
    for number, line in said(module):
        for turn, plain_form in BANNED.items():
            found = re.search(turn, line)
            assert not found, f"{module}:{number}: {found[0]!r}, say: {plain_form}"


def test_each_banned_turn_is_found_at_all():
    odd = "This is no URL. Who asks is told what is no token; nobody bears the mark for ever."
    assert sum(bool(re.search(turn, odd)) for turn in BANNED) == 6
