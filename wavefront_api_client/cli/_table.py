"""A table that fits a terminal, with times and names as long as there is room for."""

from __future__ import annotations

import shutil
import sys
import unicodedata
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

from wavefront_api_client.cli._output import ago, as_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wavefront_api_client.cli._output import Row

TITLES = {"lastUsed": "LAST USED"}
SHORT_TITLES = {"created": "AGE", "lastUsed": "USED"}
TIMES = frozenset({"created", "lastUsed"})
NARROW, NARROWEST = 20, 8
"""Widths of names and accounts if there is too little room, in two steps."""
GAP = "  "
BOLD, MAGENTA, PLAIN = "\x1b[1m", "\x1b[35m", "\x1b[0m"
"""Magenta can be read on light and on dark terminals."""


def write_table(rows: Iterable[Row], names: Sequence[str], color: bool) -> bool:
    """Write rows as a table that fits the terminal; `names` are its columns.

    :return: whether there were any.
    """
    given = [*rows]
    if not given:
        return False
    room = shutil.get_terminal_size().columns
    columns = {name: _column(given, name) for name in names}
    widths = {name: max(map(width_of, column)) for name, column in columns.items()}
    if _total(widths.values()) > room:
        for name in TIMES & {*names}:
            columns[name] = _column(given, name, short=True)
            widths[name] = max(map(width_of, columns[name]))
        last = names[-1]
        words = [word for cell in columns[last] for word in cell.split()]
        _squeeze(widths, last, max(map(width_of, words)), room)
    write, is_title = sys.stdout.write, True
    for row in zip(*columns.values()):
        for line in _lines(row, [*widths.values()]):
            write(_painted(line, names, is_title) if color else GAP.join(line).rstrip())
            write("\n")
        is_title = False
    return True


def _column(rows: Iterable[Row], name: str, short: bool = False) -> list[str]:
    """The title of a column, and its cells."""
    title = SHORT_TITLES[name] if short else TITLES.get(name, name.upper())
    if name in TIMES:
        return [title, *(_when(row, name, short) for row in rows)]
    return [title, *(as_cell(row[name]) for row in rows)]


def _when(row: Row, name: str, short: bool) -> str:
    time = row[name]
    if time is not None:
        return ago((row["now"] - time).total_seconds(), short)
    if name == "lastUsed" and "never-used" in row["flags"]:
        return "never"
    return "?" if short else "unknown"


def _total(widths: Iterable[int]) -> int:
    each = [*widths]
    return sum(each) + len(GAP) * (len(each) - 1)


def _squeeze(widths: dict[str, int], last: str, word: int, room: int) -> None:
    """Make columns narrower until they fit, if that can be: the widest gives way first.

    :param last: the last column, which goes on below, word by word.
    :param word: the width of its longest word.
    """
    names = ("name", "account")
    for step in (
        dict.fromkeys(names, NARROW),
        {last: word},
        dict.fromkeys(names, NARROWEST),
        {last: NARROWEST},
    ):
        while _total(widths.values()) > room:
            wide = [name for name in step if widths.get(name, 0) > step[name]]
            if not wide:
                break
            widths[max(wide, key=lambda name: widths[name])] -= 1


def _lines(row: Sequence[str], widths: Sequence[int]) -> list[list[str]]:
    """The lines of a row: the words of the last column may continue below."""
    if all(text.isascii() and len(text) <= width for text, width in zip(row, widths)):
        return [[text.ljust(width) for text, width in zip(row, widths)]]
    others, last = [shortened(text, width) for text, width in zip(row[:-1], widths)], row[-1]
    parts = _wrapped(last, widths[-1])
    first = [[text + " " * (width - width_of(text)) for text, width in zip(others, widths)]]
    below = [[" " * width for width in widths[:-1]]] * (len(parts) - 1)
    return [[*line, part] for line, part in zip(first + below, parts)]


def _wrapped(text: str, width: int) -> list[str]:
    """Words, wrapped to a width."""
    if width_of(text) <= width:
        return [text]
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".lstrip()
        if width_of(longer) <= width or not lines[-1]:
            lines[-1] = shortened(longer, width)
        else:
            lines.append(shortened(word, width))
    return lines


def _painted(line: Sequence[str], names: Sequence[str], is_title: bool) -> str:
    if is_title:
        return f"{BOLD}{GAP.join(line).rstrip()}{PLAIN}"
    return GAP.join(
        f"{MAGENTA}{text.rstrip()}{PLAIN}" if name == "flags" and text.strip() else text
        for name, text in zip(names, line)
    ).rstrip()


def shortened(text: str, width: int) -> str:
    """A text with an ellipsis instead of its middle, if it is too wide."""
    if width_of(text) <= width:
        return text
    head = _beginning(text, width // 2)
    tail = _beginning(text[::-1], width - 1 - width_of(head))[::-1]
    return f"{head}\u2026{tail}"


def _beginning(text: str, width: int) -> str:
    """As much of a text as there is room for."""
    if text.isascii():
        return text[:width]
    widths = accumulate(map(_width, text))
    return "".join(char for char, so_far in zip(text, widths) if so_far <= width)


def width_of(text: str) -> int:
    """The columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(map(_width, text))


@cache
def _width(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Cf", "Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
