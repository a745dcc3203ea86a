"""RotationResult: what a run of a rotation has come to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from wavefront_api_client.tokens._marks import parse

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from wavefront_api_client.tokens._states import Family
    from wavefront_api_client.tokens._token import TokenInfo

Outcome = Literal["rotated", "waiting", "unverified", "not due", "gone", "nothing", "planned"]

DONE = frozenset({"rotated", "not due", "gone", "nothing"})


@dataclass(frozen=True)
class RotationResult:
    """What has become of a rotation."""

    outcome: Outcome
    """What is the case now:

    - "rotated": the old token is deleted.
    - "waiting": the new token is delivered, and the old one works until `deadline`.
    - "unverified": the sink cannot say what it holds; the old token stays until `finish`.
    - "not due": the token is not older than was asked for.
    - "gone": there is no such token any more, as after a rotation.
    - "nothing": there was nothing to finish.
    - "planned": `dry_run`; `steps` are those that would come.
    """
    name: str
    """What the token is called, "" if that is not known."""
    token: TokenInfo | None = None
    """The token to use; None if none is left, or it is not made yet."""
    old: TokenInfo | None = None
    """The token that has been replaced and works still; None if it is gone."""
    deadline: datetime | None = None
    """When the old token may be deleted; UTC."""
    steps: tuple[str, ...] = ()
    """What this run did, in order."""

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return self.outcome in DONE


def result_of(outcome: Outcome, family: Family, steps: Iterable[str] = ()) -> RotationResult:
    """What is told of a rotation."""
    token = next(iter([*family.current, *family.new]), None)
    old = next(iter(family.old), None)
    deadline = parse(old.name).deadline if old else None
    return RotationResult(outcome, family.name, token, old, deadline, tuple(steps))
