"""Text for people: cells of CSV, tables, and escapes of invisible characters."""

from __future__ import annotations

import csv
import re
from io import StringIO
from typing import TYPE_CHECKING
from unicodedata import category

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import TextIO

_SIGN = r"[=+\-@\uff1d\uff0b\uff0d\uff20]"
_FORMULA = re.compile(rf'\A(?=[\s"]*{_SIGN})|(?<=[;\t\r\n])(?=[^\S\t\r\n]*"*{_SIGN})')
"""Where a formula begins: some spreadsheets also read the wide forms of the signs, and take a
semicolon, a tab or a line break inside a cell for the end of it."""

_JOINERS = frozenset("\u200d\ufe0f")
"""Characters that join or colour emoji; behind other characters they are invisible."""

_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs that Unicode calls printable, although they are invisible."""


def counted(number: int, noun: str) -> str:
    """How many there are of something: "1 token", "2 tokens"."""
    return f"{number} {noun}{'s' * (number != 1)}"


def visible(text: str) -> str:
    """A text with an escape for each character that is invisible or moves others.

    Wide spaces, and characters that join emoji, stay unchanged.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        each if _is_seen(each, before) else each.encode("unicode_escape").decode()
        for before, each in zip(f" {text}", text)
    )


def _is_seen(char: str, before: str) -> bool:
    if char in _JOINERS:
        return before in _JOINERS or category(before) in {"So", "Sk"}
    return char not in _BLANKS and (char.isprintable() or category(char) == "Zs")


def csv_table(rows: Iterable[Mapping[str, object]], columns: Iterable[str]) -> str:
    """Rows as CSV, see `write_csv`."""
    file = StringIO()
    write_csv(file, rows, columns)
    return file.getvalue()


def write_csv(
    file: TextIO,
    rows: Iterable[Mapping[str, object]],
    columns: Iterable[str],
    shown: Callable[[str], str] = str,
) -> None:
    """Write rows as CSV without formulas, under a line of titles.

    :param shown: returns the text of a cell as it is written.
    """
    names = list(columns)
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([shown(cell(row[name])) for name in names] for row in rows)


def cell(value: object) -> str:
    """A value as text, "" for None, with an apostrophe before a text that could be a formula."""
    if isinstance(value, (list, tuple)):
        return " ".join(map(cell, value))
    text = "" if value is None else str(value)
    return _FORMULA.sub("'", text.encode("utf-8", "backslashreplace").decode())


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows as a table for people; the first row has the titles."""
    cells = [[visible(text) for text in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells)]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip() for row in cells
    )
