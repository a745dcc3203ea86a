"""Rotate and finish: a loop that observes, decides and takes one step at a time.

The next step depends on one observation: the names of the tokens and the content of the sink.

========  ========  =======  =============================================================
current   new       old      next step
========  ========  =======  =============================================================
target    none      none     MINT a new token, if the target is due; else DONE
another   none      none     DONE: the rotation is over
none      none      none     MINT the first token, if a file asks for it
one       one       none     HAND_OVER: prove the new token, deliver it, mark the target old
none      one       none     HAND_OVER: prove the new token, deliver it, give it the name
none      one       one      NAME the new token
one       none      one      RETIRE: wait for the deadline, then delete the old token
none      none      one      RESTORE: the new token is gone, the old one gets its name back
========  ========  =======  =============================================================

Before these: new tokens of slower runs are marked ``~out`` (ASIDE), and tokens with this mark that
were not used are deleted (DROP). Any other combination is an error, and stays unchanged. A run
returns only when the sink has the current token, or cannot tell.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Literal, NamedTuple

from wavefront_api_client.exceptions import NotFoundException
from wavefront_api_client.tokens import _clock
from wavefront_api_client.tokens._account import (
    PATIENCE,
    Account,
    find_in,
    is_onboarded,
    listed_by,
    own_keys,
    present,
    require_account,
    require_api,
    service_time,
    use_key,
    with_key,
)
from wavefront_api_client.tokens._find import (
    ambiguous,
    locate,
    matching,
    not_found,
    one_ref,
)
from wavefront_api_client.tokens._marks import deadline_of, parse, replaced, with_word
from wavefront_api_client.tokens._mint import (
    amid_rotation,
    hand_over,
    is_abandoned,
    is_at_mint,
    make,
    require_sink,
)
from wavefront_api_client.tokens._token import LONG_AGO, Secret, listed, quoted
from wavefront_api_client.tokens.errors import (
    AmbiguousToken,
    RefusedOwnKey,
    RotationPending,
    TokenInUse,
    TokenOperationError,
    VerificationFailed,
)
from wavefront_api_client.types import AccountType

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from wavefront_api_client import ApiTokenApi
    from wavefront_api_client.tokens._find import Ref
    from wavefront_api_client.tokens._token import TokenInfo
    from wavefront_api_client.tokens.sinks import Sink

    Verify = Callable[[Secret], object]

MOST_STEPS = 20
"""Most steps of a run: a rotation takes six, and some more if another run is at work."""

NOTHING = "-"
"""The target where the first token of a name is being made: it replaces none."""

NEVER = timedelta.max
"""The age at which a token is due that is not to be replaced."""

PROOF_PATIENCE = timedelta(seconds=60)
"""How long to wait until a new key works."""

Outcome = Literal["rotated", "waiting", "unverified", "not due", "nothing", "planned"]


class Step(Enum):
    """The next step of a rotation."""

    MINT = "mint"
    HAND_OVER = "hand over"
    NAME = "name"
    RETIRE = "retire"
    RESTORE = "restore"
    ASIDE = "put aside"
    DROP = "drop"
    DONE = "done"


@dataclass(frozen=True)
class RotationResult:
    """The state of a rotation after a run."""

    outcome: Outcome
    """Its state:

    - "rotated": the old token is deleted.
    - "waiting": the new token is delivered, and the old one works until `deadline`.
    - "unverified": the sink cannot tell what it holds; the old token stays until `finish`.
    - "not due": the token is not older than was asked for.
    - "nothing": there was nothing to finish.
    - "planned": this was a `dry_run`; `steps` says what would be done.
    """
    name: str = field(repr=False)
    """What the token is called."""
    token: TokenInfo | None = None
    """The token to use; None if it is not made yet."""
    old: TokenInfo | None = None
    """The token that was replaced and still works; None if it is gone."""
    deadline: datetime | None = None
    """When the old token may be deleted; UTC."""
    steps: tuple[str, ...] = ()
    """What this run did, in order."""

    @property
    def is_done(self) -> bool:
        """Whether the rotation needs no other run."""
        return self.outcome in {"rotated", "not due", "nothing"}


def rotate(
    api: ApiTokenApi,
    ref: Ref,
    *,
    sink: Sink,
    account: str | None = None,
    grace: timedelta | str = timedelta(days=1),
    older_than: timedelta | str | None = None,
    verify: Verify | None = None,
    dry_run: bool = False,
    patience: timedelta | str = PATIENCE,
) -> RotationResult:
    """Replace an old token by a new one; run it again until it is done.

    At each step the sink holds a token that works, and the account holds at most one token more
    than before. The progress is in the names of the tokens, ``ci ~new-`` with random digits and
    ``ci ~old-1f3a9c2e-20261005T1200Z``: if a run is killed, the next one continues.

    After its deadline, by the clock of the service, the old token is deleted with the new one as
    the key, if the sink holds the new one, and the old one has not been used meanwhile. If it
    was, or if the sink had lost the new one, another grace begins. A client whose own key is
    rotated switches to the new one when the sink has it: the key in its `Configuration`, or the
    bearer in its headers, is replaced.

    With credentials of VMware Cloud services, a token is not a key: the listing proves the new one,
    and the old one is deleted with an access token.

    Calls ``get_all_tokens``, also with the new key and with a random one; the calls of the account
    that list, make and rename tokens (see `mint`); and ``delete_token``.

    :param api: a client.
    :param ref: name, handle, `Secret`, `TokenInfo` or row. Use the name: after the rotation, the
        others belong to the old token. If several tokens share the name, use a handle.
    :param sink: where the new token goes.
    :param account: id of the service account that holds it; None to look for it among the
        caller's own tokens, then among all that the caller may list.
    :param grace: how long the old token works after the new one was delivered; with 0, it is
        deleted in the same run.
    :param older_than: no rotation begins before the token has this age.
    :param verify: called with the new `Secret` once a second, for a minute at most, until it
        returns something true; by default the new key has to list the old token.
    :param dry_run: whether to return the steps without taking them.
    :param patience: how long to look for a token whose answer was lost.
    :return: the state of the rotation, and what this run did.
    :raises ValueError: a duration is negative, or more than a hundred years.
    :raises TokenNotFound: no token that the caller may list matches.
    :raises AmbiguousToken: several tokens match.
    :raises NoFreeSlot: the account holds as many tokens as it may; nothing was written.
    :raises MintOutcomeUnknown: a token may have been made that cannot be told from others.
    :raises VerificationFailed: the new token does not work; the old one stays as it is.
    :raises DeliveryFailed: the sink does not take or hold the new token; the old one stays.
    :raises TokenInUse: the old token was used after it had been replaced; it stays.
    :raises RefusedOwnKey: a hook gives the client the old token again; it stays.
    :raises RotationPending: the tokens are in a state that no rotation leaves, or the new token
        is gone and the old one has its name back.
    :raises TokenOperationError: the token has no name, the service changed a name, or it does not
        say how old the token is; or the client uses credentials of VMware Cloud services, and no
        account is named.
    """
    if verify is not None and not callable(verify):
        raise TypeError(f"verify must be a function of a Secret, not {type(verify).__name__}")
    length = _clock.duration(grace, "grace")
    age = None if older_than is None else _clock.duration(older_than, "older_than")
    rotation, tokens = _find_rotation(api, ref, account, sink, patience)
    rotation.grace, rotation.older_than, rotation.verify = length, age, verify
    return rotation.plan(tokens) if dry_run else rotation.run(tokens)


def finish(
    api: ApiTokenApi,
    ref: Ref,
    *,
    sink: Sink,
    account: str | None = None,
    patience: timedelta | str = PATIENCE,
) -> RotationResult:
    """End a rotation now, without waiting for the deadline; do not begin another one.

    Call it if the sink cannot tell what it holds, after you have checked that the new token is in
    its place. Everything else is as in `rotate`.

    Calls what `rotate` calls, but makes no token.

    :param api: a client.
    :param ref: as for `rotate`.
    :param sink: where the new token is.
    :param account: as for `rotate`.
    :param patience: as for `rotate`.
    :return: the state of the rotation, and what this run did.
    :raises RefusedOwnKey: the client itself uses the old token.
    :raises TokenOperationError: any of those that `rotate` raises.
    """
    rotation, tokens = _find_rotation(api, ref, account, sink, patience)
    rotation.finishes = True
    return rotation.run(tokens)


class Seen(NamedTuple):
    """One observation: the tokens of a name by their marks, and those that the sink holds."""

    name: str
    target: str
    """Handle of the token that is to be replaced."""
    sharing: list[TokenInfo]
    """Those that have the name without a mark."""
    current: list[TokenInfo]
    """Of these the one that is rotated; several, if that is unknown."""
    new: list[TokenInfo]
    """The one to go on with first."""
    old: list[TokenInfo]
    out: list[TokenInfo]
    held: frozenset[str] = frozenset()
    """Handles of those that the sink surely holds."""
    lacking: frozenset[str] = frozenset()
    """Handles of those that the sink surely does not hold."""
    made: str = ""
    """Handle of the token that this run has made."""
    is_begun: bool = False
    """Whether `mint` is at work with a token for this name."""

    @property
    def tokens(self) -> list[TokenInfo]:
        """All of them."""
        return [*self.current, *self.new, *self.old, *self.out]

    @property
    def spare(self) -> list[TokenInfo]:
        """The new tokens that no rotation goes on with."""
        is_over = self.current and (self.old or self.current[0].handle != self.target)
        # Of mint and a run that makes the first token, each gives way to the other that it sees.
        is_mints = self.is_begun and self.target == NOTHING
        return self.new if is_over or is_mints else self.new[1:]


def _find_rotation(
    api: ApiTokenApi, ref: Ref, account: str | None, sink: Sink, patience: timedelta | str
) -> tuple[Rotation, list[TokenInfo]]:
    """The rotation of the token that matches a reference, and the tokens of its account."""
    require_sink(sink)
    require_api(api)
    ref = one_ref(ref)
    require_account(api, account)
    wait = _clock.duration(patience, "patience")

    def meant(tokens: list[TokenInfo]) -> list[TokenInfo]:
        return [*matching(ref, tokens), *amid_rotation((ref,), tokens)]

    holder, tokens = locate(api, account, meant)
    holder.patience = wait
    found = list({token.secret: token for token in meant(tokens)}.values())
    if not found:
        raise not_found([ref])
    parts = [parse(token.name) for token in found]
    name = parts[0].name
    if any(each.name != name for each in parts):
        raise ambiguous(ref, found)
    if not name:
        raise TokenOperationError(
            "the token has no name, and names tell how far a rotation is: give it one first", found
        )
    if all(each.mark == "mint" for each in parts):
        raise RotationPending(
            f"an interrupted mint has left {listed(found)}: run mint again first", found
        )
    if holder.id is None and AccountType.is_service_account(found[0].account_type):
        # A service account makes no tokens of its own: the call for service accounts does.
        holder.id = found[0].account
    replaceable = [token.handle for token in found if parse(token.name).mark in ("", "old")]
    target = replaceable[0] if len(replaceable) == 1 else ""
    return Rotation(holder, name, target, sink), tokens


def observe(
    name: str,
    target: str,
    tokens: list[TokenInfo],
    sink: Sink,
    now: datetime | None,
    made: str = "",
) -> Seen:
    """Make an observation.

    :param target: handle of the token that is to be replaced, "" if only the name is known.
    :param tokens: all of the account.
    :param now: the time of the service, None if it does not tell.
    :param made: handle of the token that this run has made.
    """
    by_mark: dict[str, list[TokenInfo]] = {mark: [] for mark in ("", "new", "old", "out", "mint")}
    for token in tokens:
        parts = parse(token.name)
        if parts.name == name:
            by_mark[parts.mark].append(token)
    sharing, new, old = by_mark[""], by_mark["new"], by_mark["old"]
    out = [*by_mark["out"], *(each for each in by_mark["mint"] if is_abandoned(each, now))]
    is_begun = any(is_at_mint(each, now) for each in by_mark["mint"])
    answers = {each.handle: sink.matches(each.secret) for each in [*sharing, *new, *out]}
    held = frozenset(handle for handle, answer in answers.items() if answer)
    lacking = frozenset(handle for handle, answer in answers.items() if answer is False)
    if old:
        target = old[0].handle
    current = sharing
    known = [token for token in sharing if token.handle == target]
    if known or not target:
        current = known or sharing
    elif target != NOTHING and any(token.handle in held for token in new):
        # The new token has no name yet: none of these has followed the target.
        current = [token for token in sharing if token.handle not in lacking]
    elif len(sharing) > 1:
        current = [token for token in sharing if token.handle in held] or sharing
    # What the sink has comes first, then what was used and may be in another sink, then the oldest.
    new.sort(
        key=lambda each: (
            each.handle not in held,
            not each.last_used,
            each.created or LONG_AGO,
            each.handle == made,
            each.handle,
        )
    )
    target = target or next((token.handle for token in current), NOTHING if new else "")
    return Seen(name, target, sharing, current, new, old, out, held, lacking, made, is_begun)


def next_step(seen: Seen) -> Step:
    """The next step; raise for a combination that no rotation leaves."""
    if len(seen.current) > 1:
        raise ambiguous(seen.name, seen.current)
    if seen.out:
        return Step.DROP
    if len(seen.old) > 1 or any(_may_be_needed(token, seen) for token in seen.spare):
        raise _unexpected(seen)
    if seen.spare:
        return Step.ASIDE
    found = bool(seen.current), bool(seen.new), bool(seen.old)
    if found == (True, False, False):
        return Step.MINT if seen.current[0].handle == seen.target else Step.DONE
    if found == (False, False, False) and seen.target == NOTHING:
        return Step.MINT
    if found not in _STEPS:
        raise _unexpected(seen)
    return _STEPS[found]


_STEPS = {
    (True, True, False): Step.HAND_OVER,
    (False, True, False): Step.HAND_OVER,
    (False, True, True): Step.NAME,
    (True, False, True): Step.RETIRE,
    (False, False, True): Step.RESTORE,
}
"""The next step, by whether there is a current token, a new one and an old one."""


def _may_be_needed(token: TokenInfo, seen: Seen) -> bool:
    """Whether a new token may be in a sink: one of a run that lost is unused, and the youngest."""
    if token.last_used or token.handle in seen.held:
        return True
    if not token.is_unused and token.handle != seen.made:
        # The service does not say whether anybody uses it.
        return True
    made = token.created
    return any(made and each.created and made < each.created for each in seen.current)


def _unexpected(seen: Seen) -> RotationPending:
    """The error for a combination that no rotation leaves."""
    return RotationPending(
        f"nothing was changed: a rotation of {quoted(seen.name)} does not leave these tokens"
        f" behind: {listed(seen.tokens)}; rename or delete those that should not be there",
        seen.tokens,
    )


def is_due(token: TokenInfo, older_than: timedelta | None, now: datetime) -> bool:
    """Whether a token is old enough; with None, each is, with `NEVER`, none."""
    if older_than is None or older_than == NEVER:
        return older_than is None
    if token.created is None:
        raise TokenOperationError(
            f"the service does not say how old token {token.handle} is: rotate it regardless of"
            " its age",
            [token],
        )
    return now - token.created >= older_than


def was_used(old: TokenInfo, new: TokenInfo) -> bool:
    """Whether a token has been used since another one took its place.

    A use before the new one was made does not count, even if the mark does not show it.
    """
    return _seconds(old.last_used) > max(parse(old.name).last_used, _seconds(new.created))


def _seconds(moment: datetime | None) -> int:
    return 0 if moment is None else int(moment.timestamp())


@dataclass
class Rotation:
    """A run of a rotation, with the arguments of the caller."""

    account: Account
    name: str
    """What the token is called, without a mark."""
    target: str
    """Handle of the token that is to be replaced, "" if it was named by its name."""
    sink: Sink
    grace: timedelta = timedelta(0)
    older_than: timedelta | None = None
    verify: Verify | None = None
    finishes: bool = False
    """Whether to make no token, and not to wait for the deadline or the sink."""
    may_begin: bool = False
    """Whether to make a token if there is none of the name."""
    listed: list[TokenInfo] = field(default_factory=list)
    """All tokens of the account, as they were listed last."""
    steps: list[str] = field(default_factory=list)
    made: TokenInfo | None = None
    deleted: set[Secret] = field(default_factory=set)
    has_delivered: bool = False

    def run(self, tokens: list[TokenInfo]) -> RotationResult:
        """Go on from the tokens of a listing, until nothing is left to do, or has to wait."""
        actions: dict[Step, Callable[[Seen], RotationResult | list[TokenInfo] | None]] = {
            Step.MINT: self._mint,
            Step.HAND_OVER: self._hand_over,
            Step.NAME: self._name,
            Step.RETIRE: self._retire,
            Step.RESTORE: self._restore,
            Step.ASIDE: self._put_aside,
            Step.DROP: self._drop,
            Step.DONE: lambda seen: self._settle("rotated", seen),
        }
        for _ in range(MOST_STEPS):
            seen = self.look(tokens)
            step = next_step(seen)
            try:
                done = actions[step](seen)
            except NotFoundException:
                if step is Step.MINT:
                    raise
                # Another run was faster: what it left is seen in the next listing.
                done = None
            if isinstance(done, RotationResult):
                return done
            tokens = done or self.account.tokens()
        raise RotationPending(
            f"the tokens of {quoted(self.name)} keep changing: run it again", seen.tokens
        )

    def plan(self, tokens: list[TokenInfo]) -> RotationResult:
        """Say what `run` would do."""
        seen = self.look(tokens)
        step = next_step(seen)
        if step is Step.MINT:
            (old,) = seen.current
            if not is_due(old, self.older_than, present(self.account.api)):
                if old.handle in seen.lacking:
                    return self.result("planned", seen, ("deliver",))
                return self.result("not due", seen)
            self.account.require_slot(tokens)
            self.sink.check()
        first = {Step.MINT: 0, Step.HAND_OVER: 1, Step.NAME: 3, Step.RETIRE: 4}
        steps = ("mint", "deliver", "mark", "name", "delete")
        found = steps[first[step] :] if step in first else (step.value,)
        return self.result("planned", seen, found)

    def look(self, tokens: list[TokenInfo]) -> Seen:
        """Observe what was just listed of the account."""
        self.listed = [token for token in tokens if token.secret not in self.deleted]
        made = self.made.handle if self.made else ""
        now = service_time(self.account.api)
        seen = observe(self.name, self.target, self.listed, self.sink, now, made)
        handles = [token.handle for token in seen.sharing]
        if seen.old and len(handles) > 1 and self.target in handles:
            raise RotationPending(
                f"several tokens share the name of {self.target}, and a rotation of"
                f" {listed(seen.old)} is under way: run it with that handle first, and deliver the"
                " new token again if the sink has lost it",
                [*seen.old, *seen.sharing],
            )
        self.target = seen.target
        return seen

    def _mint(self, seen: Seen) -> RotationResult | list[TokenInfo] | None:
        if not seen.current:
            return self._mint_first()
        (old,) = seen.current
        if self.finishes:
            return self._settle("nothing", seen)
        if old.created is None and old.handle in seen.lacking and self.older_than is not None:
            self._deliver(old)
        if not is_due(old, self.older_than, present(self.account.api)):
            return self._settle("not due", seen)
        if self.made is not None:
            # Another run has deleted it, or the listing lags behind: the old token surely works.
            if old.handle in seen.lacking:
                self._deliver(old)
            raise RotationPending("the new token is not listed any more: run it again", [old])
        if len(seen.sharing) > 1 and not seen.held | seen.lacking:
            raise AmbiguousToken(
                f"several tokens share a name: {listed(seen.sharing)}; this sink cannot say which"
                " of them it holds, so rename one first",
                seen.sharing,
            )
        return self._make()

    def _mint_first(self) -> list[TokenInfo]:
        if self.made is not None or not self.may_begin:
            raise RotationPending("the new token is not listed any more: run it again")
        return self._make()

    def _make(self) -> list[TokenInfo]:
        self.sink.check()
        self.made, tokens = make(self.account, self.name, "new", self.listed)
        self._did("mint", self.made)
        return tokens

    def _hand_over(self, seen: Seen) -> None:
        (new,) = seen.new
        old = next(iter(seen.current), None)
        if not self._is_still(new, self._prove(new, old or new)):
            return
        self._deliver(new)
        if old is not None and old.secret in own_keys(self.account.api):
            use_key(self.account.api, new.secret)
        tokens = self.account.tokens()
        if not self._is_still(new, tokens):
            return
        if old is None:
            self._name(seen)
        else:
            self._mark(old, tokens)

    def _prove(self, new: TokenInfo, old: TokenInfo) -> list[TokenInfo]:
        """The tokens of the account, once the new key lists the old token or satisfies `verify`.

        :param old: the new one itself if it replaces none.
        """
        self.account.before_call()
        if self._tries_keys() and listed_by(self.account.api, Secret(_clock.word())) is not None:
            raise VerificationFailed("a random key works as well: nothing can be verified here")
        tokens = _clock.wait_for(
            lambda: self._listed_with(new),
            lambda tokens: tokens and (self.verify or find_in(tokens, old)),
            PROOF_PATIENCE,
        )
        if tokens and (self.verify or find_in(tokens, old)):
            return tokens
        untouched = f"token {old.handle} is untouched, " if old is not new else ""
        raise VerificationFailed(
            f"token {new.handle} did not work for {PROOF_PATIENCE.seconds} seconds; {untouched}"
            "run it again"
        )

    def _tries_keys(self) -> bool:
        """Whether a token proves itself by a call with it as the key."""
        return self.verify is None and not is_onboarded(self.account.api)

    def _listed_with(self, new: TokenInfo) -> list[TokenInfo] | None:
        """The tokens of the account, None if the new key does not work, or is not listed."""
        self.account.before_call()
        if self._tries_keys():
            return listed_by(self.account.api, new.secret)
        if self.verify is not None and not self.verify(new.secret):
            return None
        tokens = self.account.tokens()
        return tokens if self.verify or find_in(tokens, new) else None

    def _is_still(self, token: TokenInfo, tokens: list[TokenInfo]) -> bool:
        """Whether a token has the name that it had.

        A run that wants to delete a new token first renames it, and then looks whether it was
        used. This run first uses it, and then looks at the name: one of the two notices.
        """
        seen = find_in(tokens, token) or self.account.find(token)
        return seen is not None and seen.name == token.name

    def _deliver(self, token: TokenInfo) -> None:
        if hand_over(self.sink, token):
            self.has_delivered = True
            self._did("deliver", token)

    def _mark(self, old: TokenInfo, tokens: list[TokenInfo]) -> None:
        """Note in the name of the old token when it was replaced and when its grace ends."""
        found = find_in(tokens, old)
        if found is not None and found.name == old.name:
            until = deadline_of(present(self.account.api, tokens), self.grace)
            until = max(until, parse(old.name).deadline or until)
            self.account.rename_exactly(found, replaced(self.name, found.last_used, until))
            self._did("mark", old)

    def _name(self, seen: Seen) -> None:
        (new,) = seen.new
        self.account.rename_exactly(new, self.name)
        self._did("name", new)

    def _retire(self, seen: Seen) -> RotationResult | None:
        (new,), (old,) = seen.current, seen.old
        is_own = old.secret in own_keys(self.account.api)
        if is_own and self.finishes:
            raise _in_own_use(old, new)
        has_to_wait = not is_own and self._has_to_wait(old, present(self.account.api))
        if new.handle in seen.lacking or has_to_wait:
            return self._settle("waiting", seen)
        if not self._is_held(new, seen):
            return self.result("waiting" if new.handle in seen.held else "unverified", seen)
        tokens = self._listed_with(new)
        if tokens is None:
            raise VerificationFailed(
                f"token {new.handle} does not work any more; the old token stays", [new]
            )
        if is_own:
            self._go_over(new, old)
            return None
        found = find_in(tokens, old)
        if found is None or found.name != old.name:
            # It was deleted or renamed meanwhile: look again.
            return None
        return self._delete(new, found, tokens, seen)

    def _has_to_wait(self, old: TokenInfo, now: datetime) -> bool:
        deadline = parse(old.name).deadline
        return not self.finishes and deadline is not None and now < deadline

    def _go_over(self, new: TokenInfo, old: TokenInfo) -> None:
        """Have the client use the new key; until now it used the old one: the grace begins."""
        use_key(self.account.api, new.secret)
        if old.secret in own_keys(self.account.api):
            # A hook of the configuration sets the old key again.
            raise _in_own_use(old, new)
        self._mark(old, self.account.tokens())

    def _is_held(self, new: TokenInfo, seen: Seen) -> bool:
        """Whether the sink holds the new token, if it can tell, and if that is needed."""
        if self.finishes:
            return not self.has_delivered
        if new.handle in seen.held:
            return True
        if getattr(self.sink, "confirms", False):
            # Its name says that it was delivered, but not where: deliver it to this sink, too.
            self._deliver(new)
            return True
        return False

    def _delete(
        self, new: TokenInfo, old: TokenInfo, tokens: list[TokenInfo], seen: Seen
    ) -> RotationResult | None:
        if was_used(old, new):
            if self.grace:
                self._mark(old, [old])
            then = "the grace starts again" if self.grace else "it stays: rotate it with a grace"
            raise TokenInUse(
                f"token {old.handle} was used at {old.last_used}, after token {new.handle} had"
                f" taken its place: see who does; {then}",
                [old],
            )
        if old.last_used is None and not old.is_unused and not self.finishes:
            # The service does not say whether anybody uses it.
            return self.result("unverified", seen)
        used = find_in(tokens, new)
        # The new key was used just now: that tells the time of a service that says none.
        told = service_time(self.account.api) or (used.last_used if used else None)
        if told and self._has_to_wait(old, told):
            return self.result("waiting", seen)
        if is_onboarded(self.account.api):
            self.account.delete(old)
        else:
            other = with_key(self.account.api, new.secret)
            with other.api_client:
                Account(other).delete(old)
        self.deleted.add(old.secret)
        self._did("delete", old)
        return None

    def _settle(self, outcome: Outcome, seen: Seen) -> RotationResult | None:
        """Return an outcome, unless the sink lacks the current token: then deliver it.

        :return: None if the sink has only now got it: look again.
        """
        (current,) = seen.current
        if current.handle not in seen.lacking:
            return self.result(outcome, seen)
        self._deliver(current)
        for old in seen.old if self.grace else ():
            self._mark(old, [old])
        return None

    def _restore(self, seen: Seen) -> None:
        (old,) = seen.old

        def has_successor(tokens: list[TokenInfo]) -> bool:
            found = [parse(token.name) for token in tokens]
            return any(each.name == self.name and each.mark in ("", "new") for each in found)

        if has_successor(self.account.wait_for(has_successor)):
            return
        self.account.rename_exactly(old, self.name)
        raise RotationPending(
            f"the token that was to replace {old.handle} is gone: {old.handle} has the name"
            f" {quoted(self.name)} again, and nothing was rotated; run it again",
            [old],
        )

    def _put_aside(self, seen: Seen) -> None:
        for token in seen.spare:
            self.account.rename_exactly(token, with_word(self.name, "out", _clock.word()))

    def _drop(self, seen: Seen) -> None:
        for token in seen.out:
            is_ours = self.made is not None and token.secret == self.made.secret
            was_delivered = f"deliver {token.handle}" in self.steps
            if token.last_used or token.handle in seen.held or was_delivered:
                name = with_word(self.name, "new", _clock.word())
                self.account.rename_exactly(token, name)
            elif token.is_unused or is_ours:
                self._discard(token, is_ours)
            else:
                # The service does not say whether anybody uses it.
                raise _unexpected(seen)

    def _discard(self, token: TokenInfo, is_ours: bool) -> None:
        """Delete a token with the mark ``~out``.

        With access tokens, a proof uses no token: the run that made this one has time to rename it.
        """
        if is_ours or not is_onboarded(self.account.api):
            self.account.delete(token)
        elif not self.account.take_back(token):
            return
        self.deleted.add(token.secret)
        self._did("drop", token)

    def _did(self, step: str, token: TokenInfo) -> None:
        self.steps.append(f"{step} {token.handle}")

    def result(
        self, outcome: Outcome, seen: Seen, steps: tuple[str, ...] | None = None
    ) -> RotationResult:
        """An outcome, and what was seen last; `steps` are those of this run if not given."""
        token = next(iter([*seen.current, *seen.new]), None)
        old = next(iter(seen.old), None)
        deadline = parse(old.name).deadline if old else None
        done = tuple(self.steps) if steps is None else steps
        return RotationResult(outcome, self.name, token, old, deadline, done)


def _in_own_use(old: TokenInfo, new: TokenInfo) -> RefusedOwnKey:
    return RefusedOwnKey(
        f"the client itself uses token {old.handle}: give it {new.handle} first", [old]
    )
