"""What the operations need of the machine beside files: clocks, durations, sleep, random words.

They are called as attributes of this module, so that a test can replace them.
"""

from __future__ import annotations

import re
import secrets
import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LONGEST = timedelta(days=36525)
"""A hundred years: a longer duration is a mistake, and may go back to before the year 1."""

clock = time.monotonic
"""Seconds, for limits."""

sleep = time.sleep
"""Waits for so many seconds."""


def now() -> datetime:
    """The time of this machine, in UTC."""
    return datetime.now(timezone.utc)


def word() -> str:
    """24 random hex digits."""
    return secrets.token_hex(12)


def wait_for(look: Callable[[], T], fact: Callable[[T], object], patience: timedelta) -> T:
    """Look once a second until a fact holds; return what was seen last, whether it holds or not."""
    until = clock() + patience.total_seconds()
    while not fact(seen := look()) and clock() < until:
        sleep(1)
    return seen


def in_words(span: timedelta) -> str:
    """A span of time in the largest unit of which it has two or more, such as "5 hours"."""
    seconds = int(span.total_seconds())
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return "a moment"


def duration(value: object, name: str) -> timedelta:
    """Read a `timedelta`, or a text such as "90d", "24h", "30m", "45s" or "2w".

    :param name: the parameter that it was given as, for the message.
    """
    if isinstance(value, str):
        time = _from_text(value, name)
    elif isinstance(value, timedelta):
        time = value
    else:
        hint = '; for none, write timedelta(0) or "0h"' if value == 0 else ""
        raise TypeError(
            f'{name} must be a timedelta, or text such as "24h",'
            f" not {value!r} ({type(value).__name__}){hint}"
        )
    if not timedelta(0) <= time <= _LONGEST:
        raise ValueError(f"{name} must be from 0 to 100 years (36525d), not {value!r}")
    return time


def _from_text(text: str, name: str) -> timedelta:
    found = re.fullmatch("([0-9]{1,8})([smhdw])", text)
    if found is None:
        raise ValueError(f'{name} must be like "90d", "24h", "30m", "45s" or "2w", not {text!r}')
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
