"""Bring about what a file of tokens says: `plan` tells what each token needs, `apply` does it.

`plan` says what it finds in one listing per account. `apply` does the same; where something
differs, it lists again and runs the `Rotation` of the token, which decides for itself. Accounts
are worked on side by side, the tokens of one account one after the other.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple

from wavefront_api_client.tokens import _clock
from wavefront_api_client.tokens._account import (
    MOST_TOKENS,
    Account,
    own_keys,
    present,
    require_account,
    require_api,
    service_time,
)
from wavefront_api_client.tokens._clock import in_words
from wavefront_api_client.tokens._marks import parse
from wavefront_api_client.tokens._mint import is_at_mint
from wavefront_api_client.tokens._pace import Gate
from wavefront_api_client.tokens._rotate import (
    NEVER,
    NOTHING,
    Rotation,
    RotationResult,
    Seen,
    Step,
    is_due,
    next_step,
    was_used,
)
from wavefront_api_client.tokens._token import listed
from wavefront_api_client.tokens._wanted import WantedToken
from wavefront_api_client.tokens.errors import NoFreeSlot, RotationPending, TokenInUse
from wavefront_api_client.tokens.sinks import FileSink, KeyringSink
from wavefront_api_client.types import AccountType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from wavefront_api_client import ApiTokenApi
    from wavefront_api_client.tokens._audit import AuditReport, AuditRow
    from wavefront_api_client.tokens._token import TokenInfo

JOBS = 8
"""Accounts that are worked on at once."""

Action = Literal[
    "mint",
    "deliver",
    "rotate",
    "finish",
    "extend",
    "restore",
    "clean up",
    "wait",
    "none",
    "unknown",
]

_INTERRUPTED = "an earlier run was interrupted"
_ACTIONS: dict[Step, tuple[Action, str]] = {
    Step.NAME: ("rotate", _INTERRUPTED),
    Step.RESTORE: ("restore", "the new token is gone"),
    Step.ASIDE: ("clean up", _INTERRUPTED),
    Step.DROP: ("clean up", _INTERRUPTED),
}
"""What a step means whatever else is known."""

_KINDS: dict[type, str] = {FileSink: "file", KeyringSink: "keyring"}

_OUTCOMES = {
    "delete": "rotated",
    "name": "minted",
    "deliver": "delivered",
    "drop": "cleaned up",
}
"""What has been done, by the first of these steps that a rotation took."""


@dataclass(frozen=True)
class Change:
    """What a token needs, and what has been done about it."""

    wanted: WantedToken
    """The token, as the file has it."""
    action: Action
    """What it needs:

    - "mint": there is none of the name, or an interrupted run has begun to make it.
    - "deliver": the sink does not hold it.
    - "rotate": it is due, or an interrupted run has begun to replace it.
    - "finish": the grace is over, and the old token can be deleted.
    - "extend": the grace is over, but the old token was used: another grace begins.
    - "restore": the new token is gone, and the old one gets its name back.
    - "clean up": unused tokens of an interrupted run are to be deleted.
    - "wait": the grace is not over.
    - "none": nothing.
    - "unknown": it could not be looked at, see `error`.
    """
    reason: str
    """Why, for people."""
    result: RotationResult | None = None
    """What `apply` has done; its outcome is "planned" if that was nothing, and None stands for a
    token that could not be looked at."""
    error: Exception | None = None
    """What went wrong, or would; or None."""

    @property
    def differs(self) -> bool:
        """Whether the token is not as the file wants it; one that waits is."""
        return self.action not in {"none", "wait"}

    @property
    def outcome(self) -> str:
        """What has been done.

        One of "minted", "delivered", "rotated", "cleaned up", "unchanged", "failed"; "waiting" and
        "unverified" as in a `RotationResult`; "in use" for a `TokenInUse`; "planned" if nothing has
        been done yet.
        """
        if self.error is not None:
            is_in_use = isinstance(self.error, TokenInUse) and self.wanted.has_grace
            return "in use" if is_in_use else "failed"
        if self.result is None or self.result.outcome == "planned":
            return {"none": "unchanged", "wait": "waiting"}.get(self.action, "planned")
        if self.result.outcome in {"waiting", "unverified"}:
            return self.result.outcome
        done = {step.partition(" ")[0] for step in self.result.steps}
        return next((word for step, word in _OUTCOMES.items() if step in done), "unchanged")


def plan(api: ApiTokenApi, wanted: Iterable[WantedToken], *, jobs: int = JOBS) -> list[Change]:
    """Tell what each token needs, and change nothing.

    Calls ``get_tokens_service_account`` once for each account, and ``get_all_tokens`` once for
    your own tokens.

    :param api: a client.
    :param wanted: the tokens, such as `read_tokens_file` returns; all of one instance.
    :param jobs: how many accounts are looked at side by side; 1 for one after the other, in this
        thread.
    :return: what each needs, in the same order. What could not be looked at or would fail has an
        `error`.
    :raises ValueError: the tokens have several profiles, or two are the same.
    """
    wanted, gate = _checked(api, wanted), Gate()
    with gate.of(api.api_client.configuration):
        return _in_order(wanted, [found.changes for found in _look_at(api, wanted, jobs, gate)])


def apply(
    api: ApiTokenApi,
    wanted: Iterable[WantedToken],
    *,
    jobs: int = JOBS,
    on_change: Callable[[Change], object] = lambda change: None,
) -> list[Change]:
    """Mint, deliver, rotate and finish tokens, each as it needs; run it again until nothing waits.

    It is `rotate` for each token, but also makes the first token of a name: kills, lost answers
    and other runs at the same time do no harm. Tokens that are not wanted here are not touched,
    and none is deleted that a rotation has not marked.

    Calls what `plan` calls; for what differs, what `rotate` calls. The account with the key of the
    client itself comes last. When the service asks one call to come back later, all of them wait.

    :param api: a client.
    :param wanted: as for `plan`.
    :param jobs: as for `plan`.
    :param on_change: called with each `Change` when it is made, by several threads.
    :return: what has been done for each, in the same order. What failed has an `error`, and the
        others are done.
    :raises ValueError: as for `plan`.
    """
    wanted, gate = _checked(api, wanted), Gate()
    done: list[list[Change]] = []
    with gate.of(api.api_client.configuration):
        looked = _look_at(api, wanted, jobs, gate)
        for is_own in (False, True):
            todo = [partial(_act, each, on_change) for each in looked if each.has_own_key is is_own]
            done += gate.side_by_side(todo, jobs)
    return _in_order(wanted, done)


def unmanaged(report: AuditReport, wanted: Iterable[WantedToken]) -> list[AuditRow]:
    """Find the tokens of a customer that no entry of a file names; `apply` does not touch them.

    :param report: what `audit` returned; entries without an account are of the account of its key.
    :param wanted: as for `plan`.
    :return: their rows, in the order of the service.
    """
    own = [row.account for row in report.rows if row.handle in report.own_handles]
    names = {
        (account, each.name)
        for each in wanted
        for account in (own if each.account is None else [each.account])
    }
    return [row for row in report.rows if (row.account, parse(row.name).name) not in names]


def _checked(api: ApiTokenApi, wanted: Iterable[WantedToken]) -> list[WantedToken]:
    require_api(api)
    found = list(wanted)
    for each in found:
        if not isinstance(each, WantedToken):
            raise TypeError(f"wanted holds WantedTokens, not {type(each).__name__}")
    if len({each.profile for each in found}) > 1:
        raise ValueError("the tokens have several profiles: choose those of this instance")
    if len({_key(each) for each in found}) < len(found):
        raise ValueError("two of the tokens are the same")
    return found


def _key(wanted: WantedToken) -> tuple[str | None, str]:
    return wanted.account, wanted.name


def _in_order(wanted: list[WantedToken], changes: Sequence[list[Change]]) -> list[Change]:
    found = {_key(change.wanted): change for of_account in changes for change in of_account}
    return [found[_key(each)] for each in wanted]


class _Looked(NamedTuple):
    """What the tokens of one account need."""

    account: Account
    changes: list[Change]
    has_own_key: bool
    """Whether the key of the client is one of its tokens."""


def _look_at(api: ApiTokenApi, wanted: list[WantedToken], jobs: int, gate: Gate) -> list[_Looked]:
    """What the tokens of each account need: while some are listed, this thread looks at others."""
    groups: dict[str | None, list[WantedToken]] = defaultdict(list)
    for each in wanted:
        groups[each.account].append(each)
    accounts = [Account(api, name, before_call=gate.wait) for name in groups]
    listings = gate.side_by_side([partial(_tokens_of, each) for each in accounts], jobs)
    # The listings come first, so that they are read to their end, which lets the threads go.
    return [_look(*each) for each in zip(listings, accounts, groups.values())]


def _tokens_of(account: Account) -> list[TokenInfo] | Exception:
    try:
        require_account(account.api, account.id)
        return account.tokens()
    except Exception as error:
        return error


def _look(
    tokens: list[TokenInfo] | Exception, account: Account, wanted: list[WantedToken]
) -> _Looked:
    """What the tokens of one account need, by one listing."""
    if isinstance(tokens, Exception):
        return _Looked(account, [_unknown(each, tokens) for each in wanted], False)
    if account.id is None and tokens and AccountType.is_service_account(tokens[0].account_type):
        # A service account makes no tokens of its own: the call for service accounts does.
        account.id = tokens[0].account
    by_name = defaultdict(list)
    for token in tokens:
        by_name[parse(token.name).name].append(token)
    changes = [_change(account, each, by_name[each.name]) for each in wanted]
    changes = _within(MOST_TOKENS - len(tokens), changes)
    own = own_keys(account.api)
    return _Looked(account, changes, any(token.secret in own for token in tokens))


def _within(room: int, changes: list[Change]) -> list[Change]:
    """The changes of an account with so many free slots; what finds none has an error."""
    found = []
    for change in changes:
        action, error = change.action, change.error
        is_made = action in {"mint", "rotate"} and change.reason != _INTERRUPTED
        if is_made and room <= 0:
            problem = f"the account holds {MOST_TOKENS} tokens then, and that is the most"
            error = NoFreeSlot(f"{problem}: revoke an unused one")
        # Without a grace, a rotation gives its slot back at once; so does the end of one.
        stays = is_made and (action == "mint" or change.wanted.has_grace)
        room += (action == "finish") - stays
        found.append(replace(change, error=error))
    return found


def _unknown(wanted: WantedToken, error: Exception) -> Change:
    return Change(wanted, "unknown", "see the error", error=error)


def _change(account: Account, wanted: WantedToken, tokens: list[TokenInfo]) -> Change:
    """What a token needs.

    :param tokens: those of its name, with and without marks.
    """
    try:
        rotation = _rotation(account, wanted, tokens)
        seen = rotation.look(tokens)
        action, reason = _needed(rotation, seen, present(account.api))
    except Exception as error:
        return _unknown(wanted, error)
    change = Change(wanted, action, reason, rotation.result("planned", seen, ()))
    try:
        # What surely holds the token needs no check.
        if action == "rotate" or not {each.handle for each in seen.current} & seen.held:
            wanted.check()
    except Exception as error:
        return replace(change, error=error)
    return change


def _rotation(account: Account, wanted: WantedToken, tokens: list[TokenInfo]) -> Rotation:
    """The rotation of a token; it begins with making the token if there is none."""
    now = service_time(account.api)
    marked = [(parse(each.name), each) for each in tokens]
    of_name = [(parts.mark, each) for parts, each in marked if parts.name == wanted.name]
    marks = {mark for mark, _ in of_name}
    begun = [each for mark, each in of_name if mark == "mint" and is_at_mint(each, now)]
    if begun and marks == {"mint"}:
        raise RotationPending(f"a mint has left {listed(begun)}: run mint again first", begun)
    return Rotation(
        account,
        wanted.name,
        "" if marks & {"", "old"} else NOTHING,
        wanted.sink,
        _clock.duration(wanted.grace, "grace"),
        NEVER if wanted.older_than is None else _clock.duration(wanted.older_than, "older_than"),
        wanted.verify,
        may_begin=True,
    )


def _needed(rotation: Rotation, seen: Seen, now: datetime) -> tuple[Action, str]:
    """What comes next, and why."""
    step = next_step(seen)
    if step in _ACTIONS:
        return _ACTIONS[step]
    if step is Step.HAND_OVER:
        return "rotate" if seen.current else "mint", _INTERRUPTED
    if not seen.current:
        return "mint", "there is no token of this name"
    (current,) = seen.current
    age = f"{in_words(now - current.created)} old" if current.created else "of unknown age"
    is_lacking = current.handle in seen.lacking
    if (
        step is Step.MINT
        and (current.created or not is_lacking)
        and is_due(current, rotation.older_than, now)
    ):
        return "rotate", age
    if is_lacking:
        return "deliver", f"the {_KINDS.get(type(rotation.sink), 'sink')} does not hold it"
    return _needed_of_old(seen.old[0], current, now) if seen.old else ("none", age)


def _needed_of_old(old: TokenInfo, new: TokenInfo, now: datetime) -> tuple[Action, str]:
    """What an old token needs whose successor is delivered, and why."""
    deadline = parse(old.name).deadline
    if deadline is not None and now < deadline:
        return "wait", f"the grace ends in {in_words(deadline - now)}"
    if was_used(old, new):
        return "extend", "the old token was used after the new one had taken its place"
    return "finish", "the grace is over"


def _act(looked: _Looked, tell: Callable[[Change], object]) -> list[Change]:
    """Do what the tokens of one account need."""
    done = []
    for change in looked.changes:
        # What could not be looked at, or not be delivered, stays; a slot may be free by now.
        may_succeed = change.error is None or isinstance(change.error, NoFreeSlot)
        done.append(_done(looked.account, change) if change.differs and may_succeed else change)
        tell(done[-1])
    return done


def _done(account: Account, change: Change) -> Change:
    """Run the rotation; once more where another run came in between, or it was taken back."""
    failure: Exception | None = None
    for _ in range(2):
        try:
            return replace(change, result=_run(account, change.wanted), error=None)
        except RotationPending as error:
            failure = error
        except Exception as error:
            return replace(change, error=error)
    return replace(change, error=failure)


def _run(account: Account, wanted: WantedToken) -> RotationResult:
    tokens = account.tokens()
    return _rotation(account, wanted, tokens).run(tokens)
