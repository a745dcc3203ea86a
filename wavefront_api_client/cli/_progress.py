"""A bar on stderr for what takes more than a second, where somebody watches."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Callable

PATIENCE = 1.0
"""Seconds before there is a bar."""


@contextmanager
def progress(total: int | None, color: bool, shows: bool) -> Iterator[Callable[[], None]]:
    """Show how far something is while it takes its time.

    :param total: how many parts it has, None if that is not known.
    :param color: whether colours may be used.
    :param shows: whether the person wants to see anything.
    :return: call it after each part.
    """
    if not (shows and sys.stderr.isatty()):
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

    console = Console(file=sys.stderr, no_color=not color)
    columns = [BarColumn(), TimeElapsedColumn()]
    if total is not None:
        columns.insert(1, MofNCompleteColumn())
    bar = Progress(*columns, console=console, transient=True)
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
