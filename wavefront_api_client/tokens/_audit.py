"""Audit: what there is in a customer, and what of it is worth a look."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, NamedTuple, overload

from wavefront_api_client.tokens._account import own_keys
from wavefront_api_client.tokens._listing import models_of_customer
from wavefront_api_client.tokens._rules import DEFAULT, Analysis, columns_of
from wavefront_api_client.tokens._token import TokenInfo

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Callable

    from wavefront_api_client import ApiTokenApi
    from wavefront_api_client.models import ApiTokenModel
    from wavefront_api_client.tokens._rules import AuditPolicy

COLUMNS: tuple[str, ...] = (
    "handle",
    "token",
    "name",
    "account",
    "accountType",
    "created",
    "lastUsed",
    "ageDays",
    "idleDays",
    "flags",
)
"""What JSON and CSV say of a token, in this order."""


class AuditRow(NamedTuple):
    """A token as a report shows it: without the token."""

    handle: str
    """The first 10 hex digits of its SHA-256."""
    token: str
    """Its end, masked."""
    name: str
    """"" if it has none."""
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
        created, used = token.created, token.last_used
        return cls(
            token.handle,
            str(token.secret),
            token.name,
            token.account,
            token.account_type,
            created,
            used,
            _days_since(created, now),
            _days_since(used, now),
            tuple(flags),
        )

    def to_dict(self) -> dict[str, Any]:
        """The row as JSON has it, with dates in ISO 8601."""
        values: dict[str, Any] = dict(zip(COLUMNS, self))
        values["created"], values["lastUsed"] = iso(self.created), iso(self.last_used)
        values["flags"] = list(self.flags)
        return values


class Rows(Sequence[AuditRow]):
    """Rows that are made when somebody looks at them: a hash for each is what takes time.

    :param get: makes the row at a place.
    :param places: those that are here.
    """

    def __init__(self, get: Callable[[int], AuditRow], places: Sequence[int]) -> None:
        self._get = get
        self._places = places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, index: int) -> AuditRow: ...
    @overload
    def __getitem__(self, index: slice) -> Rows: ...
    def __getitem__(self, index: int | slice) -> AuditRow | Rows:
        if isinstance(index, slice):
            return Rows(self._get, self._places[index])
        return self._get(self._places[index])

    def __repr__(self) -> str:
        return f"<{len(self)} rows>"

    def __reduce__(self) -> tuple[Any, ...]:
        # The listing, which has the tokens themselves, stays behind.
        return Rows, (list(self).__getitem__, range(len(self)))


class AuditReport:
    """What an audit found. It can be pickled; no token leaves the process with it.

    :param rows: all tokens, in the order of the service.
    :param analysis: what the rules find.
    :param own_handles: handles of the tokens that the client itself uses.
    """

    def __init__(
        self,
        rows: Sequence[AuditRow],
        analysis: Analysis,
        own_handles: frozenset[str] = frozenset(),
    ) -> None:
        self.rows = rows
        self.own_handles = own_handles
        self._analysis = analysis

    @property
    def policy(self) -> AuditPolicy:
        """What was looked for."""
        return self._analysis.policy

    @property
    def now(self) -> datetime:
        """The time of the audit."""
        return self._analysis.now

    @property
    def findings(self) -> dict[str, Rows]:
        """For each rule the rows that it found."""
        found = self._analysis.places.items()
        return {rule: Rows(self.rows.__getitem__, places) for rule, places in found}

    @property
    def accounts(self) -> dict[str, int]:
        """How many tokens each account holds; "" where the service does not say which."""
        return dict(self._analysis.columns.by_account)

    @property
    def ages(self) -> dict[str, int]:
        """How many tokens are how old, by the upper ends of the classes."""
        return dict(self._analysis.ages)

    def __reduce__(self) -> tuple[Any, ...]:
        return AuditReport, (list(self.rows), self._analysis, self.own_handles)

    def __repr__(self) -> str:
        counts = ", ".join(f"{len(rows)} {rule}" for rule, rows in self.findings.items() if rows)
        return f"<AuditReport of {len(self.rows)} tokens: {counts or 'nothing found'}>"

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
        from wavefront_api_client.tokens.spreadsheet import table

        return table(map(AuditRow.to_dict, self.rows), COLUMNS)

    def to_html(self, title: str = "API tokens") -> str:
        """The report as a page that needs nothing else and runs no script.

        :param title: its heading, such as the name of the customer.
        :return: the page.
        """
        from wavefront_api_client.tokens._page import page

        return page(self, title)


def audit(
    api: ApiTokenApi, policy: AuditPolicy = DEFAULT, *, now: datetime | None = None
) -> AuditReport:
    """Look at all tokens of the customer.

    Calls ``get_customer_tokens``, once.

    :param api: a client; its account needs the permission Accounts.
    :param policy: what is worth a look.
    :param now: the time to compare with; None for the present.
    :return: the report; rows and findings are made when they are first asked for.
    :raises ValueError: `now` has no time zone.
    :raises ApiException: the call failed.
    """
    now = datetime.now(timezone.utc) if now is None else now
    if now.tzinfo is None:
        raise ValueError("now needs a time zone, such as timezone.utc")
    tokens = models_of_customer(api)
    analysis = Analysis(columns_of(tokens), policy, now)
    own = frozenset(key.handle for key in own_keys(api))
    return AuditReport(Rows(_Maker(tokens, analysis), range(len(tokens))), analysis, own)


class _Maker:
    """Makes the rows of a report."""

    def __init__(self, tokens: Sequence[ApiTokenModel], analysis: Analysis) -> None:
        self._tokens = tokens
        self._analysis = analysis

    def __call__(self, place: int) -> AuditRow:
        info = TokenInfo(self._tokens[place])
        row = AuditRow.of(info, self._analysis.now, self._analysis.flags(place))
        return row if row.account else row._replace(account=None)


def _days_since(time: datetime | None, now: datetime) -> int | None:
    return None if time is None else max((now - time).days, 0)


def iso(time: datetime | None) -> str | None:
    """A time in UTC as JSON has it, to the millisecond."""
    if time is None:
        return None
    return time.astimezone(timezone.utc).isoformat(timespec="milliseconds")[:-6] + "Z"
