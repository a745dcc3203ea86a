"""Pushes a secret through a client and looks for it in everything that people get to see."""

from __future__ import annotations

import base64
import contextlib
import copy
import logging
import pickle
import traceback
import warnings
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

CANARY = "c4n4ry/5ecret+bird=91f7&k3ep'm\\hidden"
"""Every encoding on the way changes it; what must not be seen is any twelve characters of it."""

HEADER_CANARY = "c4n4ry/5ecret+bird=91f7.k3ep-m~hidden"


def spellings(secret: str) -> set[str]:
    """The secret as it may turn up: plain, quoted, escaped, in base64 at each alignment."""
    found = {secret, quote(secret, safe=""), quote(secret), repr(secret)[1:-1]}
    found |= {repr(secret.encode())[2:-1], secret.replace("/", "\\/")}
    raw = secret.encode()
    for offset in range(3):
        found.add(base64.b64encode(b"x" * offset + raw).decode()[4:-4])
    return found


def traces(text: str, secret: str) -> list[str]:
    """Pieces of twelve characters of the secret that a text shows."""
    lowered = text.lower()
    told = {spelling.lower() for spelling in spellings(secret)}
    # Any twelve hold one of every other six whole, and those are fewer to look for.
    sixes = {spelling[i : i + 6] for spelling in told for i in range(0, len(spelling) - 5, 6)}
    if not any(six in lowered for six in sixes):
        return []
    pieces = {spelling[i : i + 12] for spelling in told for i in range(len(spelling) - 11)}
    return sorted(piece for piece in pieces if piece in lowered)


class Records(logging.Handler):
    """Keeps every record with everything in it, as the most curious handler could show it."""

    def __init__(self) -> None:
        super().__init__(0)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))
        self.lines.append(repr(record.__dict__))


class Watch:
    """What was shown while it watched."""

    def __init__(self) -> None:
        self.records = Records()
        self.warnings: list[warnings.WarningMessage] = []
        self.more: list[str] = []

    def see(self, *shown: object) -> None:
        self.more.extend(str(each) for each in shown)

    def everything(self) -> str:
        told = [f"{each.message!r} {each.message} {each.source!r}" for each in self.warnings]
        return "\n".join(self.records.lines + told + self.more)


@contextlib.contextmanager
def watching() -> Iterator[Watch]:
    """Collect all log records from level 0 and all warnings."""
    watch = Watch()
    root = logging.getLogger()
    names = ("urllib3", "urllib3.connectionpool", "wavefront_api_client", "http.client", "asyncio")
    loggers = [root, *(logging.getLogger(name) for name in names)]
    levels = [logger.level for logger in loggers]
    root.addHandler(watch.records)
    for logger in loggers:
        logger.setLevel(logging.DEBUG if logger is not root else 1)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield watch
            watch.warnings.extend(caught)
    finally:
        root.removeHandler(watch.records)
        for logger, level in zip(loggers, levels):
            logger.setLevel(level)


def everything_shown(error: BaseException) -> str:
    """All texts of an exception, of its chain and of its pickles and copies."""
    shown = ["".join(traceback.format_exception(type(error), error, error.__traceback__))]
    for each in _chain(error):
        shown += [str(each), repr(each), repr(each.args)]
        shown += [repr(value) for name, value in vars(each).items() if _is_shown(name)]
        for protocol in (0, pickle.HIGHEST_PROTOCOL):
            shown.append(repr(pickle.dumps(each, protocol)))
        for other in (pickle.loads(pickle.dumps(each)), copy.copy(each), copy.deepcopy(each)):
            shown += [str(other), repr(other), repr(vars(other))]
    return "\n".join(shown)


def _is_shown(name: str) -> bool:
    """`body` and `headers` are what the service sent; underscores are nobody's business."""
    return name not in ("body", "headers") and not name.startswith("_")


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    todo: list[Any] = [error]
    while todo:
        each = todo.pop()
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            todo += [each.__cause__, each.__context__]
            yield each
