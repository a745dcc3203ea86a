"""What a rotation has come to, by the names of tokens, and which step comes next."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from wavefront_api_client.tokens._marks import parse
from wavefront_api_client.tokens.errors import (
    AmbiguousToken,
    RotationPending,
    TokenOperationError,
)

if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from datetime import datetime, timedelta

    from wavefront_api_client.tokens._token import TokenInfo


class Step(Enum):
    """What a rotation does next."""

    MINT = "mint"
    HAND_OVER = "hand over"
    NAME = "name"
    RETIRE = "retire"
    RESTORE = "restore"
    PUT_OUT = "put out"
    DROP = "drop"
    DONE = "done"


class Family(NamedTuple):
    """The tokens of an account that share a name but for their marks."""

    name: str
    current: list[TokenInfo]
    new: list[TokenInfo]
    """The oldest first."""
    old: list[TokenInfo]
    out: list[TokenInfo]
    """New ones that are about to be deleted, for their runs lost against another."""

    @property
    def tokens(self) -> list[TokenInfo]:
        """All of them."""
        return [*self.current, *self.new, *self.old, *self.out]

    @property
    def replaced(self) -> TokenInfo | None:
        """The token that a rotation is to replace, or has replaced; None if there is none."""
        return next(iter([*self.old, *self.current]), None)


def family_of(name: str, tokens: Iterable[TokenInfo]) -> Family:
    """Those of some tokens that share a name.

    :param name: without a mark.
    :param tokens: all of an account, in the order of the service.
    """
    marked = [(parse(token.name), token) for token in tokens]
    current, new, old, out = (
        [token for parts, token in marked if parts.name == name and parts.mark == mark]
        for mark in ("", "new", "old", "out")
    )
    return Family(name, current, oldest_first(new), old, out)


def oldest_first(tokens: list[TokenInfo]) -> list[TokenInfo]:
    """Tokens by their age, or in the order of the service where that is unknown."""
    ages = {token: token.created.timestamp() for token in tokens if token.created}
    return sorted(tokens, key=ages.__getitem__) if len(ages) == len(tokens) else tokens


def superfluous(family: Family, target: str, held: Container[str]) -> list[TokenInfo]:
    """The new tokens that no rotation goes on with: those of runs that lost against another.

    It goes on with the one that the sink holds, or has been used and so may be in a sink, or is
    the oldest.

    :param target: handle of the token that is to be replaced.
    :param held: handles of the tokens that the sink holds.
    """
    if family.current and (family.old or family.current[0].handle != target):
        return family.new
    ranks = sorted(family.new, key=lambda token: (token.handle not in held, not token.last_used))
    return ranks[1:]


def next_step(family: Family, target: str, held: Container[str] = ()) -> Step:
    """Which step comes next.

    :param target: handle of the token that is to be replaced.
    :param held: handles of the new tokens that the sink holds.
    :raises AmbiguousToken: several tokens have the name.
    :raises RotationPending: nothing can be concluded from what was found.
    """
    if len(family.current) > 1:
        raise AmbiguousToken(f"several tokens are named {family.name!r}", family.current)
    if family.out:
        return Step.DROP
    spare = superfluous(family, target, held)
    if len(family.old) > 1 or any(_may_be_needed(token, family, held) for token in spare):
        raise unexpected(family)
    return Step.PUT_OUT if spare else _step_of(family, target)


def _may_be_needed(token: TokenInfo, family: Family, held: Container[str]) -> bool:
    """Whether a new token may be in a sink: one of a run that lost is unused, and the youngest."""
    if token.last_used or token.handle in held:
        return True
    made = token.created
    return any(made and each.created and made < each.created for each in family.current)


def _step_of(family: Family, target: str) -> Step:
    found = bool(family.old), bool(family.new), bool(family.current)
    if found == (False, False, True):
        return Step.MINT if family.current[0].handle == target else Step.DONE
    if found not in _STEPS:
        raise unexpected(family)
    return _STEPS[found]


_STEPS = {
    (False, True, True): Step.HAND_OVER,
    (True, True, False): Step.NAME,
    (True, False, True): Step.RETIRE,
    (True, False, False): Step.RESTORE,
}
"""By whether there is an old token, a new one and a current one."""


def unexpected(family: Family) -> RotationPending:
    """The error for what a rotation never leaves behind by itself."""
    found = ", ".join(f"{token.name!r} ({token.handle})" for token in family.tokens)
    return RotationPending(
        f"nothing was changed, for these tokens are not what a rotation of {family.name!r}"
        f" leaves: {found or 'none'}; rename or delete those that should not be there",
        family.tokens,
    )


def is_due(token: TokenInfo, older_than: timedelta | None, now: datetime) -> bool:
    """Whether a token is old enough.

    :param older_than: None for any age.
    :raises TokenOperationError: nobody knows how old it is.
    """
    if older_than is None:
        return True
    if token.created is None:
        raise TokenOperationError(
            f"the service does not say how old token {token.handle} is: rotate it regardless of"
            " its age",
            [token],
        )
    return now - token.created >= older_than


def was_used(old: TokenInfo, new: TokenInfo) -> bool:
    """Whether a token has been used since another one took its place.

    Whatever was before the new one was made is no such use, even if the mark does not say it.
    """
    return seconds(old.last_used) > max(parse(old.name).last_used, seconds(new.created))


def seconds(moment: datetime | None) -> int:
    """A date as epoch seconds, 0 for none."""
    return 0 if moment is None else int(moment.timestamp())
