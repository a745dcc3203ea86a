"""The rules of an audit: pure, over columns, for a customer can have a hundred thousand tokens."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from datetime import datetime, timedelta, timezone
from functools import cached_property, partial
from typing import TYPE_CHECKING, NamedTuple

from wavefront_api_client.models import ApiTokenModel
from wavefront_api_client.tokens._marks import parse

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Callable

    Rule = Callable[["Columns", "AuditPolicy", datetime], Sequence[int]]

INACTIVE = "INACTIVE_SERVICE_ACCOUNT"

LEAST_MILLISECONDS = 100_000_000_000
"""What is not less counts milliseconds without a doubt, as models read it, too."""

AGES = {"30 days": 30, "90 days": 90, "180 days": 180, "1 year": 365, "2 years": 730}
"""The upper ends of the histogram, in days."""
OLDER, UNKNOWN = "older", "unknown"


class AuditPolicy(NamedTuple):
    """What an audit finds worth a look.

    :param stale: a token that was last used longer ago is "stale"; None for never.
    :param max_age: a token that was made longer ago is "old"; None for never.
    :param near_limit: an account that holds so many tokens is "near-limit"; it may hold 20.
    """

    stale: timedelta | None = timedelta(days=90)
    max_age: timedelta | None = timedelta(days=365)
    near_limit: int = 18


DEFAULT = AuditPolicy()


class Columns(NamedTuple):
    """What the rules look at, a list for each attribute, with a place for each token."""

    names: list[str]
    """"" for none."""
    accounts: list[str]
    """"" if unknown."""
    types: list[object]
    """As the service says it."""
    created: list[int | None]
    """Epoch milliseconds, None if unknown."""
    used: list[int | None]
    """Epoch milliseconds, 0 for never, None if unknown."""
    by_account: Counter[str]
    """How many tokens each account holds."""


def columns_of(tokens: Sequence[ApiTokenModel]) -> Columns:
    """The columns of a listing."""
    names, accounts = (_texts(_column(tokens, name)) for name in ("name", "account"))
    types = _column(tokens, "account_type")
    made = _dates(tokens, "created_epoch_millis", "created_at")
    if not all(made):
        generated = _dates(tokens, "date_generated", "date_generated_at")
        made = [one or other for one, other in zip(made, generated)]
    used = _uses(tokens)
    return Columns(names, accounts, types, made, used, Counter(accounts))


def _column(tokens: Sequence[ApiTokenModel], name: str) -> list[Any]:
    # The getter itself takes two thirds of the time of the attribute.
    return list(map(getattr(ApiTokenModel, name).fget, tokens))


def _texts(found: list[Any]) -> list[str]:
    try:
        "".join(found)
    except TypeError:
        return ["" if value is None else str(value) for value in found]
    return found


def _dates(tokens: Sequence[ApiTokenModel], name: str, as_date: str) -> list[int | None]:
    """Epoch milliseconds; 0 and None stay, and what is no date is None.

    :param name: the attribute as the service says it.
    :param as_date: the same as a date, which takes longer to make.
    """
    found = _column(tokens, name)
    try:
        if min(filter(None, found), default=LEAST_MILLISECONDS) >= LEAST_MILLISECONDS:
            return found
    except TypeError:
        pass
    return [_date(value, getattr(token, as_date)) for value, token in zip(found, tokens)]


def _date(value: object, known: datetime | None) -> int | None:
    if value == 0 and not isinstance(value, bool):
        return 0
    return None if known is None else _millis(known)


def _uses(tokens: Sequence[ApiTokenModel]) -> list[int | None]:
    """What is missing means never, but only where the service says of any token that it was used.

    One that keeps no account of uses must not have all of its tokens revoked as unused.
    """
    dates = _dates(tokens, "last_used", "last_used_at")
    if None not in dates or not any(dates):
        return dates
    found = _column(tokens, "last_used")
    return [0 if value is None else date for value, date in zip(found, dates)]


def never_used(columns: Columns, policy: AuditPolicy, now: datetime) -> list[int]:
    """Those that were never used."""
    return [i for i, used in enumerate(columns.used) if used == 0]


def stale(columns: Columns, policy: AuditPolicy, now: datetime) -> list[int]:
    """Those that were used, but not lately."""
    return _before(columns.used, now, policy.stale)


def old(columns: Columns, policy: AuditPolicy, now: datetime) -> list[int]:
    """Those that were made long ago."""
    return _before(columns.created, now, policy.max_age)


def _before(column: list[int | None], now: datetime, time: timedelta | None) -> list[int]:
    if time is None:
        return []
    end = _millis(now) - time // timedelta(milliseconds=1)
    return [i for i, value in enumerate(column) if value and value < end]


def unnamed(columns: Columns, policy: AuditPolicy, now: datetime) -> list[int]:
    """Those without a name."""
    return _places(columns.names, "")


def near_limit(columns: Columns, policy: AuditPolicy, now: datetime) -> list[int]:
    """Those of accounts that hold nearly as many as they may."""
    counts = columns.by_account.items()
    full = {account for account, count in counts if account and count >= policy.near_limit}
    return [i for i, account in enumerate(columns.accounts) if account in full] if full else []


def inactive_account(columns: Columns, policy: AuditPolicy, now: datetime) -> list[int]:
    """Those of service accounts that are switched off."""
    return _places(columns.types, INACTIVE)


def _places(column: Sequence[object], value: str) -> list[int]:
    # To look whether it is there at all takes a tenth of the time.
    return [i for i, each in enumerate(column) if each == value] if value in column else []


def interrupted_rotation(columns: Columns, policy: AuditPolicy, now: datetime) -> list[int]:
    """Those whose names say that something was begun with them and not ended in time."""
    if "~" not in "".join(columns.names):
        return []
    return [i for i, name in enumerate(columns.names) if "~" in name and _is_interrupted(name, now)]


def _is_interrupted(name: str, now: datetime) -> bool:
    parts = parse(name)
    return bool(parts.mark) and (parts.deadline is None or parts.deadline < now)


def duplicate_name(columns: Columns, policy: AuditPolicy, now: datetime) -> list[int]:
    """Those that share their name with another token of the account."""
    pairs = list(map(hash, zip(columns.accounts, columns.names)))
    if len(set(pairs)) == len(pairs):
        return []
    found: dict[tuple[str, str], list[int]] = {}
    counts = Counter(pairs)
    for index, pair in enumerate(pairs):
        if counts[pair] > 1 and columns.names[index]:
            found.setdefault((columns.accounts[index], columns.names[index]), []).append(index)
    return sorted(index for same in found.values() if len(same) > 1 for index in same)


RULES: dict[str, Rule] = {
    "never-used": never_used,
    "stale": stale,
    "old": old,
    "unnamed": unnamed,
    "near-limit": near_limit,
    "inactive-account": inactive_account,
    "interrupted-rotation": interrupted_rotation,
    "duplicate-name": duplicate_name,
}
"""All rules, by the names that flags and conditions have."""


class Analysis:
    """What the rules find, when somebody asks for it.

    :param columns: what they look at.
    :param policy: what is worth a look.
    :param now: the time to compare with.
    """

    def __init__(self, columns: Columns, policy: AuditPolicy, now: datetime) -> None:
        self.columns = columns
        self.policy = policy
        self.now = now

    @cached_property
    def places(self) -> dict[str, Sequence[int]]:
        """The places of the tokens that each rule finds."""
        return {name: rule(self.columns, self.policy, self.now) for name, rule in RULES.items()}

    @cached_property
    def ages(self) -> dict[str, int]:
        """How many tokens are how old."""
        return ages_of(self.columns, self.now)

    def flags(self, place: int) -> tuple[str, ...]:
        """The rules that find the token at a place."""
        return tuple(rule for rule, places in self._sets.items() if place in places)

    @cached_property
    def _sets(self) -> dict[str, frozenset[int]]:
        return {rule: frozenset(places) for rule, places in self.places.items()}


def ages_of(columns: Columns, now: datetime) -> dict[str, int]:
    """How many tokens are how old: a histogram."""
    ends = [_millis(now - timedelta(days=days)) for days in reversed(AGES.values())]
    known = list(filter(None, columns.created))
    places = bytes(map(partial(bisect_right, ends), known))
    labels = [OLDER, *reversed(AGES)]
    ages = {label: places.count(place) for place, label in reversed(list(enumerate(labels)))}
    return {**ages, UNKNOWN: len(columns.created) - len(known)}


def _millis(time: datetime) -> int:
    return (time - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(milliseconds=1)
