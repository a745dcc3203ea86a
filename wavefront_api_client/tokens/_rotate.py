"""Rotate and finish: what the caller asks for, and the tokens that are meant."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from wavefront_api_client.tokens import _clock
from wavefront_api_client.tokens._account import Account
from wavefront_api_client.tokens._clock import _LONGEST as LONGEST
from wavefront_api_client.tokens._find import described, matching, refs_in
from wavefront_api_client.tokens._marks import parse
from wavefront_api_client.tokens._result import RotationResult, result_of
from wavefront_api_client.tokens._rotation import Rotation, Terms
from wavefront_api_client.tokens._states import Step, is_due
from wavefront_api_client.tokens._token import is_handle
from wavefront_api_client.tokens.errors import (
    AmbiguousToken,
    RotationPending,
    TokenNotFound,
    TokenOperationError,
)

if TYPE_CHECKING:
    from wavefront_api_client import ApiTokenApi
    from wavefront_api_client.tokens._account import Verify
    from wavefront_api_client.tokens._find import Ref
    from wavefront_api_client.tokens._token import TokenInfo
    from wavefront_api_client.tokens.sinks import Sink

_STEPS = ("mint", "deliver", "mark", "name", "delete")
_FIRST = {Step.MINT: 0, Step.HAND_OVER: 1, Step.NAME: 3, Step.RETIRE: 4}


def rotate(
    api: ApiTokenApi,
    ref: Ref,
    *,
    sink: Sink,
    account: str | None = None,
    grace: timedelta = timedelta(days=1),
    older_than: timedelta | None = None,
    verify: Verify | None = None,
    dry_run: bool = False,
) -> RotationResult:
    """Put a new token in the place of an old one; run it again until it is done.

    At every instant the old token works until it is deleted in the last step, the sink holds a
    token that works, and the account holds at most one token more than before. What has been
    done is in the names of the tokens, ``ci ~new-1f3a9c2e`` and
    ``ci ~old-1f3a9c2e-20261005T1200Z``, so that a run that was killed is finished by the next one.

    The old token is deleted by the new one, at its deadline or later, if the new one works, the
    sink holds it, and the old one has not been used meanwhile. If it has, another grace begins.
    A client whose own key is rotated goes over to the new one as soon as the sink has it: the key
    in its `Configuration`, or the bearer in its headers, is replaced.

    Calls ``get_all_tokens``, with the old and the new key and with one that is no key as well;
    those of the account to list, make and rename tokens (see `mint`); and ``delete_token``.

    :param api: a client.
    :param ref: the name of the token, its handle or the first 6 digits of it or more, the token,
        or what a listing showed of it. Only a name means the same token after the rotation.
    :param sink: where the new token goes.
    :param account: id of the service account that holds it; None if it is the caller's own.
    :param grace: how long the old token works on after the new one was delivered; with none, it is
        deleted in the same run.
    :param older_than: nothing is begun before the token has this age.
    :param verify: called with the new `Secret` once a second, for a minute at most, until it
        returns something true; by default the new key has to list the tokens that the old one
        lists.
    :param dry_run: whether only to look what would be done.
    :return: what has been done, and whether something is left to do.
    :raises ValueError: the grace is negative, or more than a hundred years.
    :raises TokenNotFound: no token has that name. A handle, or a token, that is gone is no error.
    :raises AmbiguousToken: more than one token is meant.
    :raises NoFreeSlot: the account holds as many tokens as it may; nothing was written.
    :raises MintOutcomeUnknown: a token may have been made that cannot be told from others.
    :raises VerificationFailed: the new token does not work; the old one stays as it is.
    :raises DeliveryFailed: the sink does not take or hold the new token; the old one stays.
    :raises TokenInUse: the old token was used after it had been replaced; it stays.
    :raises RefusedOwnKey: a hook gives the client the old token again; it stays.
    :raises RotationPending: nothing can be concluded from what was found, or what was begun has
        been taken back.
    :raises TokenOperationError: the token has no name, the service changed a name, or it does not
        say how old the token is.
    :raises ApiException: a call failed.
    """
    if not timedelta(0) <= grace <= LONGEST:
        raise ValueError("grace cannot be negative, nor more than a hundred years")
    terms = Terms(sink, grace, older_than, verify)
    return _run(Account(api, account), ref, terms, dry_run)


def finish(api: ApiTokenApi, ref: Ref, *, sink: Sink, account: str | None = None) -> RotationResult:
    """Bring a rotation to its end now: no deadline is waited for, and no new one is begun.

    It is for the rotations that `rotate` cannot end, for their sink cannot say what it holds; to
    call it says that the new token is where it belongs. All else is as in `rotate`.

    Calls what `rotate` calls, but makes no token.

    :param api: a client.
    :param ref: as for `rotate`.
    :param sink: where the new token is.
    :param account: id of the service account that holds it; None if it is the caller's own.
    :return: what has been done.
    :raises RefusedOwnKey: the client itself uses the old token.
    :raises TokenOperationError: any of those that `rotate` raises.
    :raises ApiException: a call failed.
    """
    return _run(Account(api, account), ref, Terms(sink, finishes=True), is_dry=False)


def _run(account: Account, ref: Ref, terms: Terms, is_dry: bool) -> RotationResult:
    tokens = account.tokens()
    name = _name_of(ref, tokens)
    if name is None:
        return RotationResult("gone", "")
    rotation = Rotation(account, name, terms)
    return _planned(rotation, tokens) if is_dry else rotation.run(tokens)


def _name_of(ref: Ref, tokens: list[TokenInfo]) -> str | None:
    """What the meant token is called without its mark; None if it is gone."""
    (ref,) = refs_in(ref)
    found = {parse(token.name)[:2]: token for token in matching(ref, tokens)}
    for token in tokens:
        parts = parse(token.name)
        if parts.name == ref and parts.mark in ("new", "old", "out"):
            found[parts[:2]] = token
    names = {name for name, _ in found}
    if len(names) > 1:
        raise AmbiguousToken(f"several tokens are {described(ref)}", found.values())
    if not names:
        if isinstance(ref, str) and not is_handle(ref):
            raise TokenNotFound(f"there is no token {described(ref)}")
        return None
    (name,) = names
    _check_name(name, found)
    return name


def _check_name(name: str, found: dict[tuple[str, str], TokenInfo]) -> None:
    if not name:
        raise TokenOperationError(
            "the token has no name, which would tell how far the rotation is: give it one first",
            found.values(),
        )
    if set(found) == {(name, "mint")}:
        raise RotationPending(
            "the token is what an interrupted mint has left: give it a name first", found.values()
        )


def _planned(rotation: Rotation, tokens: list[TokenInfo]) -> RotationResult:
    family, step = rotation.look(tokens)
    terms = rotation.terms
    if step is Step.MINT:
        if not is_due(family.current[0], terms.older_than, _clock.now()):
            return result_of("not due", family)
        rotation.account.require_slot(tokens)
        terms.sink.check()
    steps = _STEPS[_FIRST[step] :] if step in _FIRST else (step.value,)
    return result_of("planned", family, steps)
