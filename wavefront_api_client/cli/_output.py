"""What goes to stdout, a row at a time: JSON, CSV, tabs in a pipe; all else goes to stderr."""

from __future__ import annotations

import csv
import json
import sys
from datetime import datetime
from typing import TYPE_CHECKING

from wavefront_api_client.tokens._audit import COLUMNS, iso
from wavefront_api_client.tokens._text import cell, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    Row = Mapping[str, Any]

TOKEN = ("tenant", *COLUMNS)
_ROTATION = "tenant outcome name account handle oldHandle deadline steps"
_REVOCATION = "tenant status handle name account lastUsed flags error"
_STATUS = (
    "tenant url key handle name account accountType created lastUsed ageDays held limit permissions"
    " credential"
)
KINDS = {
    "token": TOKEN,
    "change": ("tenant", "outcome", *COLUMNS),
    "rotation": tuple(_ROTATION.split()),
    "revocation": tuple(_REVOCATION.split()),
    "status": tuple(_STATUS.split()),
}
"""The keys of an object of JSON, which are the columns of CSV, by what a command tells of."""

IN_TABLE = ("tenant", "handle", "name", "account", "created", "lastUsed", "flags")
"""What a table shows of a token."""

_SIZES = (
    (31557600, "year", "y"),
    (2629800, "month", "mo"),
    (86400, "day", "d"),
    (3600, "hour", "h"),
    (60, "minute", "min"),
)


def write_json(rows: Iterable[Row], columns: Iterable[str]) -> None:
    """Write rows as one list of objects."""
    encode, write, names = json.JSONEncoder(default=plain).encode, sys.stdout.write, [*columns]
    write("[")
    before = "\n"
    for row in rows:
        write(before + encode({name: row[name] for name in names}))
        before = ",\n"
    write("\n]\n")


def write_csv(rows: Iterable[Row], columns: Iterable[str]) -> None:
    """Write rows as CSV, with a header, and cells that no spreadsheet takes for formulas.

    A terminal is not sent what it would obey; a file gets each name as it is.
    """
    names, hides = [*columns], sys.stdout.isatty()
    writer = csv.writer(sys.stdout, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(names)
    for row in rows:
        cells = [cell(plain(row[name])) for name in names]
        writer.writerow(map(shown, cells) if hides else cells)


def write_tabs(rows: Iterable[Row], columns: Iterable[str]) -> None:
    """Write rows for other programs, such as `cut`: tabs between, no titles, times in full."""
    names, encoding = [*columns], sys.stdout.encoding or "utf-8"
    for row in rows:
        cells = [shown(text_of(plain(row[name])), encoding) for name in names]
        sys.stdout.write("\t".join(cells) + "\n")


def plain(value: Any) -> Any:
    """A value as JSON and CSV have it: times in ISO 8601."""
    return iso(value) if isinstance(value, datetime) else value


def text_of(value: Any) -> str:
    """A value as a cell has it: words for a list, nothing for None."""
    if isinstance(value, (list, tuple)):
        return " ".join(value)
    return "" if value is None else str(value)


WRITERS = {"json": write_json, "csv": write_csv}


def counted(rows: Iterable[Row], count: list[int]) -> Iterator[Row]:
    """The same rows, while they are counted.

    :param count: its one element is the number of rows so far.
    """
    for row in rows:
        count[0] += 1
        yield row


def tell(text: str) -> None:
    """Say something to the person: on stderr, without what could harm a terminal."""
    stream = sys.stderr
    lines = (shown(line, stream.encoding or "utf-8") for line in text.split("\n"))
    stream.write("\n".join(lines) + "\n")
    stream.flush()


def ago(seconds: float, short: bool = False) -> str:
    """How long ago something was: in the largest unit of which it is two or more.

    :param seconds: how many; negative ones are those of a clock that is a little ahead.
    :param short: whether there is little room.
    """
    for size, unit, sign in _SIZES:
        if seconds >= 2 * size:
            number = int(seconds // size)
            return f"{number}{sign}" if short else f"{number} {unit}s ago"
    return "now" if short else "just now"


def shown(text: str, encoding: str = "utf-8") -> str:
    """A text as a terminal may show it.

    :param text: what the service or a file says.
    :param encoding: of the terminal; what it has no sign for is shown escaped, too.
    """
    if text.isascii() and text.isprintable():
        return text
    return visible(text).encode(encoding, "backslashreplace").decode(encoding)
