"""What the name of a token says: its mark is the state of an operation, kept by the service."""

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
"""What bears a mark and is younger may be that of a run that is still at work."""

_MINUTES = "%Y%m%dT%H%MZ"
_LATEST = 0xFFFFFFFF
"""The largest number that eight hex digits can be: seconds until the year 2106."""
_PROOF = 8
"""Digits of a word that prove whose a token is, should the service cut its name."""


class Marked(NamedTuple):
    """The parts of a name."""

    name: str
    """Without the mark: what the token is called before and after the operation."""
    mark: str = ""
    """"new", "out", "mint" or "old", empty for none."""
    last_used: int = 0
    """Of an old token: when it had been used last as it was replaced; epoch seconds."""
    deadline: datetime | None = None
    """Of an old token: when it may be deleted."""


def parse(name: str) -> Marked:
    """Take a name apart; one that only looks like it bears a mark bears none."""
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

    It is as long as the longest mark makes a name, so that one that is too long for the service
    is known before the token is delivered.

    :param word: 24 random hex digits, by which it is found again.
    """
    return f"{name} ~{mark}-{word}"


def bears(found: str, given: str) -> bool:
    """Whether the name of a token shows that it was made under a name with our random word.

    :param found: the name, of which the service may have cut off the end, or changed the rest.
    :param given: what `with_word` made.
    """
    at = given.rindex("-") + 1
    return given[at:] in found.lower() or (len(found) >= at + _PROOF and given.startswith(found))


def is_cut(found: str, name: str, mark: WordMark) -> bool:
    """Whether the name of a token looks like that of one made for a name, cut off in its mark."""
    start = with_word(name, mark, "")
    return len(name) < len(found) < len(start) + _PROOF and start.startswith(found[: len(start)])


def replaced(name: str, last_used: datetime | None, deadline: datetime) -> str:
    """The name of a token that another one has replaced, and that may be deleted at a deadline."""
    seconds = 0 if last_used is None else min(int(last_used.timestamp()), _LATEST)
    return f"{name} ~old-{seconds:08x}-{deadline.strftime(_MINUTES)}"


def deadline_of(now: datetime, grace: timedelta) -> datetime:
    """When an old token may be deleted: a full minute, not before the grace is over."""
    minute = (now + grace).replace(second=0, microsecond=0)
    return minute + timedelta(minutes=1) if grace and minute < now + grace else minute


def checked(name: str) -> str:
    """A name that a token can be given: it is not empty, and does not read as if it bore a mark."""
    if not isinstance(name, str):
        raise TypeError(f"the name of a token is a str, not {type(name).__name__}")
    if not name.strip():
        raise ValueError("the name of a token cannot be empty")
    if parse(name).mark:
        raise ValueError(f"{quoted(name)} reads like the mark of an unfinished operation")
    return name
