"""One run of a rotation: look at the names, do the step that comes next, look again."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from wavefront_api_client.exceptions import NotFoundException
from wavefront_api_client.tokens import _clock
from wavefront_api_client.tokens._account import listed_by, own_keys, prove, use_key, with_key
from wavefront_api_client.tokens._listing import response_of
from wavefront_api_client.tokens._marks import deadline_of, parse, replaced, with_word
from wavefront_api_client.tokens._minting import make
from wavefront_api_client.tokens._result import result_of
from wavefront_api_client.tokens._states import (
    Family,
    Step,
    family_of,
    is_due,
    next_step,
    superfluous,
    was_used,
)
from wavefront_api_client.tokens.errors import (
    DeliveryFailed,
    RefusedOwnKey,
    RotationPending,
    TokenInUse,
    VerificationFailed,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wavefront_api_client.tokens._account import Account, Verify
    from wavefront_api_client.tokens._result import Outcome, RotationResult
    from wavefront_api_client.tokens._token import TokenInfo
    from wavefront_api_client.tokens.sinks import Sink

MOST_STEPS = 20
"""A rotation takes six, and some more beside another one."""


class Terms(NamedTuple):
    """What was asked for."""

    sink: Sink
    grace: timedelta = timedelta(0)
    older_than: timedelta | None = None
    verify: Verify | None = None
    finishes: bool = False
    """Whether to make nothing new, and to wait for nothing and no sink."""


class Rotation:
    """A run of a rotation.

    :param account: the tokens.
    :param name: what the token is called, without a mark.
    :param terms: what was asked for.
    """

    def __init__(self, account: Account, name: str, terms: Terms) -> None:
        self.account = account
        self.name = name
        self.terms = terms
        self.target = ""
        self.steps: list[str] = []
        self.has_minted = False
        self.has_delivered = False

    def run(self, tokens: list[TokenInfo]) -> RotationResult:
        """Go on until nothing can be done, or not yet.

        :param tokens: all of the account, as just listed.
        """
        for _ in range(MOST_STEPS):
            result = self._advance(*self.look(tokens))
            if result is not None:
                return result
            tokens = self.account.tokens()
        raise RotationPending(f"the tokens of {self.name!r} do not come to rest: run it again")

    def _advance(self, family: Family, step: Step) -> RotationResult | None:
        actions: Mapping[Step, Callable[[Family], RotationResult | None]] = {
            Step.MINT: self._mint,
            Step.HAND_OVER: self._hand_over,
            Step.NAME: self._name,
            Step.RETIRE: self._retire,
            Step.RESTORE: self._restore,
            Step.PUT_OUT: self._put_out,
            Step.DROP: self._drop,
            Step.DONE: partial(self._result, "rotated"),
        }
        try:
            return actions[step](family)
        except NotFoundException:
            # Another run was faster: what it left is seen in the next listing.
            return None

    def look(self, tokens: list[TokenInfo]) -> tuple[Family, Step]:
        """What there is, and which step comes next."""
        family = family_of(self.name, tokens)
        if not self.target and family.replaced is not None:
            self.target = family.replaced.handle
        return family, next_step(family, self.target, self._held(family))

    def _held(self, family: Family) -> set[str]:
        """Which of the new tokens the sink holds."""
        return {token.handle for token in family.new if self.terms.sink.matches(token.secret)}

    def _mint(self, family: Family) -> RotationResult | None:
        (old,) = family.current
        if self.terms.finishes:
            return self._result("nothing", family)
        if not is_due(old, self.terms.older_than, _clock.now()):
            return self._result("not due", family)
        if self.has_minted:
            raise RotationPending("the new token is not listed any more: run it again", [old])
        self.terms.sink.check()
        word = _clock.word()
        new = make(self.account, with_word(self.name, "new", word), word)
        self.has_minted = True
        self._did("mint", new)
        self.account.wait_for(lambda tokens: new.secret in {token.secret for token in tokens})
        return None

    def _hand_over(self, family: Family) -> None:
        (old,), (new,) = family.current, family.new
        prove(self.account.api, new.secret, old.secret, self.terms.verify)
        if not self._is_still(new, self.account.tokens()):
            return
        if not self.terms.sink.matches(new.secret):
            self._deliver(new)
        if self.terms.sink.matches(new.secret) is False:
            raise DeliveryFailed(f"the sink does not hold token {new.handle}; nothing is lost")
        if old.secret in own_keys(self.account.api):
            use_key(self.account.api, new.secret)
        tokens = self.account.tokens()
        if self._is_still(new, tokens):
            self._mark(old, tokens)

    def _deliver(self, new: TokenInfo) -> None:
        self.terms.sink.deliver(new.secret)
        self.has_delivered = True
        self._did("deliver", new)

    def _is_still(self, token: TokenInfo, tokens: list[TokenInfo]) -> bool:
        """Whether a token is there under the name that it had.

        A run that wants to delete a new token puts it out by its name, and then looks whether it
        was used. This one has used it, and then looks at the name: one of the two notices.
        """
        return any(each.secret == token.secret and each.name == token.name for each in tokens)

    def _mark(self, old: TokenInfo, tokens: list[TokenInfo]) -> None:
        """Note in the name of the old token since when, and until when, nobody may use it."""
        found = [token for token in tokens if token.secret == old.secret]
        if found and found[0].name == old.name:
            until = deadline_of(_clock.now(), self.terms.grace)
            until = max(until, parse(old.name).deadline or until)
            self.account.rename_exactly(found[0], replaced(self.name, found[0].last_used, until))
            self._did("mark", old)

    def _name(self, family: Family) -> None:
        (new,) = family.new
        self.account.rename_exactly(new, self.name)
        self._did("name", new)

    def _retire(self, family: Family) -> RotationResult | None:
        (new,), (old,) = family.current, family.old
        is_own = old.secret in own_keys(self.account.api)
        if is_own and self.terms.finishes:
            raise _in_own_use(old, new)
        if not is_own and self._has_to_wait(old):
            return self._result("waiting", family)
        if not self._is_held(new):
            return self._result("unverified", family)
        seen = {token.secret: token for token in self._listed_by(new)}
        if is_own:
            self._go_over(new, old)
        elif old.secret in seen:
            self._delete(new, seen[old.secret])
        return None

    def _has_to_wait(self, old: TokenInfo) -> bool:
        deadline = parse(old.name).deadline
        return not self.terms.finishes and deadline is not None and _clock.now() < deadline

    def _go_over(self, new: TokenInfo, old: TokenInfo) -> None:
        """What the client did until now was done with the old key: the grace begins."""
        use_key(self.account.api, new.secret)
        if old.secret in own_keys(self.account.api):
            # A hook of the configuration brings it back.
            raise _in_own_use(old, new)
        self._mark(old, self.account.tokens())

    def _is_held(self, new: TokenInfo) -> bool:
        """Whether the sink holds the new token, as far as that can be known and has to be."""
        found = self.terms.sink.matches(new.secret)
        if found is False:
            raise DeliveryFailed(
                f"the sink does not hold token {new.handle} any more; the old token stays", [new]
            )
        if self.terms.finishes:
            return bool(found) or not self.has_delivered
        if found is None and getattr(self.terms.sink, "confirms", False):
            # Its name says that it was delivered, but not where: this one takes it once more.
            self._deliver(new)
            return True
        return bool(found)

    def _listed_by(self, new: TokenInfo) -> list[TokenInfo]:
        """The tokens of the account, as the new key lists them where keys may."""
        if self.terms.verify is None:
            listed = listed_by(self.account.api, new.secret)
        else:
            listed = self.account.tokens() if self.terms.verify(new.secret) else None
        if listed is None:
            raise VerificationFailed(
                f"token {new.handle} does not work any more; the old token stays", [new]
            )
        return listed

    def _delete(self, new: TokenInfo, old: TokenInfo) -> None:
        if was_used(old, new):
            self._mark(old, [old])
            raise TokenInUse(
                f"token {old.handle} was used at {old.last_used}, after token {new.handle} had"
                " taken its place: see who does; the grace begins anew",
                [old],
            )
        other = with_key(self.account.api, new.secret)
        with other.api_client:
            response_of(other.delete_token(old.secret.reveal()))
        self._did("delete", old)
        self.account.wait_for(lambda tokens: old.secret not in {token.secret for token in tokens})

    def _restore(self, family: Family) -> None:
        (old,) = family.old
        if self._has_successor(self.account.wait_for(self._has_successor)):
            return
        self.account.rename_exactly(old, self.name)
        raise RotationPending(
            f"the token that was to replace {old.handle} is gone: {old.handle} has the name"
            f" {self.name!r} again, and nothing was rotated; run it again",
            [old],
        )

    def _has_successor(self, tokens: list[TokenInfo]) -> bool:
        """Whether there is a token that has replaced another, or was to."""
        family = family_of(self.name, tokens)
        return bool(family.current or family.new)

    def _put_out(self, family: Family) -> None:
        for token in superfluous(family, self.target, self._held(family)):
            name = with_word(self.name, "out", _clock.word())
            self.account.rename_exactly(token, name)

    def _drop(self, family: Family) -> None:
        for token in family.out:
            if token.last_used or self.terms.sink.matches(token.secret):
                word = _clock.word()
                self.account.rename_exactly(token, with_word(self.name, "new", word))
            else:
                self.account.delete(token)
                self._did("drop", token)

    def _did(self, step: str, token: TokenInfo) -> None:
        self.steps.append(f"{step} {token.handle}")

    def _result(self, outcome: Outcome, family: Family) -> RotationResult:
        return result_of(outcome, family, self.steps)


def _in_own_use(old: TokenInfo, new: TokenInfo) -> RefusedOwnKey:
    return RefusedOwnKey(
        f"the client itself uses token {old.handle}: give it {new.handle} first", [old]
    )
