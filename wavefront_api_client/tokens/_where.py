"""Conditions: a text such as "never-used,age>90d" chooses rows of an audit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from wavefront_api_client.tokens._audit import NEVER_USED, RULES
from wavefront_api_client.tokens._clock import duration
from wavefront_api_client.tokens._token import TOKEN, shown
from wavefront_api_client.tokens.errors import TokenNotFound

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from wavefront_api_client.tokens._audit import AuditReport, AuditRow

_PART = re.compile(
    r"""\s*(?:
        (?P<time>age|idle|unused)>(?P<span>[^,]*?)\s*
        |(?P<column>account|name)=(?:"(?P<double>[^"]*)"\s*|'(?P<single>[^']*)'\s*|(?P<bare>[^,"'][^,]*))
        |(?P<rule>[a-z-]+)\s*
    )(?P<end>,|\Z)""",
    re.VERBOSE,
)
_CONDITIONS = (
    f"{', '.join(RULES)}, age>90d, idle>90d, unused>90d, account=ID and name=NAME, which is quoted"
    " if it has a comma or begins with a quote"
)


class Term(NamedTuple):
    """A part of a condition."""

    kind: str
    """"age", "idle", "unused", "account", "name" or "rule"."""
    value: str | timedelta

    def holds(self, row: AuditRow, now: datetime) -> bool:
        """Whether it is true of a token; with an unknown date it is not."""
        if self.kind == "rule":
            return self.value in row.flags
        if self.kind in {"account", "name"}:
            return bool(getattr(row, self.kind) == self.value)
        since = row.created if self.kind == "age" else row.last_used
        if self.kind == "unused" and NEVER_USED in row.flags:
            since = row.created
        return since is not None and now - since > self.value  # type: ignore[operator]


def parse_where(text: str) -> list[Term]:
    """The parts of a condition, all of which have to hold, such as "never-used,age>90d".

    :param text: parts with commas between: the name of a rule; "age>90d" since it was made,
        "idle>90d" since it was last used, "unused>90d" since it was last used or, if never, made;
        "account=sa::ci" or "name=ci", in quotes if it has a comma.
    :raises ValueError: a part is not one of these, or holds a token.
    """
    if TOKEN.search(text):
        raise ValueError("a condition cannot hold a token: name the token by its handle")
    terms, place = [], 0
    while True:
        found = _PART.match(text, place)
        if found is None or (found["rule"] and found["rule"] not in RULES):
            part = text[place:].partition(",")[0].strip()
            raise ValueError(f"{part!r} is not a condition: use {_CONDITIONS}")
        terms.append(_term(found))
        if not found["end"]:
            return terms
        place = found.end()


def _term(found: re.Match[str]) -> Term:
    if found["time"]:
        return Term(found["time"], duration(found["span"], found["time"]))
    if found["column"]:
        values = found["double"], found["single"], found["bare"]
        return Term(found["column"], shown(next(each for each in values if each is not None)))
    return Term("rule", found["rule"])


class Conditions:
    """What a text such as "never-used,age>90d" demands of a token, see `plan_revocation`.

    :param text: parts with commas between, all of which have to hold.
    :raises ValueError: a part is not a condition, or holds a token.
    """

    __slots__ = ("terms",)

    def __init__(self, text: str) -> None:
        self.terms: list[Term] = parse_where(text)

    def hold(self, row: AuditRow, now: datetime) -> bool:
        """Whether a row meets all of them.

        :param now: ages count from it, as from `AuditReport.now`.
        """
        return all(term.holds(row, now) for term in self.terms)

    def rows_of(self, report: AuditReport) -> list[AuditRow]:
        """The rows that meet all of them; a name or account that none has may be mistyped.

        :raises TokenNotFound: no token has the account or the name.
        """
        for term in self.terms:
            is_named = term.kind in {"account", "name"}
            if is_named and not any(term.holds(row, report.now) for row in report.rows):
                raise TokenNotFound(
                    f"no token has the {term.kind} {term.value!r}: check how it is written"
                )
        return [row for row in report.rows if self.hold(row, report.now)]
