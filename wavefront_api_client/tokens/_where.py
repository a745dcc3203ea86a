"""Which tokens are meant by a condition: pure rules over the rows of a report."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from wavefront_api_client.tokens._rules import RULES

if TYPE_CHECKING:
    from wavefront_api_client.tokens._audit import AuditRow

UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}

LONGEST = timedelta(days=36525)
"""What is longer is a slip, and reaches back to before any calendar."""

_TERM = re.compile(r"(age|idle)>(.+)|(account|name)=(.+)", re.DOTALL)


def parse_duration(text: str) -> timedelta:
    """A time such as "90d", "24h", "30m" or "2w".

    :param text: a whole number and a unit.
    :raises ValueError: it is none, or more than a hundred years.
    """
    found = re.fullmatch("([0-9]{1,7})([mhdw])", text)
    if found is None:
        raise ValueError(f"a time is like 90d, 24h, 30m or 2w, not {text!r}")
    time = int(found[1]) * UNITS[found[2]]
    if time > LONGEST:
        raise ValueError(f"{text!r} is more than a hundred years")
    return time


class AtLeast(NamedTuple):
    """Whether a token is so old, or so long unused; not if that is unknown."""

    column: str
    time: timedelta

    def __call__(self, row: AuditRow) -> bool:
        """Whether it holds for a row, by full days."""
        days = getattr(row, self.column)
        return days is not None and timedelta(days=days) >= self.time


class Is(NamedTuple):
    """Whether a token has this account, or this name."""

    column: str
    value: str

    def __call__(self, row: AuditRow) -> bool:
        """Whether it holds for a row."""
        return bool(getattr(row, self.column) == self.value)


class Flagged(NamedTuple):
    """Whether a rule has found a token."""

    rule: str

    def __call__(self, row: AuditRow) -> bool:
        """Whether it holds for a row."""
        return self.rule in row.flags


class All(NamedTuple):
    """Whether several conditions hold."""

    terms: tuple[AtLeast | Is | Flagged, ...]

    def __call__(self, row: AuditRow) -> bool:
        """Whether all of them hold for a row."""
        return all(term(row) for term in self.terms)


def parse_where(text: str) -> All:
    """A condition of which all parts have to hold, such as "never-used,age>90d".

    :param text: parts with commas between: the name of a rule; "age>90d" or "idle>90d", by full
        days; "account=sa::ci" or "name=ci", which hold no comma.
    :return: a function of an `AuditRow`. What is unknown of a token never holds.
    :raises ValueError: a part is none of these.
    """
    return All(tuple(_term(part.strip()) for part in text.split(",")))


def _term(text: str) -> AtLeast | Is | Flagged:
    found = _TERM.fullmatch(text)
    if found and found[1]:
        return AtLeast(f"{found[1]}_days", parse_duration(found[2]))
    if found:
        return Is(found[3], found[4])
    if text not in RULES:
        raise ValueError(
            f"{text!r} is no condition: there are {', '.join(RULES)},"
            " age>90d, idle>90d, account=ID and name=NAME"
        )
    return Flagged(text)
