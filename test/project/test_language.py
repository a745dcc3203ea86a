"""The pages are short, and in plain English.

A turn that a review finds odd gets a row in `BANNED`, with the plain form beside it.
"""

from __future__ import annotations

import re
from pathlib import Path

from cases import for_all

ROOT = Path(__file__).parents[2]
DOCS = sorted((ROOT / "docs").glob("*.md"))
TEXTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *DOCS]

WORDS_OF_A_PAGE = 1530
LONGER = {"ApiTokenApi.md": 1600, "differences.md": 2000}
"""Pages that list what the code has, and how many words they may have."""

WORDS_OF_ALL = 16500

BANNED = {
    r"(?<![Tt]here )\bis no (?!longer\b|more\b)": "is not a",
    r"(?<![Tt]here )\bare no (?!longer\b|more\b)": "are not",
    r"\bis none\b|\bnone of (?:its|our|their)s?\b": "is not one, does not belong to",
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
    r"\b(?:can(?:not)?|may) be meant\b": "is valid, is similar",
    r"\bis meant by\b": "is named by",
    r"\bbears? (?:the|a|its)\b": "has",
    r"\bcosts? no other any": "does not affect the others",
    r"\bas it comes\b": "unchanged",
    r"\bit comes to rest\b": "it ends",
}


def words(text):
    """The words of a text, those of its code with them: all that is not a mark of a table."""
    return re.findall(r"\S*\w\S*", text)


@for_all("page", DOCS)
def test_a_page_can_be_read_in_a_few_minutes(page):
    found = len(words(page.read_text(encoding="utf-8")))
    most = LONGER.get(page.name, WORDS_OF_A_PAGE)
    assert found <= most, f"{page.name} has {found} words, {most} are enough"


def test_all_pages_together_are_short():
    found = sum(len(words(page.read_text(encoding="utf-8"))) for page in DOCS)
    assert found <= WORDS_OF_ALL, f"docs/ has {found} words, {WORDS_OF_ALL} are enough"


@for_all("page", TEXTS)
def test_a_text_is_in_plain_english(page):
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        for turn, plain_form in BANNED.items():
            found = re.search(turn, line)
            assert not found, f"{page.name}:{number}: {found[0]!r}, say: {plain_form}"


def test_each_banned_turn_is_found_at_all():
    odd = "This is no URL. Who asks is told what is no token; nobody bears the mark for ever."
    assert sum(bool(re.search(turn, odd)) for turn in BANNED) == 6
