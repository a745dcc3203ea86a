"""Revoke: what a plan says, and nothing that has changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wavefront_api_client.exceptions import ApiException
from wavefront_api_client.models import UserApiToken
from wavefront_api_client.tokens._account import own_keys
from wavefront_api_client.tokens._listing import response_of, tokens_of_customer
from wavefront_api_client.tokens._plan import PlannedToken
from wavefront_api_client.tokens.errors import RefusedOwnKey

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    from wavefront_api_client import ApiTokenApi
    from wavefront_api_client.tokens._plan import RevocationPlan
    from wavefront_api_client.tokens._token import TokenInfo

    Status = Literal["revoked", "gone", "changed", "failed", "unknown"]


class RevocationOutcome(NamedTuple):
    """What became of a token of a plan."""

    token: PlannedToken
    """As the plan has it."""
    status: Status
    """"revoked"; "gone" before; "changed" since the plan, so that it was left alone; "failed", it
    is there; or "unknown", for the service could not be asked any more."""
    error: ApiException | None = None
    """Why the call failed."""

    @property
    def is_gone(self) -> bool:
        """Whether the token works no more."""
        return self.status in {"revoked", "gone"}


def revoke(api: ApiTokenApi, plan: RevocationPlan) -> list[RevocationOutcome]:
    """Revoke the tokens of a plan. One that fails does not stop the others.

    Calls ``get_customer_tokens``, then ``delete_customer_token`` for each, which has the token in
    its body and not in its URL, then ``get_customer_tokens`` to see what is left.

    :param api: a client; its account needs the permission Accounts.
    :param plan: what to revoke.
    :return: an outcome for each token, in the order of the plan.
    :raises RefusedOwnKey: the key that the client itself uses is in the plan; nothing was revoked.
    :raises ApiException: the first listing failed; nothing was revoked.
    """
    _refuse_own_key(api, plan)
    listed: dict[str, list[TokenInfo]] = {}
    for token in tokens_of_customer(api):
        listed.setdefault(token.handle, []).append(token)
    outcomes = [_attempt(api, token, listed.get(token.handle, [])) for token in plan.tokens]
    return _settled(api, outcomes)


def _refuse_own_key(api: ApiTokenApi, plan: RevocationPlan) -> None:
    own = {key.handle for key in own_keys(api)}
    for token in plan.tokens:
        if token.handle in own:
            raise RefusedOwnKey(f"token {token.handle} is the key that the client itself uses")


def _attempt(
    api: ApiTokenApi, planned: PlannedToken, found: Sequence[TokenInfo]
) -> RevocationOutcome:
    if not found:
        return RevocationOutcome(planned, "gone")
    if [_state_of(token) for token in found] != [planned.state]:
        return RevocationOutcome(planned, "changed")
    try:
        body = UserApiToken(token_id=found[0].secret.reveal())
        response_of(api.delete_customer_token(body=body))
    except ApiException as error:
        return RevocationOutcome(planned, "failed", error)
    return RevocationOutcome(planned, "revoked")


def _state_of(token: TokenInfo) -> tuple[object, ...]:
    return PlannedToken(token.handle, token.account, token.name, token.last_used).state


def _settled(api: ApiTokenApi, outcomes: list[RevocationOutcome]) -> list[RevocationOutcome]:
    """The outcomes by what is left: a lost answer may have been that of a success."""
    if not any(outcome.status in {"revoked", "failed"} for outcome in outcomes):
        return outcomes
    try:
        left = {token.handle for token in tokens_of_customer(api)}
    except ApiException:
        return [_in_doubt(outcome) for outcome in outcomes]
    return [_seen(outcome, left) for outcome in outcomes]


def _in_doubt(outcome: RevocationOutcome) -> RevocationOutcome:
    is_unknown = outcome.error is not None and outcome.error.outcome_unknown
    return outcome._replace(status="unknown") if is_unknown else outcome


def _seen(outcome: RevocationOutcome, left: set[str]) -> RevocationOutcome:
    if outcome.status not in {"revoked", "failed"}:
        return outcome
    if outcome.token.handle in left:
        return outcome._replace(status="failed")
    return outcome._replace(status="revoked", error=None)
