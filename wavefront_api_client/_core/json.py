"""Parses JSON within bounds of memory and time, whoever wrote it."""

from __future__ import annotations

import json
import re
import sys
from itertools import chain
from sys import getsizeof
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

MB = 1024 * 1024

AT_ONCE = 4 * MB
"""Bytes that are parsed in one go: the worst of them take 48 times as much memory."""

MOST_MEMORY = 230 * MB
"""Bytes that a longer text and its values may take together."""

WINDOW = 256 * 1024
"""Characters of a longer text that are parsed in one go."""

MOST_PARTS = 100
"""Lists and objects that may be longer than that, side by side or inside each other."""

LONGEST_NUMBER = 4300
"""Digits that a whole number may have, as in newer Pythons: each takes longer than the last."""

MOST_FAILURES = 10
"""How often it may be guessed wrongly where the values that can be parsed together end."""

_SINGLE = 400
"""Bytes that stand for the time of a value that is not parsed together with its neighbours."""

_MODEL = 48
"""Bytes that the largest model takes more than an empty object, which may become one."""

_OBJECT, _LIST, _ITEM = 288, 112, {1: 192, 2: 256, 4: 256}
"""Bytes that an object, a list and, by its width, each item of either take without characters."""

_LENIENT = "surrogatepass"
_MARK = b"\xef\xbb\xbf"

_FIRST_OF_FOUR = range(0xF0, 0xF5)
_INSIDE_CHARACTERS = bytes(range(0x80, 0xC0))

_SPACE = r"[ \t\n\r]*"


class TooMuchJson(ValueError):
    """A text that would take too much memory or time."""


def parse(content: bytes | str) -> Any:
    """The value of a JSON text.

    :param content: the text, in UTF-8 if it is bytes.
    :raises TooMuchJson: it would take too much memory or time.
    :raises ValueError: it is not JSON.
    :raises TypeError: it is neither text nor bytes.
    :raises RecursionError: it is nested more deeply than Python follows.
    """
    if len(content) > AT_ONCE:
        data = content.encode("utf-8", _LENIENT) if isinstance(content, str) else content
        return _Pieces(data).parse()
    text = content if isinstance(content, str) else str(content, "utf-8", _LENIENT)
    return _decoder().decode(text[1:] if text.startswith("\ufeff") else text)


def width_of(content: bytes) -> int:
    """Bytes of memory for each character of a text, which the largest one of them decides."""
    if content.isascii():
        return 1
    return 4 if any(first in content for first in _FIRST_OF_FOUR) else 2


