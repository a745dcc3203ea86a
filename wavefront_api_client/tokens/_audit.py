"""Audit: all tokens of a customer, and which of them are worth a look."""

from __future__ import annotations

import operator
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cached_property, partial
from math import ceil, inf
from typing import TYPE_CHECKING, NamedTuple

from wavefront_api_client.models import UserApiToken
from wavefront_api_client.tokens._account import (
    MOST_TOKENS,
    models_of_customer,
    own_keys,
    present,
    require_api,
)
from wavefront_api_client.tokens._clock import duration
from wavefront_api_client.tokens._marks import parse
from wavefront_api_client.tokens._text import aligned, csv_table, shown
from wavefront_api_client.tokens._token import TokenInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from wavefront_api_client import ApiTokenApi
    from wavefront_api_client.models import ApiTokenModel
    from wavefront_api_client.tokens._marks import Marked
    from wavefront_api_client.tokens._revoke import PlannedToken

NEVER_USED, INTERRUPTED = "never-used", "interrupted-rotation"
RULES = (
    NEVER_USED,
    "stale",
    "old",
    "unnamed",
    "near-limit",
    "inactive-account",
    INTERRUPTED,
    "duplicate-name",
)
"""All rules, by the names that flags and conditions have."""

COLUMNS = (
    *("handle", "token", "name", "account", "accountType", "created", "lastUsed", "ageDays"),
    *("idleDays", "flags"),
)
"""What JSON and CSV say of a token, in this order."""

AGES = {"30 days": 30, "90 days": 90, "180 days": 180, "1 year": 365, "2 years": 730}
"""The upper ends of the classes of age, in days."""
OLDER, UNKNOWN = "older", "unknown"

AT_WORK = timedelta(hours=1)
"""A rotation whose new token is younger may still be running."""

MOST_PRINTED = 100
"""Rows of the table that `print` shows of a report."""

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MILLISECOND = timedelta(milliseconds=1)
_DATES = range(100_000_000_000, 253_402_300_800_000)
"""Numbers that are surely epoch milliseconds; of any other, `TokenInfo` says what date it is."""


@dataclass(frozen=True, init=False)
class AuditPolicy:
    """What an audit finds worth a look.

    :param stale: a token that was last used longer ago is "stale": a `timedelta`, or text such as
        "90d"; None for never.
    :param max_age: a token that was made longer ago is "old"; None for never.
    :param near_limit: an account that holds so many tokens is "near-limit"; it may hold 20.
    :raises TypeError: a value has another type.
    :raises ValueError: a value cannot be meant.
    """

    stale: timedelta | None
    max_age: timedelta | None
    near_limit: int

    def __init__(
        self,
        stale: timedelta | str | None = timedelta(days=90),
        max_age: timedelta | str | None = timedelta(days=365),
        near_limit: int = 18,
    ) -> None:
        if type(near_limit) is not int:
            raise TypeError(f"near_limit must be a number of tokens, not {near_limit!r}")
        if not 1 <= near_limit <= MOST_TOKENS:
            raise ValueError(f"near_limit must be from 1 to {MOST_TOKENS}, not {near_limit}")
        values = {
            "stale": None if stale is None else duration(stale, "stale"),
            "max_age": None if max_age is None else duration(max_age, "max_age"),
            "near_limit": near_limit,
        }
        # The instance is frozen.
        self.__dict__.update(values)


DEFAULT = AuditPolicy()


class AuditRow(NamedTuple):
    """A token as a report shows it: without the token."""

    handle: str
    """The first 10 hex digits of its SHA-256."""
    token: str
    """Its end, masked."""
    name: str
    """"" if it has none; a token that somebody pasted there is masked."""
    account: str | None
    """None if the service does not say."""
    account_type: str | None
    """Such as "SERVICE_ACCOUNT"."""
    created: datetime | None
    """In UTC, None if unknown."""
    last_used: datetime | None
    """In UTC, None if never, or unknown."""
    age_days: int | None
    """Full days since it was made."""
    idle_days: int | None
    """Full days since it was used last; None if never, or unknown."""
    flags: tuple[str, ...]
    """The names of the rules that found it."""

    @classmethod
    def of(cls, token: TokenInfo, now: datetime, flags: Iterable[str]) -> AuditRow:
        """What is shown of a token.

        :param token: the token.
        :param now: what ages count from.
        :param flags: what is to be noticed about it.
        """
        created, used, secret = token.created, token.last_used, token.secret
        return cls(
            secret.handle,
            str(secret),
            shown(token.name),
            shown(token.account) if token.account else None,
            token.account_type,
            created,
            used,
            _days_since(created, now),
            _days_since(used, now),
            tuple(flags),
        )

    @property
    def shown_name(self) -> str:
        """The same as `name`: what a `TokenInfo` calls it."""
        return self.name

    def to_dict(self) -> dict[str, Any]:
        """The row as JSON has it, with dates in ISO 8601."""
        values: dict[str, Any] = dict(zip(COLUMNS, self))
        values["created"], values["lastUsed"] = iso(self.created), iso(self.last_used)
        values["flags"] = list(self.flags)
        return values


