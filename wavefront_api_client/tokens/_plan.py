"""What to revoke: a plan that can be looked at, saved, edited and applied later."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from wavefront_api_client.tokens._audit import iso
from wavefront_api_client.tokens._resolve import is_handle
from wavefront_api_client.tokens._token import HANDLE_DIGITS, Secret
from wavefront_api_client.tokens._where import parse_where
from wavefront_api_client.tokens.errors import AmbiguousToken, RefusedOwnKey, TooManyTokens
from wavefront_api_client.tokens.texts import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, Callable, Union

    from wavefront_api_client.tokens._audit import AuditReport, AuditRow

    Condition = Callable[[AuditRow], bool]
    Where = Union[str, Condition, Iterable[Union[Secret, str]]]


class PlannedToken(NamedTuple):
    """A token to revoke, as it was when the plan was made."""

    handle: str
    """What stands for it."""
    account: str | None
    """The account that holds it."""
    name: str
    """Its name, "" for none."""
    last_used: datetime | None
    """When it was last used."""
    flags: tuple[str, ...] = ()
    """The rules that had found it."""

    @property
    def state(self) -> tuple[object, ...]:
        """What has to be the same when it is revoked."""
        return self.handle, self.account, self.name, iso(self.last_used)


class RevocationPlan(NamedTuple):
    """What to revoke."""

    tokens: tuple[PlannedToken, ...]
    """The tokens, in the order of the report."""
    missing: tuple[str, ...] = ()
    """Handles that were asked for and are not there: of tokens that are gone, or of others."""

    def to_json(self) -> str:
        """The plan as JSON text with a line for each token: who deletes a line spares the token."""
        lines = [json.dumps(_to_json(token)) for token in self.tokens]
        return "[\n" + ",\n".join(lines) + "\n]\n"

    @classmethod
    def from_json(cls, text: str) -> RevocationPlan:
        """Read a plan, also one that lines were deleted from.

        :param text: what `to_json` made.
        :raises ValueError: it is no plan.
        """
        return cls(tuple(map(_from_json, _values_in(text_of(text)))))


def plan_revocation(report: AuditReport, where: Where, *, limit: int | None = 10) -> RevocationPlan:
    """Choose tokens to revoke. Nothing is called.

    :param report: what there is.
    :param where: a condition for `parse_where`, a function of an `AuditRow`, or several tokens:
        those that have leaked as `Secret`, others by their handles or the first 6 digits or more.
    :param limit: how many may be chosen; None for any number.
    :return: the plan.
    :raises ValueError: the condition is none, or what should be a handle.
    :raises AmbiguousToken: several tokens have a handle that begins like this.
    :raises TooManyTokens: more tokens were chosen.
    :raises RefusedOwnKey: the key that the client itself used was chosen.
    """
    missing: tuple[str, ...] = ()
    condition = parse_where(where) if isinstance(where, str) else where
    if callable(condition):
        rows = [row for row in report.rows if condition(row)]
    else:
        rows, missing = _named(list(report.rows), condition)
    _refuse(rows, report, limit)
    return RevocationPlan(tuple(map(_planned, rows)), missing)


def _refuse(rows: Sequence[AuditRow], report: AuditReport, limit: int | None) -> None:
    if limit is not None and len(rows) > limit:
        raise TooManyTokens(f"{len(rows)} tokens are more than {limit}: nothing was planned")
    for row in rows:
        if row.handle in report.own_handles:
            raise RefusedOwnKey(f"token {row.handle} is the key that the client itself uses")


def _named(
    rows: list[AuditRow], names: Iterable[Secret | str]
) -> tuple[list[AuditRow], tuple[str, ...]]:
    """The rows of some tokens, each once, and what was named in vain."""
    begins = [_beginning(name) for name in names]
    found = {begin: [row for row in rows if row.handle.startswith(begin)] for begin in begins}
    for begin, meant in found.items():
        if len(meant) > 1:
            raise AmbiguousToken(f"{len(meant)} tokens have a handle that begins with {begin}")
    chosen = dict.fromkeys(row.handle for meant in found.values() for row in meant)
    missing = tuple(begin for begin, meant in found.items() if not meant)
    return [row for row in rows if row.handle in chosen], missing


def _beginning(name: Secret | str) -> str:
    if isinstance(name, Secret):
        return name.handle
    if not is_handle(name):
        raise ValueError("a handle is 6 or more hex digits; a token itself goes into a Secret")
    return name.lower()[:HANDLE_DIGITS]


def _planned(row: AuditRow) -> PlannedToken:
    return PlannedToken(row.handle, row.account, row.name, row.last_used, row.flags)


def _to_json(token: PlannedToken) -> dict[str, Any]:
    return {
        "handle": token.handle,
        "account": token.account,
        "name": token.name,
        "lastUsed": iso(token.last_used),
        "flags": list(token.flags),
    }


def _values_in(text: str) -> list[Any]:
    try:
        values = json.loads(text)
    except ValueError:
        # Without its last token, the plan ends with a comma.
        lines = (line.strip().rstrip(",") for line in text.splitlines())
        values = [json.loads(line) for line in lines if line not in {"", "[", "]"}]
    if not isinstance(values, list):
        raise ValueError("this is no plan: it holds no list of tokens")
    return values


def _from_json(value: Any) -> PlannedToken:
    try:
        used = value["lastUsed"]
        last_used = used and datetime.fromisoformat(used.replace("Z", "+00:00"))
        flags = tuple(value.get("flags", ()))
        token = PlannedToken(value["handle"], value["account"], value["name"], last_used, flags)
        texts = [*token.state, *flags]
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        texts = [0]
    if set(map(type, texts)) - {str, type(None)}:
        raise ValueError("this is no plan: a token has handle, account, name and lastUsed")
    return token
