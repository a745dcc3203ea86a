"""Revoke: a plan that can be reviewed, saved and edited, and the revocation itself."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from wavefront_api_client.exceptions import ApiException
from wavefront_api_client.models import UserApiToken
from wavefront_api_client.tokens import _clock
from wavefront_api_client.tokens._account import (
    PATIENCE,
    models_of_customer,
    own_keys,
    require_api,
    response_of,
)
from wavefront_api_client.tokens._audit import (
    INTERRUPTED,
    NEVER_USED,
    AuditReport,
    AuditRow,
    customer_of,
    iso,
    last_use,
)
from wavefront_api_client.tokens._find import described, matching, not_found, refs_in, resolve
from wavefront_api_client.tokens._marks import parse
from wavefront_api_client.tokens._text import aligned, counted
from wavefront_api_client.tokens._token import (
    HANDLE_DIGITS,
    TokenInfo,
    is_handle,
    shown,
)
from wavefront_api_client.tokens._where import Conditions, Term
from wavefront_api_client.tokens.errors import (
    RefusedOwnKey,
    TokenNotFound,
    TooManyTokens,
    WrongTenant,
)
from wavefront_api_client.tokens.texts import text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence
    from typing import Any, Literal, Union

    from wavefront_api_client import ApiTokenApi
    from wavefront_api_client.models import ApiTokenModel
    from wavefront_api_client.tokens._find import Ref, Refs

    Condition = Callable[[AuditRow], bool]
    Where = Union[str, Conditions, Condition, Refs]
    Status = Literal["revoked", "gone", "changed", "failed", "unknown", "own"]

BATCH = 10
"""How many tokens are revoked between two listings."""

_LAST_COMMA = re.compile(r",\s*\]\s*\}\s*\Z")


class PlannedToken(NamedTuple):
    """A token to revoke, as it was when the plan was made."""

    handle: str
    """Its handle."""
    account: str | None
    """The account that holds it."""
    name: str
    """Its name, "" for none; if a token was pasted there, it is masked."""
    last_used: datetime | None
    """When it was last used."""
    flags: tuple[str, ...] = ()
    """The rules that found it."""

    @property
    def state(self) -> tuple[object, ...]:
        """The values that must be the same when it is revoked."""
        return self.handle, self.account, self.name, iso(self.last_used)


class RevocationPlan(NamedTuple):
    """What to revoke."""

    tokens: tuple[PlannedToken, ...]
    """The tokens, in the order of the report."""
    host: str
    """The host they are at: at another one the plan is refused."""
    customer: str | None = None
    """The customer that they belong to; None if the service does not say."""
    missing: tuple[str, ...] = ()
    """Handles and names that were given and match no token."""
    own: tuple[PlannedToken, ...] = ()
    """Tokens that were chosen and left out: the key that the client itself uses."""
    kept: tuple[PlannedToken, ...] = ()
    """Tokens that were chosen and left out: an interrupted rotation may need them."""

    def __str__(self) -> str:
        rows: list[tuple[str, ...]] = [("HANDLE", "NAME", "ACCOUNT", "LAST USED", "WHY")]
        rows += [_line(token, " ".join(token.flags) or "asked for") for token in self.tokens]
        rows += [_line(token, "left out: it is the key in use") for token in self.own]
        rows += [_line(token, "left out: its rotation needs it") for token in self.kept]
        rows += [(missing, "", "", "", "not there") for missing in self.missing]
        where = f"{self.customer} at {self.host}" if self.customer else self.host
        return f"{counted(len(self.tokens), 'token')} to revoke, of {where}\n{aligned(rows)}"

    def to_json(self) -> str:
        """The plan as JSON text with a line for each token; a deleted line spares its token."""
        head = json.dumps({"host": self.host, "customer": self.customer})[:-1]
        lines = ",\n".join(json.dumps(_to_json(token)) for token in self.tokens)
        return f'{head}, "tokens": [\n{lines}\n]}}\n'

    @classmethod
    def from_json(cls, text: str) -> RevocationPlan:
        """Read a plan, from which lines may have been deleted.

        :param text: what `to_json` made.
        :raises ValueError: it is not a plan.
        """
        # Without the line of its last token, the list ends with a comma.
        value = json.loads(_LAST_COMMA.sub("]}", text_of(text)))
        if isinstance(value, list):
            raise ValueError(
                "this plan is of an older version and does not name its host: make it again"
            )
        if not isinstance(value, dict) or not isinstance(value.get("tokens"), list):
            raise ValueError("this is not a plan: it has no list of tokens")
        host, customer = value.get("host"), value.get("customer")
        if not isinstance(host, str) or not isinstance(customer, (str, type(None))):
            raise ValueError("this is not a plan: it does not name its host")
        return cls(tuple(map(_from_json, value["tokens"])), host, customer)


class RevocationOutcome(NamedTuple):
    """The result for a token of a plan."""

    token: PlannedToken
    """The token, as the plan has it."""
    status: Status
    """One of these:

    - "revoked": a listing no longer has it.
    - "gone": it was gone before.
    - "changed": skipped, as it has another name, or was used since the plan was made.
    - "own": skipped, as it is the key that the client itself uses.
    - "failed": it is still there.
    - "unknown": neither the answer nor the last listing tells.
    """
    error: ApiException | None = None
    """The error of the call, or None."""

    @property
    def is_gone(self) -> bool:
        """Whether the token does not work any more."""
        return self.status in {"revoked", "gone"}


# Plans


def plan_revocation(report: AuditReport, where: Where, *, limit: int | None = 10) -> RevocationPlan:
    """Choose tokens to revoke, without a call.

    The plan leaves out the key that the client itself uses, and of an interrupted rotation the
    tokens that may be in use.

    :param report: the audit to choose from.
    :param where: a condition such as ``never-used,age>90d``, or `Conditions`; or a function of an
        `AuditRow`; or a list of names, handles or `Secret`, as for `find`.
    :param limit: how many may be chosen; None for any number.
    :return: the plan.
    :raises ValueError: the text is not a condition.
    :raises TokenNotFound: no token has the account or the name that the condition names.
    :raises AmbiguousToken: several tokens match a reference.
    :raises TooManyTokens: more tokens were chosen.
    """
    missing: tuple[str, ...] = ()
    if isinstance(where, str):
        where = Conditions(where)
    if isinstance(where, Conditions):
        rows = where.rows_of(report)
        is_by_rule = Term("rule", INTERRUPTED) in where.terms
    elif callable(where):
        rows = [row for row in report.rows if where(row)]
        is_by_rule = True
    else:
        refs = refs_in(where)
        rows, missing = _meant(report.rows, refs)
        # As `report.findings` has them.
        is_by_rule = all(isinstance(ref, AuditRow) and INTERRUPTED in ref.flags for ref in refs)
    own = [row for row in rows if row.handle in report.own_handles]
    needed = _needed(rows, report.rows) if is_by_rule else []
    kept = [row for row in needed if row not in own]
    rows = [row for row in rows if row not in own and row not in kept]
    _require_few(len(rows), limit)
    chosen, left_out, left_in = (tuple(map(_planned, each)) for each in (rows, own, kept))
    return RevocationPlan(chosen, report.host, report.customer, missing, left_out, left_in)


def _require_few(count: int, limit: int | None) -> None:
    if limit is not None and count > limit:
        raise TooManyTokens(f"{count} tokens are more than {limit}: none was revoked")


def _meant(rows: list[AuditRow], refs: Iterable[Ref]) -> tuple[list[AuditRow], tuple[str, ...]]:
    """The rows that match references, each once, and the references without a match."""
    chosen, missing = set(), []
    for ref in refs:
        if matching(ref, rows):
            chosen.add(resolve(ref, rows).handle)
        else:
            missing.append(described(ref))
    return [row for row in rows if row.handle in chosen], tuple(missing)


def _needed(chosen: list[AuditRow], rows: Iterable[AuditRow]) -> list[AuditRow]:
    """Of each interrupted rotation among the chosen rows those tokens that may be in use.

    The token without a mark is kept, else the newest new one, else the newest old one; also a new
    one that was used or may be in a sink, and an old one that was used after it was replaced.
    """
    families: dict[object, list[AuditRow]] = {
        _family(row): [] for row in chosen if INTERRUPTED in row.flags
    }
    for row in rows if families else ():
        if _family(row) in families and _rank(row)[0]:
            families[_family(row)].append(row)
    kept = []
    for family in filter(None, families.values()):
        has_old = any(parse(row.name).mark == "old" for row in family)
        best = max(family, key=_rank)
        kept += [row for row in family if row is best or _may_work(row, best, has_old)]
    return [row for row in kept if row in chosen]


def _may_work(row: AuditRow, best: AuditRow, has_old: bool) -> bool:
    parts = parse(row.name)
    if parts.mark == "old":
        replaced = max(parts.last_used, best.created.timestamp() if best.created else 0)
        return row.last_used is not None and row.last_used.timestamp() >= replaced + 1
    return parts.mark == "" or NEVER_USED not in row.flags or not has_old


def _family(row: AuditRow) -> tuple[str | None, str]:
    return row.account, parse(row.name).name


def _rank(row: AuditRow) -> tuple[int, float]:
    """The order in which tokens of a rotation may be in use: by mark, then by age."""
    ranks = {"": 3, "new": 2, "old": 1}
    return ranks.get(parse(row.name).mark, 0), row.created.timestamp() if row.created else 0


def _planned(token: AuditRow | TokenInfo) -> PlannedToken:
    account = shown(token.account) if token.account else None
    flags = token.flags if isinstance(token, AuditRow) else ()
    return PlannedToken(token.handle, account, shown(token.name), token.last_used, flags)


def _line(token: PlannedToken, why: str) -> tuple[str, ...]:
    return token.handle, token.name, token.account or "", last_use(token), why


def _to_json(token: PlannedToken) -> dict[str, Any]:
    return {
        "handle": token.handle,
        "account": token.account,
        "name": token.name,
        "lastUsed": iso(token.last_used),
        "flags": list(token.flags),
    }


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
        raise ValueError("this is not a plan: a token has handle, account, name and lastUsed")
    if not is_handle(token.handle) or len(token.handle) < HANDLE_DIGITS:
        raise ValueError(f"a handle in a plan has {HANDLE_DIGITS} hex digits")
    return token._replace(handle=token.handle.lower()[:HANDLE_DIGITS])


# Revocation


def revoke(
    api: ApiTokenApi, what: RevocationPlan | Refs, *, limit: int | None = 10
) -> list[RevocationOutcome]:
    """Revoke tokens. If one fails, the others are still revoked.

    Calls ``get_customer_tokens`` before each ten tokens, then ``delete_customer_token`` for each,
    which has the token in its body and not in its URL; at the end ``get_customer_tokens`` again,
    for up to 10 seconds if tokens are still there.

    :param api: a client; its account needs the permission Accounts.
    :param what: a plan; or references to tokens, as for `find`, or the tokens that it returned.
    :param limit: how many may be revoked without a plan; None for any number.
    :return: an outcome for each token, in the order of the plan.
    :raises WrongTenant: the plan is for another host or customer; nothing was revoked.
    :raises TokenNotFound: no token of the plan is there, or a reference matches none.
    :raises AmbiguousToken: several tokens match a reference; nothing was revoked.
    :raises TooManyTokens: more tokens match; nothing was revoked.
    :raises RefusedOwnKey: the only token is the key that the client itself uses.
    :raises ApiException: the first listing failed; nothing was revoked.
    """
    require_api(api)
    if isinstance(what, RevocationPlan):
        _require_same("host", what.host, api.api_client.configuration.host)
    models = models_of_customer(api)
    if isinstance(what, RevocationPlan):
        _require_same("customer", what.customer, customer_of(models))
        planned = what.tokens
    else:
        planned = _planned_now(models, what, limit)
    listed = _by_handle(models)
    _require_there(api, planned, listed, models.is_whole)
    outcomes: list[RevocationOutcome] = []
    for start in range(0, len(planned), BATCH):
        batch = planned[start : start + BATCH]
        try:
            if start:
                models = models_of_customer(api)
                listed = _by_handle(models)
        except ApiException as error:
            outcomes += [RevocationOutcome(token, "failed", error) for token in batch]
        else:
            absent: Status = "gone" if models.is_whole else "unknown"
            outcomes += [_attempt(api, token, listed.get(token.handle), absent) for token in batch]
    return _settled(api, outcomes)


def _require_same(what: str, planned: str | None, found: str | None) -> None:
    if planned != found:
        raise WrongTenant(
            f"the plan is for the {what} {planned}, and this client is for {found}: nothing was"
            " revoked"
        )


def _planned_now(
    models: Iterable[ApiTokenModel], refs: Refs, limit: int | None
) -> tuple[PlannedToken, ...]:
    """The tokens that match references, as they are listed now."""
    tokens, given = [TokenInfo(model) for model in models], refs_in(refs)
    unknown = [ref for ref in given if not matching(ref, tokens)]
    if unknown:
        raise not_found(unknown)
    found = [_planned(resolve(ref, tokens)) for ref in given]
    planned = tuple({token.handle: token for token in found}.values())
    _require_few(len(planned), limit)
    return planned


def _require_there(
    api: ApiTokenApi, planned: Sequence[PlannedToken], listed: Container[str], is_whole: bool
) -> None:
    """Raise if a plan has nothing to revoke: only the own key, or only tokens that are gone."""
    own = {key.handle for key in own_keys(api)}
    if planned and all(token.handle in own for token in planned):
        raise RefusedOwnKey(f"token {planned[0].handle} is the key that the client itself uses")
    if planned and is_whole and not any(token.handle in listed for token in planned):
        handles = ", ".join(token.handle for token in planned)
        raise TokenNotFound(
            f"none of these tokens is there: {handles}; they were revoked before, or are those of"
            " another customer"
        )


def _by_handle(models: Iterable[ApiTokenModel]) -> dict[str, TokenInfo]:
    return {token.handle: token for token in map(TokenInfo, models)}


def _attempt(
    api: ApiTokenApi, planned: PlannedToken, found: TokenInfo | None, absent: Status
) -> RevocationOutcome:
    """Revoke a token, unless it has changed; a listing has to confirm the outcome.

    :param absent: the status of a token that is not listed.
    """
    if found is None:
        return RevocationOutcome(planned, absent)
    if found.secret in own_keys(api):
        return RevocationOutcome(planned, "own")
    if _planned(found).state != planned.state:
        return RevocationOutcome(planned, "changed")
    try:
        body = UserApiToken(token_id=found.secret.reveal())
        response_of(api.delete_customer_token(body=body))
    except ApiException as error:
        return RevocationOutcome(planned, "failed", error)
    return RevocationOutcome(planned, "revoked")


def _settled(api: ApiTokenApi, outcomes: list[RevocationOutcome]) -> list[RevocationOutcome]:
    """The outcomes by the tokens that are left, whatever the answers were; listings may lag."""
    awaited = {outcome.token.handle for outcome in outcomes if _may_be_done(outcome)}
    if not awaited:
        return outcomes
    try:
        models = _clock.wait_for(
            lambda: models_of_customer(api),
            lambda models: awaited.isdisjoint(_by_handle(models)),
            PATIENCE,
        )
    except ApiException as error:
        return [_in_doubt(outcome, error) for outcome in outcomes]
    left = _by_handle(models)
    return [_seen(outcome, left, models.is_whole) for outcome in outcomes]


def _may_be_done(outcome: RevocationOutcome) -> bool:
    error = outcome.error
    return outcome.status == "revoked" or (error is not None and error.outcome_unknown)


def _in_doubt(outcome: RevocationOutcome, error: ApiException | None) -> RevocationOutcome:
    if not _may_be_done(outcome):
        return outcome
    return outcome._replace(status="unknown", error=outcome.error or error)


def _seen(outcome: RevocationOutcome, left: Container[str], is_whole: bool) -> RevocationOutcome:
    if not _may_be_done(outcome):
        return outcome
    if outcome.token.handle in left:
        return outcome._replace(status="failed" if outcome.error else "unknown")
    if not is_whole:
        return outcome._replace(status="unknown")
    return outcome._replace(status="revoked", error=None)
