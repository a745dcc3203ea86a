"""Writes a table for a spreadsheet, which takes no cell of it for a formula."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["cell", "table"]

FORMULA: tuple[str, ...] = tuple("=+-@\uff1d\uff0b\uff0d\uff20")
"""What a formula begins with; some spreadsheets read the wide forms alike."""


def table(
    rows: Iterable[Mapping[str, object]], columns: Iterable[str], line_end: str = "\r\n"
) -> str:
    """A line of titles, and one for each row.

    :param rows: values by column; a list is shown with spaces between.
    :param columns: the columns, which are the titles.
    :param line_end: what ends a line.
    :return: the table as CSV.
    """
    file, names = StringIO(), list(columns)
    writer = csv.writer(file, lineterminator=line_end)
    writer.writerow(names)
    writer.writerows([cell(row[name]) for name in names] for row in rows)
    return file.getvalue()


def cell(value: object) -> str:
    """A value as text; what a spreadsheet would compute has an apostrophe before it.

    :param value: a list is shown with spaces between.
    :return: the text, "" for None.
    """
    if isinstance(value, list):
        return " ".join(map(cell, value))
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text
