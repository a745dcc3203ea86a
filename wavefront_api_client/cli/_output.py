"""Rows of results as JSON, CSV and tabs, one at a time, and messages on stderr."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from datetime import datetime
from threading import Timer
from typing import TYPE_CHECKING

from wavefront_api_client.tokens import AuditRow, _text, report_on
from wavefront_api_client.tokens._audit import COLUMNS, iso

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from wavefront_api_client import ApiTokenApi
    from wavefront_api_client.tokens import AuditReport, Conditions, TokenInfo

    Row = Mapping[str, Any]

PATIENCE = 1.0
"""Seconds before a progress bar is shown."""

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
"""The keys of JSON, which are the columns of CSV, for each kind of result."""

IN_TABLE = {
    "planned": ("tenant", "action", "name", "account", "reason"),
    "applied": ("tenant", "outcome", "name", "account", "reason"),
}
"""What a table shows, the last of which goes on below where there is little room."""

OF_TOKEN = ("tenant", "handle", "name", "account", "created", "lastUsed", "flags")
"""The columns of a table of tokens."""

_SIZES = (
    (31557600, "year", "y"),
    (2629800, "month", "mo"),
    (86400, "day", "d"),
    (3600, "hour", "h"),
    (60, "minute", "min"),
)


def rows_of(
    reports: Mapping[str, AuditReport], where: Conditions | None, flagged: bool = False
) -> Iterator[Row]:
    """The rows of some reports, one at a time: a customer may have a hundred thousand tokens.

    :param reports: by tenant.
    :param where: what they have to meet; None for all.
    :param flagged: whether to give only tokens that a rule has found.
    """
    names = ("now", *TOKEN)
    for tenant, report in reports.items():
        for row in report.each_row():
            if (row.flags or not flagged) and (where is None or where.hold(row, report.now)):
                yield dict(zip(names, (report.now, tenant, *row)))


def rows_alone(api: ApiTokenApi, found: Sequence[TokenInfo]) -> Iterator[Row]:
    """The rows of tokens without the rest of their accounts, which other rules would need.

    :param api: that has just listed them: ages count from the time of the service.
    """
    now, names = report_on(api, found).now, ("now", *COLUMNS)
    for token in found:
        flags = ["never-used"] * token.is_unused + ["unnamed"] * (not token.name)
        yield dict(zip(names, (now, *AuditRow.of(token, now, flags))))


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

    A terminal gets no control characters; a file gets each name unchanged.
    """
    names = [*columns]
    values = ({name: plain(row[name]) for name in names} for row in rows)
    _text.write_csv(sys.stdout, values, names, shown if sys.stdout.isatty() else str)


def write_tabs(rows: Iterable[Row], columns: Iterable[str]) -> bool:
    """Write rows for other programs, such as `cut`: tabs between, no titles, times in full.

    :return: whether there were any.
    """
    names, has_any = [*columns], False
    for row in rows:
        has_any = True
        sys.stdout.write("\t".join(as_cell(row[name]) for name in names) + "\n")
    return has_any


def plain(value: Any) -> Any:
    """A value for JSON and CSV: times in ISO 8601."""
    return iso(value) if isinstance(value, datetime) else value


def as_cell(value: Any) -> str:
    """A value for people: words for a list, nothing for None."""
    if isinstance(value, (list, tuple)):
        text = " ".join(value)
    else:
        text = "" if value is None else str(plain(value))
    return shown(text, sys.stdout.encoding or "utf-8")


WRITERS = {"json": write_json, "csv": write_csv}


def tell(text: str) -> None:
    """Write a message to stderr, without control characters."""
    stream = sys.stderr
    lines = (shown(line, stream.encoding or "utf-8") for line in text.split("\n"))
    stream.write("\n".join(lines) + "\n")
    stream.flush()


@contextmanager
def progress(total: int | None, color: bool) -> Iterator[Callable[[], None]]:
    """Show a progress bar on stderr after a second, if that is a terminal.

    :param total: how many parts there are, None if that is unknown.
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

    :param seconds: how many; negative if a clock is a little ahead.
    :param short: whether to abbreviate it.
    """
    for size, unit, sign in _SIZES:
        if seconds >= 2 * size:
            number = int(seconds // size)
            return f"{number}{sign}" if short else f"{number} {unit}s ago"
    return "now" if short else "just now"


def shown(text: str, encoding: str = "utf-8") -> str:
    """A text for a terminal, with escapes.

    :param text: text of the service or of a file.
    :param encoding: of the terminal; characters that it does not have are escaped, too.
    """
    if text.isascii() and text.isprintable():
        return text
    return _text.visible(text).encode(encoding, "backslashreplace").decode(encoding)
