"""The marks in names of tokens: the state of an operation, which the service keeps."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple

from wavefront_api_client.tokens._token import quoted

if TYPE_CHECKING:
    from typing import Literal

    WordMark = Literal["new", "out", "mint"]

_MARKED = re.compile(
    r"(.+) ~(?:(new|out|mint)-[0-9a-f]{8,}|old-([0-9a-f]{8})-([0-9]{8}T[0-9]{4}Z))", re.DOTALL
)
MARKS = ("new", "old", "out")
"""The marks of a rotation; "mint" is that of a token that has no name yet."""

AT_WORK = timedelta(hours=1)
"""A token with a mark that is younger may belong to a run that is still at work."""

_MINUTES = "%Y%m%dT%H%MZ"
_LATEST = 0xFFFFFFFF
"""The largest number that eight hex digits can be: seconds until the year 2106."""
_PROOF = 8
"""Digits of a word that prove whose token it is, if the service cuts its name."""


class Marked(NamedTuple):
    """The parts of a name."""

    name: str
    """The name without the mark, which the token has before and after the operation."""
    mark: str = ""
    """"new", "out", "mint" or "old", empty for none."""
    last_used: int = 0
    """Of an old token: its last use before it was replaced, in epoch seconds."""
    deadline: datetime | None = None
    """Of an old token: when it may be deleted."""


def parse(name: str) -> Marked:
    """Split a name into its parts; a malformed mark is part of the name."""
    found = _MARKED.fullmatch(name) if "~" in name else None
    if found is None:
        return Marked(name)
    base, mark, used, deadline = found.groups()
    if mark:
        return Marked(base, mark)
    try:
        moment = datetime.strptime(deadline, _MINUTES).replace(tzinfo=timezone.utc)
    except ValueError:
        return Marked(name)
    return Marked(base, "old", int(used, 16), moment)


def with_word(name: str, mark: WordMark, word: str) -> str:
    """The name of a token that is not in use yet.

    It is as long as a name with the longest mark, so that the service refuses a name that is too
    long before the token is delivered.

    :param word: 24 random hex digits, by which the token is found again.
    """
    return f"{name} ~{mark}-{word}"


def bears(found: str, given: str) -> bool:
    """Whether a token was made under a name with our random word.

    :param found: its name, whose end the service may have cut off, or whose rest it has changed.
    :param given: what `with_word` made.
    """
    at = given.rindex("-") + 1
    return given[at:] in found.lower() or (len(found) >= at + _PROOF and given.startswith(found))


def is_cut(found: str, name: str, mark: WordMark) -> bool:
    """Whether a name looks like one with a mark for the given name, cut off in the mark."""
    start = with_word(name, mark, "")
    return len(name) < len(found) < len(start) + _PROOF and start.startswith(found[: len(start)])


def replaced(name: str, last_used: datetime | None, deadline: datetime) -> str:
    """The name of a token that was replaced, and may be deleted at a deadline."""
    seconds = 0 if last_used is None else min(int(last_used.timestamp()), _LATEST)
    return f"{name} ~old-{seconds:08x}-{deadline.strftime(_MINUTES)}"


def deadline_of(now: datetime, grace: timedelta) -> datetime:
    """When an old token may be deleted: a full minute, not before the grace is over."""
    minute = (now + grace).replace(second=0, microsecond=0)
    return minute + timedelta(minutes=1) if grace and minute < now + grace else minute


def checked(name: str) -> str:
    """A name that a token can be given: not empty, and without anything like a mark."""
    if not isinstance(name, str):
        raise TypeError(f"the name of a token is a str, not {type(name).__name__}")
    if not name.strip():
        raise ValueError("the name of a token cannot be empty")
    if parse(name).mark:
        raise ValueError(f"{quoted(name)} reads like the mark of an unfinished operation")
    return name
