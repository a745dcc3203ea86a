"""Rows of results as JSON, CSV and tabs, one at a time, and what a person is told on stderr."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from datetime import datetime
from threading import Timer
from typing import TYPE_CHECKING

from wavefront_api_client.tokens import _text
from wavefront_api_client.tokens._account import present
from wavefront_api_client.tokens._audit import COLUMNS, NEVER_USED, AuditRow, iso
from wavefront_api_client.tokens._where import all_hold, parse_where

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    from wavefront_api_client import ApiTokenApi
    from wavefront_api_client.tokens import AuditReport, TokenInfo

    Row = Mapping[str, Any]

PATIENCE = 1.0
"""Seconds before there is a bar."""

TOKEN = ("tenant", *COLUMNS)
_ROTATION = "tenant outcome name account handle oldHandle deadline steps"
_REVOCATION = "tenant status handle name account lastUsed flags error"
_APPLIED = "tenant action outcome name account handle oldHandle deadline reason error steps"
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
    "planned": tuple(_APPLIED.split()),
    "applied": tuple(_APPLIED.split()),
}
"""The keys of an object of JSON, which are the columns of CSV, by what a command tells of."""

IN_TABLE = {
    "planned": ("tenant", "action", "name", "account", "reason"),
    "applied": ("tenant", "outcome", "name", "account", "reason"),
}
"""What a table shows, the last of which goes on below where there is little room."""

OF_TOKEN = ("tenant", "handle", "name", "account", "created", "lastUsed", "flags")
"""What a table shows of a token."""

_SIZES = (
    (31557600, "year", "y"),
    (2629800, "month", "mo"),
    (86400, "day", "d"),
    (3600, "hour", "h"),
    (60, "minute", "min"),
)


def rows_of(
    reports: Mapping[str, AuditReport], where: str | None, flagged: bool = False
) -> Iterator[Row]:
    """The rows of some reports, one at a time: a customer may have a hundred thousand tokens.

    :param reports: by tenant.
    :param where: a condition as for `plan_revocation`; None for all.
    :param flagged: whether only those are meant that a rule has found.
    """
    terms, names = parse_where(where) if where else [], ("now", *TOKEN)
    for tenant, report in reports.items():
        for row in report.each_row():
            if (row.flags or not flagged) and (not terms or all_hold(terms, row, report.now)):
                yield dict(zip(names, (report.now, tenant, *row)))


def row_of(api: ApiTokenApi, token: TokenInfo) -> Row:
    """What is written of a token alone: some rules need the rest of its account to say anything.

    :param api: that has just listed it: ages count from the time of the service.
    """
    flags = [NEVER_USED] * token.is_unused + ["unnamed"] * (not token.name)
    now = present(api)
    return {"now": now, **dict(zip(COLUMNS, AuditRow.of(token, now, flags)))}


def write_json(rows: Iterable[Row], columns: Iterable[str]) -> None:
    """Write rows as one list of objects."""
    # A row holds nothing that could hold itself.
    encode = json.JSONEncoder(default=iso, check_circular=False).encode
    write, names = sys.stdout.write, [*columns]
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
    names = [*columns]
    values = ({name: plain(row[name]) for name in names} for row in rows)
    _text.write_csv(sys.stdout, values, names, shown if sys.stdout.isatty() else str)


def write_tabs(rows: Iterable[Row], columns: Iterable[str]) -> None:
    """Write rows for other programs, such as `cut`: tabs between, no titles, times in full."""
    names = [*columns]
    for row in rows:
        sys.stdout.write("\t".join(as_cell(row[name]) for name in names) + "\n")


def plain(value: Any) -> Any:
    """A value as JSON and CSV have it: times in ISO 8601."""
    return iso(value) if isinstance(value, datetime) else value


def as_cell(value: Any) -> str:
    """A value as people see it in stdout: words for a list, nothing for None."""
    if isinstance(value, (list, tuple)):
        text = " ".join(value)
    else:
        text = "" if value is None else str(plain(value))
    return shown(text, sys.stdout.encoding or "utf-8")


WRITERS = {"json": write_json, "csv": write_csv}


def counted(rows: Iterable[Row], count: list[int]) -> Iterator[Row]:
    """The same rows, whose number so far is the one element of `count`."""
    for row in rows:
        count[0] += 1
        yield row


def tell(text: str) -> None:
    """Say something to the person: on stderr, without what could harm a terminal."""
    stream = sys.stderr
    lines = (shown(line, stream.encoding or "utf-8") for line in text.split("\n"))
    stream.write("\n".join(lines) + "\n")
    stream.flush()


@contextmanager
def progress(total: int | None, color: bool) -> Iterator[Callable[[], None]]:
    """Show a bar on stderr for what takes more than a second, where somebody watches.

    :param total: how many parts it has, None if that is not known.
    :return: call it after each part.
    """
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

    console = Console(file=sys.stderr, no_color=not color)
    parts = [MofNCompleteColumn()] if total is not None else []
    bar = Progress(BarColumn(), *parts, TimeElapsedColumn(), console=console, transient=True)
    task = bar.add_task("", total=total)
    timer = Timer(PATIENCE, bar.start)
    timer.daemon = True
    timer.start()
    try:
        yield lambda: bar.advance(task)
    finally:
        timer.cancel()
        timer.join()
        bar.stop()


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
    return _text.visible(text).encode(encoding, "backslashreplace").decode(encoding)
