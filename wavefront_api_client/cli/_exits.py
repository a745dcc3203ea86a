"""The exit statuses, and which error ends with which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wavefront_api_client import cli
from wavefront_api_client.cli._profiles import ProfileError
from wavefront_api_client.exceptions import (
    ApiException,
    ForbiddenException,
    NotFoundException,
    UnauthorizedException,
)
from wavefront_api_client.tokens import errors

if TYPE_CHECKING:
    from collections.abc import Iterable

DONE = 0
FAILED = 1
USAGE = 2
FINDINGS = 3
NOT_FOUND = 4
NO_SLOT = 5
UNFINISHED = 6
NO_PERMISSION = 7
REFUSED = 8
INTERRUPTED = cli.INTERRUPTED

MEANINGS = {
    DONE: "done",
    FAILED: "failed or partly failed",
    USAGE: "wrong usage, and nothing was sent",
    FINDINGS: "the audit found what --fail-on names",
    NOT_FOUND: "no such token, or more than one",
    NO_SLOT: "the account holds as many tokens as it may",
    UNFINISHED: "unfinished: run it again, or look",
    NO_PERMISSION: "no permission (401, 403)",
    REFUSED: "refused for safety",
    INTERRUPTED: "interrupted",
}


class Refused(errors.TokenOperationError):
    """The command itself refuses something that would not be safe."""


_STATUSES: list[tuple[type[BaseException], int]] = [
    (errors.AmbiguousToken, NOT_FOUND),
    (errors.TokenNotFound, NOT_FOUND),
    (errors.NoFreeSlot, NO_SLOT),
    (errors.MintOutcomeUnknown, UNFINISHED),
    (errors.RotationPending, UNFINISHED),
    (errors.TokenInUse, UNFINISHED),
    (errors.DeliveryFailed, UNFINISHED),
    (errors.VerificationFailed, UNFINISHED),
    (errors.NameTaken, REFUSED),
    (errors.RefusedOwnKey, REFUSED),
    (errors.TooManyTokens, REFUSED),
    (errors.WrongTenant, REFUSED),
    (Refused, REFUSED),
    (UnauthorizedException, NO_PERMISSION),
    (ForbiddenException, NO_PERMISSION),
    (NotFoundException, NOT_FOUND),
    (ProfileError, USAGE),
    (KeyboardInterrupt, INTERRUPTED),
]


def status_of(error: BaseException) -> int:
    """The exit status for an error.

    :param error: what ended the command.
    """
    if isinstance(error, ApiException) and error.outcome_unknown:
        return UNFINISHED
    for kind, status in _STATUSES:
        if isinstance(error, kind):
            return status
    return FAILED


def worst(statuses: Iterable[int]) -> int:
    """The exit status of several tenants: that of all if it is the same, else partly failed.

    :param statuses: one for each tenant.
    """
    found = set(statuses) or {DONE}
    return found.pop() if len(found) == 1 else FAILED
