"""What a rotation has come to, by the names of tokens, and which step comes next."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from wavefront_api_client.tokens._names import parse
from wavefront_api_client.tokens.errors import AmbiguousToken, RotationPending

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from wavefront_api_client.tokens._info import TokenInfo


class Step(Enum):
    """What a rotation does next."""

    MINT = "mint"
    HAND_OVER = "hand over"
    NAME = "name"
    RETIRE = "retire"
    RESTORE = "restore"
    DROP = "drop"
    DONE = "done"


class Family(NamedTuple):
    """The tokens of an account that share a name but for their marks."""

    name: str
    current: list[TokenInfo]
    new: list[TokenInfo]
    """The oldest first: of two rotations at once, the one that made it goes on."""
    old: list[TokenInfo]

    @property
    def tokens(self) -> list[TokenInfo]:
        """All of them."""
        return [*self.current, *self.new, *self.old]

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
    current, new, old = (
        [token for parts, token in marked if parts.name == name and parts.mark == mark]
        for mark in ("", "new", "old")
    )
    return Family(name, current, oldest_first(new), old)


def oldest_first(tokens: list[TokenInfo]) -> list[TokenInfo]:
    """Tokens by their age, or in the order of the service where that is unknown."""
    ages = {token: token.created.timestamp() for token in tokens if token.created}
    return sorted(tokens, key=ages.__getitem__) if len(ages) == len(tokens) else tokens


def superfluous(family: Family, target: str, held: Container[str]) -> list[TokenInfo]:
    """The new tokens that no rotation goes on with: those of runs that lost against another.

    :param target: handle of the token that is to be replaced.
    :param held: handles of the tokens that the sink holds.
    """
    if family.current and (family.old or family.current[0].handle != target):
        return family.new
    chosen = next((token for token in family.new if token.handle in held), *family.new[:1])
    return [token for token in family.new if token is not chosen]


def next_step(family: Family, target: str, held: Container[str] = ()) -> Step:
    """Which step comes next.

    :param target: handle of the token that is to be replaced.
    :param held: handles of the new tokens that the sink holds.
    :raises AmbiguousToken: several tokens have the name.
    :raises RotationPending: nothing can be concluded from what was found.
    """
    if len(family.current) > 1:
        raise AmbiguousToken(f"several tokens are named {family.name!r}", family.current)
    spare = superfluous(family, target, held) if family.new else []
    if len(family.old) > 1 or any(token.last_used for token in spare):
        raise unexpected(family)
    if spare:
        return Step.DROP
    return _step_of(family, target)


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