def _short_int(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise ValueError(f"a number has more than {LONGEST_NUMBER} digits")
    return int(digits)


_DECODER = json.JSONDecoder()
_CAREFUL_DECODER = json.JSONDecoder(parse_int=_short_int)


def _decoder() -> json.JSONDecoder:
    """One that bounds the digits of a number where Python, or a setting of it, does not."""
    limit = getattr(sys, "get_int_max_str_digits", int)()
    return _DECODER if 0 < limit <= LONGEST_NUMBER else _CAREFUL_DECODER


class _Pieces:
    """A long text that is parsed value by value, and weighed on the way.

    What ends within a window is left to `json`, also many values of a list together. A list or
    object that is longer is taken to pieces.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._next = len(_MARK) if content.startswith(_MARK) else 0
        self._text = ""
        self._at = 0
        self._memory = len(content)
        self._guess = 0
        self._unweighed: list[list[Any]] = []
        self._parts = 0
        self._failures = 0
        self._width = width_of(content)
        self._skip_space = re.compile(_SPACE).match
        self._scan: Callable[[str, int], tuple[Any, int]] = _decoder().scan_once  # type: ignore[attr-defined]

    def parse(self) -> Any:
        value = self._value()
        if self._peek():
            raise ValueError("something follows the value")
        return value

    def _value(self) -> Any:
        opening = self._peek()
        found, text = self._short_value()
        if found:
            self._memory += _SINGLE
            self._take(found, text)
            return found[0]
        if opening not in _LONG:
            raise ValueError("there is no value where one has to be")
        return _LONG[opening](self)

    def _short_value(self) -> tuple[list[Any], str]:
        """The value at this place, alone in a list, and its text, if it ends within the window."""
        if len(self._text) - self._at < WINDOW // 2:
            self._widen(WINDOW)
        found, end = self._try(self._text, self._at)
        # A number may go on behind the window: of 1e+7, 1 is read if that ends in the middle.
        if found and end > len(self._text) - 3 and self._next < len(self._content):
            return [], ""
        text = self._text[self._at : end]
        self._at = end
        return found, text

    def _list(self) -> list[Any]:
        values: list[Any] = []
        closed = self._open("]")
        while not closed:
            values += self._several("[]") or [self._value()]
            closed = self._pass(",]") == "]"
        return values

    def _object(self) -> dict[str, Any]:
        pairs: dict[str, Any] = {}
        closed = self._open("}")
        while not closed:
            pairs.update(self._several("{}") or [self._pair()])
            closed = self._pass(",}") == "}"
        return pairs

    def _pair(self) -> tuple[str, Any]:
        if self._peek() != '"':
            raise ValueError("there is no name where one has to be")
        name = self._value()
        self._pass(":")
        return name, self._value()

    def _several(self, brackets: str) -> Any:
        """What ends in this window of a list or object, as far as that can be guessed."""
        if self._failures == MOST_FAILURES:
            return None
        self._widen(WINDOW)
        for mark in ("},{", "},", "],", ","):
            end = self._text.rfind(mark, self._at) + mark.index(",")
            piece = brackets[0] + self._text[self._at : end] + brackets[1]
            found, length = self._try(piece, 0) if end > self._at else ([], 0)
            # It is empty if there was nothing between two commas, which is no JSON.
            if found and found[0] and length == len(piece):
                self._take(found, piece)
                self._at = end
                return found[0]
        self._failures += 1
        return None

    def _string(self) -> str:
        found: list[Any] = []
        end = 0
        while not found:
            # To read it takes four times its size for a moment, and an object for each escape.
            each = self._width * 4 + ("\\" in self._text) * 24
            self._check(each * len(self._text))
            if not self._widen(2 * len(self._text)):
                raise ValueError("a text does not end")
            found, end = self._try(self._text, 0)
        # The window is too wide for what follows.
        self._next -= len(self._text[end:].encode("utf-8", _LENIENT))
        text = self._text[:end]
        self._text, self._at = "", 0
        self._take(found, text)
        return found[0]  # type: ignore[no-any-return]

    def _try(self, text: str, at: int) -> tuple[list[Any], int]:
        """The value at a place, alone in a list, and where it ends; an empty list for none."""
        try:
            value, end = self._scan(text, at)
        except (StopIteration, ValueError):
            return [], at
        return [value], end

    def _open(self, closing: str) -> bool:
        """Enter a list or object; whether it is empty."""
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise TooMuchJson(f"it holds more than {MOST_PARTS} long lists and objects")
        self._at += 1
        is_empty = self._peek() == closing
        self._at += is_empty
        return is_empty

    def _pass(self, allowed: str) -> str:
        found = self._peek()
        if not found or found not in allowed:
            raise ValueError(f"there is none of {allowed} where one has to be")
        self._at += 1
        return found

    def _peek(self) -> str:
        """The next character that is no space, "" at the end."""
        while True:
            self._at = self._skip_space(self._text, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._widen(WINDOW):
                return ""

    def _widen(self, size: int) -> bool:
        """Let the window begin at this place, and be of a size; whether there is more in it."""
        rest = self._text[self._at :]
        end = min(self._next + max(size - len(rest), 0), len(self._content))
        # A character of up to four bytes is not cut.
        behind = self._content[end : end + 3]
        end += len(behind) - len(behind.lstrip(_INSIDE_CHARACTERS))
        data = self._content[self._next : end]
        self._text, self._at, self._next = rest + data.decode("utf-8", _LENIENT), 0, end
        return bool(data)

    def _take(self, found: list[Any], text: str) -> None:
        """Count what was found in a text: roughly, and exactly when that may be too much."""
        self._guess += _most_weight(text, self._width)
        self._unweighed.append(found)
        self._check(0)

    def _check(self, more: int) -> None:
        if self._memory + self._guess + more > MOST_MEMORY:
            self._memory += sum(map(_weight, self._unweighed))
            self._guess = 0
            self._unweighed.clear()
        if self._memory + more > MOST_MEMORY:
            raise TooMuchJson(f"it takes more than {MOST_MEMORY // MB} MB of memory")


_LONG = {"[": _Pieces._list, "{": _Pieces._object, '"': _Pieces._string}
"""How what is longer than a window is parsed, by its first character."""


class _Rounded(dict[int, int]):
    """Sizes of objects as Python's memory rounds them up."""

    def __missing__(self, size: int) -> int:
        rounded = size + 15 & ~15
        if size < 512:
            self[size] = rounded
        return rounded


_rounded = _Rounded()


def _most_weight(text: str, width: int) -> int:
    """Bytes that the values of a text can take: to count its signs is quick, to weigh them is not.

    :param text: JSON.
    :param width: bytes of memory for each of its characters, without escapes.
    """
    width = 4 if "\\" in text else width
    objects, lists = text.count("{"), text.count("[") if text.find("[", 1) > 0 else 1
    items = text.count(",") + objects + lists + 1
    return width * len(text) + _OBJECT * objects + _LIST * lists + _ITEM[width] * items


def _weight(values: list[Any]) -> int:
    """Bytes that the values of a list take, all that they hold included."""
    weight = 0
    names: set[str] = set()
    containers: list[Any] = [values]
    while containers:
        held = list(chain.from_iterable(containers))
        weight += sum(map(_rounded.__getitem__, map(getsizeof, held)))
        kinds = set(map(type, held))
        objects = [value for value in held if type(value) is dict] if dict in kinds else []
        weight += _MODEL * sum(not value for value in objects)
        names.update(*objects)
        containers = [value.values() for value in objects]
        containers += [value for value in held if type(value) is list] if list in kinds else []
    return weight + sum(map(_rounded.__getitem__, map(getsizeof, names)))