class AuditReport:
    """What an audit found. It can be pickled; no token leaves the process with it.

    :param tokens: all tokens, in the order of the service.
    :param policy: what was looked for.
    :param now: the time of the audit.
    :param host: where the tokens are.
    :param own_handles: handles of the tokens that the client itself uses.
    """

    def __init__(
        self,
        tokens: Sequence[ApiTokenModel],
        policy: AuditPolicy,
        now: datetime,
        host: str,
        own_handles: frozenset[str],
    ) -> None:
        self.policy = policy
        self.now = now
        self.host = host
        self.own_handles = own_handles
        self.customer: str | None = customer_of(tokens)
        """The customer whose tokens these are; None if the service does not say."""
        self._tokens = tokens

    @cached_property
    def accounts(self) -> dict[str, int]:
        """How many tokens each account holds; "" where the service does not say which."""
        return {shown(name): count for name, count in self._columns.held.items()}

    @cached_property
    def ages(self) -> dict[str, int]:
        """How many tokens are how old, by the upper ends of the classes."""
        return _ages(self._columns.created, _millis(self.now))

    @cached_property
    def rows(self) -> list[AuditRow]:
        """All tokens, in the order of the service.

        They are made when this is first read: their hashes take longer than the audit itself.
        """
        return [*self.each_row()]

    def each_row(self) -> Iterator[AuditRow]:
        """All tokens, in the order of the service, each made when it is its turn."""
        return map(self._row, range(len(self._flags)))

    @cached_property
    def findings(self) -> dict[str, list[AuditRow]]:
        """For each rule the rows that it found."""
        made = "rows" in vars(self)
        flagged = [place for place, flags in enumerate(self._flags) if flags]
        rows = [self.rows[place] if made else self._row(place) for place in flagged]
        return {rule: [row for row in rows if rule in row.flags] for rule in RULES}

    @cached_property
    def _columns(self) -> _Columns:
        return _Columns.of(self._tokens)

    @cached_property
    def _flags(self) -> list[tuple[str, ...]]:
        return _flags(self._columns, self.policy, _millis(self.now))

    def _row(self, place: int) -> AuditRow:
        return AuditRow.of(TokenInfo(self._tokens[place]), self.now, self._flags[place])

    def __getstate__(self) -> dict[str, Any]:
        made = {name: getattr(self, name) for name in ("accounts", "ages", "rows", "_flags")}
        # The tokens themselves stay behind.
        left = {"_tokens", "_columns", "findings"}
        return {key: value for key, value in {**vars(self), **made}.items() if key not in left}

    def __repr__(self) -> str:
        counts = Counter(rule for flags in self._flags for rule in flags)
        found = ", ".join(f"{counts[rule]} {rule}" for rule in RULES if rule in counts)
        return f"<AuditReport of {len(self._flags)} tokens: {found or 'nothing found'}>"

    def __str__(self) -> str:
        flagged = [row for row in self.rows if row.flags]
        lines = [repr(self)[1:-1]]
        if flagged:
            table = [("HANDLE", "NAME", "ACCOUNT", "LAST USED", "FLAGS")]
            for row in flagged[:MOST_PRINTED]:
                flags = " ".join(row.flags)
                table.append((row.handle, row.name, row.account or "", last_use(row), flags))
            lines.append(aligned(table))
        if len(flagged) > MOST_PRINTED:
            lines.append(f"and {len(flagged) - MOST_PRINTED} more")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON has it.

        :return: time, tokens, handles by rule, counts by account and by age.
        """
        return {
            "now": iso(self.now),
            "tokens": [row.to_dict() for row in self.rows],
            "findings": {
                rule: [row.handle for row in rows] for rule, rows in self.findings.items()
            },
            "accounts": self.accounts,
            "ages": self.ages,
        }

    def to_json(self) -> str:
        """The report as JSON text."""
        import json

        return json.dumps(self.to_dict(), indent=2)

    def to_csv(self) -> str:
        """The rows as a table for a spreadsheet, which takes no cell of it for a formula.

        :return: a line of titles and one for each token, with the columns of `AuditRow.to_dict`.
        """
        return csv_table(map(AuditRow.to_dict, self.rows), COLUMNS)

    def to_html(self, title: str = "API tokens") -> str:
        """The report as a page that needs nothing else and runs no script.

        :param title: its heading, such as the name of the customer.
        :return: the page.
        :raises ImportError: jinja2 is missing, which comes with the extra ``[cli]``.
        """
        from wavefront_api_client.tokens._report import page

        return page(self, title)


def audit(
    api: ApiTokenApi, policy: AuditPolicy = DEFAULT, *, now: datetime | None = None
) -> AuditReport:
    """Look at all tokens of the customer.

    Calls ``get_customer_tokens``, once.

    :param api: a client; its account needs the permission Accounts.
    :param policy: what is worth a look.
    :param now: the time to compare with; None for that of the service.
    :return: the report; its rows are made when they are first asked for.
    :raises TypeError: `api` is no `ApiTokenApi`, `policy` no `AuditPolicy`, or `now` no date.
    :raises ValueError: `now` has no time zone.
    :raises InvalidResponseException: the answer is no listing.
    :raises ApiException: the call failed.
    """
    require_api(api)
    if not isinstance(policy, AuditPolicy):
        raise TypeError(f"policy must be an AuditPolicy, not {type(policy).__name__}")
    if now is not None and not isinstance(now, datetime):
        raise TypeError(f"now must be a datetime, not {type(now).__name__}")
    if now is not None and now.tzinfo is None:
        raise ValueError("now needs a time zone, such as timezone.utc")
    tokens = models_of_customer(api)
    now = now or present(api)
    own = frozenset(key.handle for key in own_keys(api))
    return AuditReport(tokens, policy, now, api.api_client.configuration.host, own)


def report_on(api: ApiTokenApi, tokens: Sequence[TokenInfo]) -> AuditReport:
    """The report on a listing, such as that of one account, by the usual policy.

    :param api: that has just listed the tokens.
    """
    models: list[Any] = [token._model for token in tokens]
    own = frozenset(key.handle for key in own_keys(api))
    return AuditReport(models, DEFAULT, present(api), api.api_client.configuration.host, own)


def customer_of(tokens: Sequence[ApiTokenModel]) -> str | None:
    """The customer of a listing; None if the service does not say, or names several."""
    if _is_of_account(tokens):
        return None
    found = {*_texts([token.customer for token in tokens])} - {""}
    return found.pop() if len(found) == 1 else None


class _Columns(NamedTuple):
    """What the rules look at, a list for each attribute: a customer may have 100,000 tokens."""

    names: list[str]
    """"" for none."""
    accounts: list[str]
    """"" if unknown."""
    types: list[Any]
    created: list[int | None]
    """Epoch milliseconds; 0 or None if unknown."""
    used: list[int | None]
    """Epoch milliseconds; 0 or None if never, or unknown."""
    unused: list[bool]
    """Whether it was never used."""
    held: Counter[str]
    """How many tokens each account holds."""

    @classmethod
    def of(cls, tokens: Sequence[ApiTokenModel]) -> _Columns:
        """The columns of a listing."""
        uses = [token.last_used for token in tokens]
        used = [
            use if type(use) is int and use in _DATES else use and _date(token.last_used_at)
            for use, token in zip(uses, tokens)
        ]
        tells_use = any(used)
        accounts = _texts([token.account for token in tokens])
        of_account = _is_of_account(tokens)
        dates = operator.attrgetter("date_generated" if of_account else "created_epoch_millis")
        created = [
            made if type(made) is int and made in _DATES else _date(TokenInfo(token).created)
            for made, token in zip(map(dates, tokens), tokens)
        ]
        unused = [
            use == 0 if type(use) is int else TokenInfo(token, tells_use).is_unused
            for use, token in zip(uses, tokens)
        ]
        names = _texts([*map(operator.attrgetter("token_name" if of_account else "name"), tokens)])
        types = [token.account_type for token in tokens]
        return cls(names, accounts, types, created, used, unused, Counter(accounts))


def _is_of_account(tokens: Sequence[object]) -> bool:
    """Whether tokens are listed as their account lists them, and not as the customer does."""
    return bool(tokens) and isinstance(tokens[0], UserApiToken)


def _texts(found: list[Any]) -> list[str]:
    try:
        "".join(found)
    except TypeError:
        return ["" if value is None else str(value) for value in found]
    return found


def _flags(columns: _Columns, policy: AuditPolicy, now: float) -> list[tuple[str, ...]]:
    """For each token the rules that find it.

    :param now: epoch milliseconds.
    """
    names, accounts, types, created, used, unused, held = columns
    stale, old = _before(now, policy.stale), _before(now, policy.max_age)
    full = {name for name, count in held.items() if name and count >= policy.near_limit}
    found: tuple[Iterable[int], ...] = (
        [place for place, each in enumerate(unused) if each],
        [place for place, time in enumerate(used) if time and time < stale],
        [place for place, time in enumerate(created) if time and time < old],
        [place for place, name in enumerate(names) if not name],
        [place for place, account in enumerate(accounts) if account in full],
        [place for place, kind in enumerate(types) if kind == "INACTIVE_SERVICE_ACCOUNT"],
        _interrupted(columns, now),
        _doubled(columns),
    )
    sets = [0] * len(names)
    for bit, places in enumerate(found):
        for place in places:
            sets[place] |= 1 << bit
    flags = {each: tuple(r for bit, r in enumerate(RULES) if each >> bit & 1) for each in set(sets)}
    return [flags[each] for each in sets]


def _before(now: float, time: timedelta | None) -> float:
    """What a date in full milliseconds is below if it is longer ago than a time."""
    return -inf if time is None else ceil(now - time / _MILLISECOND)


def _interrupted(columns: _Columns, now: float) -> set[int]:
    """Tokens that bear a mark where no rotation is at work any more."""
    marks = {place: parse(name) for place, name in enumerate(columns.names) if "~" in name}
    families = {
        place: (columns.accounts[place], parts.name) for place, parts in marks.items() if parts.mark
    }
    at_work = {
        family
        for place, family in families.items()
        if _is_at_work(marks[place], columns.created[place], now)
    }
    return {place for place, family in families.items() if family not in at_work}


def _is_at_work(parts: Marked, created: int | None, now: float) -> bool:
    if parts.deadline is not None:
        return now <= _millis(parts.deadline)
    return bool(created) and created > _before(now, AT_WORK)  # type: ignore[operator]


def _doubled(columns: _Columns) -> list[int]:
    """Tokens that share their name with another one of their account."""
    names, accounts = columns.names, columns.accounts
    # A hundred thousand pairs would keep the garbage collector busy; their hashes do not.
    hashes = list(map(hash, zip(accounts, names)))
    counts = Counter(hashes)
    if len(counts) == len(hashes):
        return []
    alike = [place for place, each in enumerate(hashes) if names[place] and counts[each] > 1]
    pairs = Counter((accounts[place], names[place]) for place in alike)
    return [place for place in alike if pairs[accounts[place], names[place]] > 1]


def _ages(created: list[int | None], now: float) -> dict[str, int]:
    """How many tokens are in each class of age."""
    ends = [_before(now, timedelta(days=days)) for days in reversed(AGES.values())]
    known = [made for made in created if made]
    counts = Counter(map(partial(bisect_right, ends), known))
    found = {label: counts[len(ends) - place] for place, label in enumerate([*AGES, OLDER])}
    return {**found, UNKNOWN: len(created) - len(known)}


def _date(time: datetime | None) -> int | None:
    return None if time is None else int(_millis(time))


def _millis(time: datetime) -> float:
    return (time - _EPOCH) / _MILLISECOND


def _days_since(time: datetime | None, now: datetime) -> int | None:
    return None if time is None else max((now - time).days, 0)


def last_use(token: AuditRow | PlannedToken) -> str:
    """When a token was last used, for people: a day, "never" or "unknown"."""
    if token.last_used is None:
        return "never" if NEVER_USED in token.flags else UNKNOWN
    return f"{token.last_used:%Y-%m-%d}"


def iso(time: datetime | None) -> str | None:
    """A time in UTC as JSON has it, to the millisecond."""
    if time is None:
        return None
    return time.astimezone(timezone.utc).isoformat(timespec="milliseconds")[:-6] + "Z"
