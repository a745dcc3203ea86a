"""What goes to stdout: rows as a table, JSON or CSV; all else goes to stderr."""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING

from wavefront_api_client.cli._ages import ago
from wavefront_api_client.cli._text import shown
from wavefront_api_client.tokens._audit import COLUMNS as COLUMNS_OF_TOKEN
from wavefront_api_client.tokens._audit import NEVER_USED
from wavefront_api_client.tokens._text import cell, csv_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from typing import Any

    Row = dict[str, Any]

COLUMNS = ("tenant", *COLUMNS_OF_TOKEN)
"""The keys of an object of JSON, and the columns of CSV."""

IN_TABLE = {
    "tenant": "TENANT",
    "handle": "HANDLE",
    "name": "NAME",
    "account": "ACCOUNT",
    "created": "CREATED",
    "lastUsed": "LAST USED",
    "flags": "FLAGS",
}
NARROW = 72
"""Columns of a terminal below which times are short."""
UNLIMITED = 500
"""Columns where no terminal says how many there are."""


def write_json(rows: Iterable[Row]) -> None:
    """Write rows as one list of objects."""
    sys.stdout.write("[")
    before = "\n"
    for row in rows:
        sys.stdout.write(before + json.dumps(row))
        before = ",\n"
    sys.stdout.write("\n]\n")


def write_csv(rows: Iterable[Row]) -> None:
    """Write rows as CSV, with a header, and cells that no spreadsheet takes for formulas.

    A terminal is not sent what it would obey; a file gets each name as it is.
    """
    if sys.stdout.isatty():
        rows = ({key: shown(cell(row[key])) for key in COLUMNS} for row in rows)
    sys.stdout.write(csv_table(rows, COLUMNS))


def write_table(rows: Iterable[Row], color: bool, now: datetime, tenants: bool) -> None:
    """Write rows as a table that fits the terminal.

    :param rows: the rows.
    :param color: whether colours may be used.
    :param now: what relative times count from.
    :param tenants: whether a column says whose they are.
    """
    from rich.table import Table

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else UNLIMITED
    narrow = width < NARROW
    titles = {key: title for key, title in IN_TABLE.items() if tenants or key != "tenant"}
    table = Table(box=None, pad_edge=False, header_style="bold")
    for key, title in titles.items():
        keep = key in {"handle", "created", "lastUsed"}
        table.add_column(title.split()[-1] if narrow else title, no_wrap=keep, overflow="fold")
    for row in rows:
        table.add_row(*(_in_table(row, key, now, narrow) for key in titles))
    _print(table, color, width)


def _print(table: Any, color: bool, width: int) -> None:
    from rich.console import Console

    Console(
        file=sys.stdout,
        no_color=not color,
        color_system="auto" if color else None,
        width=width,
        highlight=False,
        markup=False,
        emoji=False,
    ).print(table)


def _in_table(row: Row, key: str, now: datetime, narrow: bool) -> Any:
    from rich.text import Text

    value = row[key]
    if key in {"created", "lastUsed"}:
        is_never = key == "lastUsed" and NEVER_USED in row["flags"]
        return _when(value, now, "never" if is_never else "unknown", narrow)
    text = " ".join(value) if isinstance(value, list) else str(value or "")
    safe = shown(text, sys.stdout.encoding or "utf-8")
    return Text(safe, style="magenta" if key == "flags" else "")


def _when(value: str | None, now: datetime, otherwise: str, narrow: bool) -> str:
    from dateutil.parser import isoparse

    if value is None:
        return otherwise
    return ago((now - isoparse(value)).total_seconds(), short=narrow)


WRITERS: dict[str, Callable[..., None]] = {"json": write_json, "csv": write_csv}


def tell(text: str) -> None:
    """Say something to the person: on stderr, without what could harm a terminal."""
    stream = sys.stderr
    lines = (shown(line, stream.encoding or "utf-8") for line in text.split("\n"))
    stream.write("\n".join(lines) + "\n")
    stream.flush()
