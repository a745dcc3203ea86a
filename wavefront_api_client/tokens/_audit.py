"""Audit: all tokens of a customer, and those of them that need attention."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cached_property
from itertools import compress
from typing import TYPE_CHECKING, NamedTuple

from wavefront_api_client.tokens._account import (
    MOST_TOKENS,
    infos_of,
    is_onboarded,
    models_of_customer,
    own_keys,
    present,
    require_api,
)
from wavefront_api_client.tokens._clock import duration
from wavefront_api_client.tokens._marks import AT_WORK, parse
from wavefront_api_client.tokens._text import aligned, counted, csv_table
from wavefront_api_client.tokens._token import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from wavefront_api_client import ApiTokenApi
    from wavefront_api_client.models import ApiTokenModel
    from wavefront_api_client.tokens._marks import Marked
    from wavefront_api_client.tokens._revoke import PlannedToken
    from wavefront_api_client.tokens._token import TokenInfo

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
    "legacy",
)
"""All rules, by the names that flags and conditions use."""

COLUMNS = (
    *("handle", "token", "name", "account", "accountType", "created", "lastUsed", "ageDays"),
    *("idleDays", "flags"),
)
"""The keys of a token in JSON and CSV, in this order."""

AGES = {"30 days": 30, "90 days": 90, "180 days": 180, "1 year": 365, "2 years": 730}
"""The upper ends of the classes of age, in days."""
OLDER, UNKNOWN = "older", "unknown"

MOST_PRINTED = 100
"""Rows of the table that `print` shows of a report."""


@dataclass(frozen=True, init=False)
class AuditPolicy:
    """When an audit reports a token.

    :param stale: a token that was last used longer ago is "stale": a `timedelta`, or text such as
        "90d"; None for never.
    :param max_age: a token that was made longer ago is "old"; None for never.
    :param near_limit: an account that holds so many tokens is "near-limit"; it may hold 20.
    :raises ValueError: a value is out of range.
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
    """"" if it has none; if a token was pasted there, it is masked."""
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
    """Full days since it was last used; None if never, or unknown."""
    flags: tuple[str, ...]
    """The names of the rules that found it."""

    @classmethod
    def of(
        cls,
        token: TokenInfo,
        now: datetime,
        flags: Iterable[str],
        dates: tuple[datetime | None, datetime | None] | None = None,
    ) -> AuditRow:
        """Make the row of a token.

        :param now: ages count from it.
        :param dates: when it was made and last used, where that is worked out already.
        """
        created, used = dates or (token.created, token.last_used)
        secret, account = token.secret, token.account
        return cls(
            secret.handle,
            str(secret),
            shown(token.name),
            shown(account) if account else None,
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
    """The result of an audit. It can be pickled; the pickle holds no token.

    :param tokens: all tokens, in the order of the service.
    :param policy: the limits of the rules.
    :param now: the time of the audit.
    :param host: where the tokens are.
    :param own_handles: handles of the tokens that the client itself uses.
    :param onboarded: whether they are of an instance of VMware Cloud services, where tokens of
        users are "legacy".
    """

    def __init__(
        self,
        tokens: Sequence[ApiTokenModel],
        policy: AuditPolicy,
        now: datetime,
        host: str,
        own_handles: frozenset[str],
        onboarded: bool = False,
    ) -> None:
        self.policy = policy
        self.now = now
        self.host = host
        self.own_handles = own_handles
        self.onboarded = onboarded
        self.customer: str | None = customer_of(tokens)
        """The customer whose tokens these are; None if the service does not say."""
        self._tokens = tokens

    @cached_property
    def rows(self) -> list[AuditRow]:
        """All tokens, in the order of the service.

        They are made when this is first read, as their hashes take longer than the audit itself.
        """
        return [*self.each_row()]

    def each_row(self) -> Iterator[AuditRow]:
        """All tokens, in the order of the service, each made when it is its turn."""
        return _rows(infos_of(self._tokens), self)

    @cached_property
    def findings(self) -> dict[str, list[AuditRow]]:
        """For each rule the rows that it found."""
        return {rule: [row for row in self.rows if rule in row.flags] for rule in RULES}

    @property
    def accounts(self) -> dict[str, int]:
        """How many tokens each account holds; "" where the service does not say which."""
        return dict(Counter(row.account or "" for row in self.rows))

    @property
    def ages(self) -> dict[str, int]:
        """How many tokens are in each class of age, by the upper end of the class."""
        counts = Counter(_age_class(row.age_days) for row in self.rows)
        return {label: counts[label] for label in (*AGES, OLDER, UNKNOWN)}

    def __getstate__(self) -> dict[str, Any]:
        # The tokens themselves stay behind.
        return {**vars(self), "rows": self.rows, "_tokens": ()}

    def __repr__(self) -> str:
        counts = [f"{len(rows)} {rule}" for rule, rows in self.findings.items() if rows]
        found = ", ".join(counts) or "nothing found"
        return f"<AuditReport of {counted(len(self.rows), 'token')}: {found}>"

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
        """The rows as CSV. A spreadsheet does not take a cell for a formula.

        :return: a line of titles and one for each token, with the columns of `AuditRow.to_dict`.
        """
        return csv_table(map(AuditRow.to_dict, self.rows), COLUMNS)

    def to_html(self, title: str = "API tokens") -> str:
        """The report as a page of HTML, without scripts and without other files.

        :param title: its heading, such as the name of the customer.
        :return: the page.
        :raises ImportError: jinja2 is missing, which comes with the extra ``[cli]``.
        """
        from wavefront_api_client.tokens._report import page

        return page(self, title)


def audit(
    api: ApiTokenApi, policy: AuditPolicy = DEFAULT, *, now: datetime | None = None
) -> AuditReport:
    """List all tokens of the customer, and find those that need attention.

    Calls ``get_customer_tokens``, once.

    :param api: a client; its account needs the permission Accounts.
    :param policy: when a token is reported.
    :param now: the time to compare with; None for that of the service.
    :return: the report; its rows are made when they are first asked for.
    :raises ValueError: `now` has no time zone.
    :raises InvalidResponseException: the answer is not a listing.
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
    return _report(api, tokens, policy, now)


def report_on(api: ApiTokenApi, tokens: Sequence[TokenInfo]) -> AuditReport:
    """The report on a listing, such as that of one account, by the default policy, without a call.

    :param api: the client that has just listed the tokens.
    :param tokens: what `list_tokens` or `find` has returned.
    :return: the report; what a rule says of an account is true if all its tokens are there.
    """
    models: list[Any] = [token._model for token in tokens]
    return _report(api, models, DEFAULT, present(api))


def _report(
    api: ApiTokenApi, tokens: Sequence[ApiTokenModel], policy: AuditPolicy, now: datetime
) -> AuditReport:
    own = frozenset(key.handle for key in own_keys(api))
    host = api.api_client.configuration.host
    return AuditReport(tokens, policy, now, host, own, is_onboarded(api))


def customer_of(tokens: Sequence[ApiTokenModel]) -> str | None:
    """The customer of a listing; None if the service does not say, or names several."""
    found = {str(customer) for token in tokens if (customer := getattr(token, "customer", None))}
    return found.pop() if len(found) == 1 else None


def _rows(tokens: Sequence[TokenInfo], report: AuditReport) -> Iterator[AuditRow]:
    """A row for each token of a report, with the rules that find it.

    Each value is worked out once: a customer may have a hundred thousand tokens.
    """
    policy, now = report.policy, report.now
    places = [(token.account, token.name) for token in tokens]
    held, named = Counter(account for account, _ in places), Counter(places)
    marked = {name: parts for _, name in places if (parts := parse(name)).mark}
    at_work = {
        (account, marked[name].name)
        for (account, name), token in zip(places, tokens)
        if name in marked and _is_at_work(marked[name], token, now)
    }
    for place, token in zip(places, tokens):
        account, name = place
        created, used, kind = token.created, token.last_used, token.account_type
        found = (
            token.is_unused,
            _is_before(used, now, policy.stale),
            _is_before(created, now, policy.max_age),
            not name,
            bool(account) and held[account] >= policy.near_limit,
            kind == "INACTIVE_SERVICE_ACCOUNT",
            name in marked and (account, marked[name].name) not in at_work,
            bool(name) and named[place] > 1,
            report.onboarded and str(kind).endswith("USER_ACCOUNT"),
        )
        yield AuditRow.of(token, now, compress(RULES, found), (created, used))


def _is_before(time: datetime | None, now: datetime, span: timedelta | None) -> bool:
    return time is not None and span is not None and now - time > span


def _is_at_work(parts: Marked, token: TokenInfo, now: datetime) -> bool:
    """Whether a rotation is working with a token, by its mark and age."""
    if parts.deadline is not None:
        return now <= parts.deadline
    return token.created is not None and now - token.created < AT_WORK


def _age_class(days: int | None) -> str:
    if days is None:
        return UNKNOWN
    return next((label for label, most in AGES.items() if days <= most), OLDER)


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
    there = time if time.tzinfo is timezone.utc else time.astimezone(timezone.utc)
    return there.isoformat("T", "milliseconds")[:-6] + "Z"
