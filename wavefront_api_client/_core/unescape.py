"""Reads text in any common escape, and remembers where each of its characters stood."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Meaning = Callable[[str], str]
    Span = tuple[int, int]

LAYERS = 8
"""How many escapes of different kinds around each other are taken off."""

_HEX = "[0-9A-Fa-f]"
_BACKSLASH = (
    rf"\\(?:[ux]\{{0{{0,16}}({_HEX}{{1,6}})\}}|U(00[01]{_HEX}{{5}})|[uU]({_HEX}{{4}})"
    rf"|[xX]({_HEX}{{2}})|([0-3][0-7]{{2}})|\\(?:\\\\){{0,64}})"
)
_PERCENT = rf"%(?:25){{0,8}}(?:[uU]({_HEX}{{4}})|({_HEX}{{2}}))"
_HTML = (
    rf"&(?:amp;){{0,8}}(?:#[xX]0*({_HEX}{{1,6}});?|#0*([0-9]{{1,7}});?"
    r"|([A-Za-z][A-Za-z0-9]{1,31};))"
)
# Patterns are text: they are compiled, and kept by `re`, when something has to be hidden.
# All repeats are bounded, or of one character that nothing before them can take: no text makes
# a pattern go over it more than a few times.
_ESCAPE = f"{_BACKSLASH}|{_PERCENT}|{_HTML}"
_NAME = 0
_BASES = (16, 16, 16, 16, 8, 16, 16, 16, 10, _NAME)
"""The bases in which the groups of the pattern give a character; the last one gives its name."""

_UNITS = "[\xc2-\xf4\ud800-\udbff][\x80-\xbf\udc00-\udfff]{1,3}"
_NULS = "(?s)\0+."
_FILLING = r"(?s)[\\\0]+."


class Reading:
    """A text that was read out of another one by taking escapes off it, one kind after the other.

    :param text: what was read.
    :param steps: what was taken off for it.
    """

    __slots__ = ("steps", "text")

    def __init__(self, text: str, steps: tuple[_Step, ...] = ()) -> None:
        self.text = text
        self.steps = steps

    def replaced(self, pattern: str, meaning: Meaning) -> Reading:
        """The text with what each match of a pattern means in its place."""
        text = re.sub(pattern, lambda match: meaning(match[0]), self.text)
        return self._then(text, pattern, meaning)

    def dense(self) -> Reading:
        """The text without NULs, as in UTF-16 that was taken for a text of one byte each."""
        return self._then(self.text.replace("\0", ""), _NULS, _without_nuls)

    def bare(self) -> Reading:
        """The text without NULs and backslashes, many of which stand before what needs none."""
        text = self.text.replace("\\", "").replace("\0", "")
        return self._then(text, _FILLING, _without_filling)

    def lowered(self) -> Reading:
        """The text with its ASCII letters in lower case."""
        return Reading(lower(self.text), self.steps)

    def places(self, wanted: Iterable[str]) -> Iterator[Span]:
        """Where texts stand in it, as start and end in the text that it was read from."""
        for text in wanted:
            start = self.text.find(text)
            while start >= 0:
                end = start + len(text)
                yield self.source(start, end)
                start = self.text.find(text, end)

    def source(self, start: int, end: int) -> Span:
        """Where in the text that it was read from a part of it stands."""
        for step in reversed(self.steps):
            start, end = step.source(start), step.source(end)
        return start, end

    def _then(self, text: str, pattern: str, meaning: Meaning) -> Reading:
        if text == self.text:
            return self
        return Reading(text, (*self.steps, _Step(self.text, pattern, meaning)))


class _Step:
    """One kind of escape that was taken off; the way back is worked out when somebody needs it."""

    __slots__ = ("_ends", "_meaning", "_pattern", "_saved", "_text")

    def __init__(self, text: str, pattern: str, meaning: Meaning) -> None:
        self._text = text
        self._pattern = pattern
        self._meaning = meaning
        self._ends: list[int] = []
        self._saved: list[int] = []

    def source(self, index: int) -> int:
        """Where the character stood that has an index now."""
        if not self._saved:
            self._find_way_back()
        return index + self._saved[bisect_right(self._ends, index)]

    def _find_way_back(self) -> None:
        saved = 0
        self._saved.append(saved)
        for match in re.finditer(self._pattern, self._text):
            saved += len(match[0]) - len(self._meaning(match[0]))
            self._ends.append(match.end() - saved)
            self._saved.append(saved)


def readings(text: str) -> Iterator[Reading]:
    """A text as it stands, and then with one layer of escapes after the other taken off."""
    reading = Reading(text)
    yield reading
    for _ in range(LAYERS):
        before = reading
        # In this order: there may be escapes in UTF-16, and escaped bytes of UTF-8.
        reading = before.dense().replaced(_ESCAPE, _character).replaced(_UNITS, _joined)
        if reading is before:
            return
        yield reading


def lower(text: str) -> str:
    """A text with its ASCII letters in lower case, so that it keeps its length."""
    if text.isascii():
        return text.lower()
    return text.encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")


def _without_nuls(text: str) -> str:
    return text.lstrip("\0")


def _without_filling(text: str) -> str:
    return text.lstrip("\\\0")


@lru_cache(1024)
def _character(escape: str) -> str:
    if escape.startswith("\\\\"):
        return escape[: len(escape) // 2]
    groups = re.findall(_ESCAPE, escape)[0]
    base, digits = next((base, group) for base, group in zip(_BASES, groups) if group)
    if base == _NAME:
        return _named(digits)
    code = int(digits, base)
    return chr(code) if code < 0x110000 else escape


def _named(name: str) -> str:
    # Not before there is one: the table is large.
    from html.entities import html5

    return html5.get(name, f"&{name}")


@lru_cache(1024)
def _joined(units: str) -> str:
    """The character that bytes of UTF-8, or the two halves of UTF-16, are together."""
    try:
        if units[0] >= "\ud800":
            return units[:2].encode("utf-16", "surrogatepass").decode("utf-16") + units[2:]
        length = 2 + (units[0] >= "\xe0") + (units[0] >= "\xf0")
        return units[:length].encode("latin-1").decode("utf-8") + units[length:]
    except UnicodeError:
        return units
