"""Mint, rename and deliver one token, and make sure that it is that token."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from wavefront_api_client.exceptions import ApiException, BadRequestException
from wavefront_api_client.tokens import _clock
from wavefront_api_client.tokens._account import (
    PATIENCE,
    Account,
    find_in,
    is_named,
    not_kept,
    require_account,
    require_api,
    service_time,
)
from wavefront_api_client.tokens._find import locate, matching, one_ref, resolve
from wavefront_api_client.tokens._marks import (
    AT_WORK,
    MARKS,
    bears,
    checked,
    is_cut,
    parse,
    with_word,
)
from wavefront_api_client.tokens._token import LONG_AGO, listed, quoted, renamed
from wavefront_api_client.tokens.errors import (
    AmbiguousToken,
    DeliveryFailed,
    MintOutcomeUnknown,
    NameTaken,
    RotationPending,
    TokenOperationError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable

    from wavefront_api_client import ApiTokenApi
    from wavefront_api_client.tokens._find import Ref
    from wavefront_api_client.tokens._marks import WordMark
    from wavefront_api_client.tokens._token import Secret, TokenInfo
    from wavefront_api_client.tokens.sinks import Sink


@dataclass(frozen=True)
class MintedToken:
    """The token that `mint` made, or found."""

    token: TokenInfo
    """The token as a listing shows it."""
    is_new: bool
    """False if a token had the name already."""

    @property
    def secret(self) -> Secret:
        """The token itself."""
        return self.token.secret

    @property
    def handle(self) -> str:
        """Its handle, which may be shown."""
        return self.token.handle

    @property
    def name(self) -> str:
        """Its name."""
        return self.token.name


def mint(
    api: ApiTokenApi,
    name: str,
    *,
    account: str | None = None,
    sink: Sink | None = None,
    if_absent: bool = False,
    allow_duplicate: bool = False,
    patience: timedelta | str = PATIENCE,
) -> MintedToken:
    """Make exactly one token, give it a name, and return exactly that one.

    The token is made as ``ci ~mint-`` with a random word, and renamed at the end. By this word it
    is found again if the answer is lost; if the run is killed, the next one finishes it. A token
    of your own is made without a name: if that answer is lost, it cannot be told from others.

    Calls ``get_tokens_service_account``, ``generate_token_service_account`` and
    ``update_token_name_service_account``, or ``get_all_tokens``, ``create_token`` and
    ``update_token_name``; after a failure also the call that deletes the token.

    :param api: a client.
    :param name: its name.
    :param account: id of a service account; None for a token of your own.
    :param sink: where to deliver it; None to deliver nothing.
    :param if_absent: whether to return a token that has the name already.
    :param allow_duplicate: whether to make a token although the name is taken.
    :param patience: how long to look for a token whose answer was lost, and how long another run
        may take to name a token that it has made.
    :return: the token.
    :raises ValueError: the name is empty, or ends like the mark of an unfinished operation.
    :raises NameTaken: a token has the name; nothing was written.
    :raises AmbiguousToken: several tokens have the name, and one of them was asked for.
    :raises RotationPending: a token of this name is being rotated; nothing was written.
    :raises NoFreeSlot: the account holds as many tokens as it may; nothing was written.
    :raises MintOutcomeUnknown: a token may have been made that cannot be told from others.
    :raises TokenOperationError: the service changed the name; the new token was deleted. Or the
        client uses credentials of VMware Cloud services, and no account is given.
    :raises DeliveryFailed: the sink does not take or hold the new token, which stays.
    """
    require_api(api)
    checked(name)
    require_account(api, account)
    holder = Account(api, account, _clock.duration(patience, "patience"))
    if sink is not None:
        require_sink(sink).check()
    tokens = holder.tokens()
    if allow_duplicate:
        made, _ = make(holder, name, "mint", tokens)
        minted = MintedToken(name_exactly(holder, made, name), is_new=True)
    else:
        minted = _mint_one(holder, name, tokens, if_absent)
    if sink is not None:
        hand_over(sink, minted.token)
    return minted


def rename(
    api: ApiTokenApi,
    ref: Ref,
    name: str,
    *,
    account: str | None = None,
    allow_duplicate: bool = False,
) -> TokenInfo:
    """Rename a token; if the service changes the new name, the old one is restored.

    Calls the listings of `find`, and ``update_token_name`` or
    ``update_token_name_service_account``.

    :param api: a client.
    :param ref: name, handle, `Secret`, `TokenInfo` or row.
    :param name: its new name.
    :param account: id of the service account that holds it; None to look for it among the
        caller's own tokens, then among all that the caller may list.
    :param allow_duplicate: whether to rename it although the name is taken.
    :return: the token with its new name.
    :raises ValueError: the name is empty, or ends like the mark of an unfinished operation.
    :raises TokenNotFound: there is no such token.
    :raises AmbiguousToken: several tokens match.
    :raises NameTaken: another token of the account has the name.
    :raises RotationPending: a token of one of the two names is being rotated.
    :raises TokenOperationError: the service changed the name; the token has its old one again.
    """
    require_api(api)
    checked(name)
    ref = one_ref(ref)
    holder, tokens = locate(api, account, lambda tokens: matching(ref, tokens))
    token = resolve(ref, tokens)
    if not allow_duplicate:
        _refuse_amid_rotation({name, parse(token.name).name}, tokens)
        others = [each for each in _named(name, tokens) if each.secret != token.secret]
        if others:
            raise _taken(name, others)
    return holder.rename_exactly(token, name)


def deliver(api: ApiTokenApi, ref: Ref, sink: Sink, *, account: str | None = None) -> TokenInfo:
    """Put an existing token into a sink, such as a file that was lost.

    Calls the listings of `find`.

    :param api: a client.
    :param ref: name, handle, `Secret`, `TokenInfo` or row.
    :param sink: where the token goes.
    :param account: id of the service account that holds it; None to look for it among the
        caller's own tokens, then among all that the caller may list.
    :return: the token.
    :raises TokenNotFound: there is no such token.
    :raises AmbiguousToken: several tokens match.
    :raises RotationPending: its name has the mark of an operation that may delete it.
    :raises DeliveryFailed: the sink does not take it, or does not hold it afterwards.
    """
    require_api(api)
    require_sink(sink).check()
    ref = one_ref(ref)
    _, tokens = locate(api, account, lambda tokens: matching(ref, tokens))
    token = resolve(ref, tokens)
    if parse(token.name).mark:
        raise RotationPending(
            f"an operation is under way with {listed([token])}, which may delete it: finish it"
            " first",
            [token],
        )
    hand_over(sink, token)
    return token


def require_sink(sink: Sink) -> Sink:
    """A sink; anything else, such as a path, is refused."""
    names = ("check", "deliver", "matches")
    if isinstance(sink, type) or not all(hasattr(sink, name) for name in names):
        raise TypeError(
            f"sink must be a Sink, such as FileSink('ci.token'), not {type(sink).__name__}"
        )
    return sink


def hand_over(sink: Sink, token: TokenInfo) -> bool:
    """Deliver a token unless the sink holds it, and read it back; tell whether it was delivered."""
    if sink.matches(token.secret):
        return False
    try:
        sink.deliver(token.secret)
    except DeliveryFailed as error:
        problem = str(error)
    else:
        if sink.matches(token.secret) is not False:
            return True
        problem = "the sink does not hold what it took"
    raise DeliveryFailed(
        f"{problem}; token {token.handle} {token.shown_name!r} exists, and is not there: mend that,"
        " and deliver it or run the rotation again",
        [token],
    )


def make(
    account: Account, name: str, mark: WordMark, before: list[TokenInfo]
) -> tuple[TokenInfo, list[TokenInfo]]:
    """Make a token under a name with a random word, which proves whose token it is.

    :param before: the tokens of the account.
    :return: the token, and all of the account: the answer or the listing that has it.
    """
    account.require_slot(before)
    cut = [token for token in before if is_cut(token.name, name, mark)]
    if cut:
        raise TokenOperationError(
            f"the service seems to cut the names of tokens: {listed(cut)}; choose a shorter one"
            f" than {quoted(name)}, and revoke what was made before",
            cut,
        )
    given = with_word(name, mark, _clock.word())
    way = _make_own if account.id is None else _make_named
    token, tokens = way(account, given, before)
    if token.name != given:
        account.take_back(token)
        raise not_kept(given, token)
    return token, tokens


def _make_named(
    account: Account, given: str, before: list[TokenInfo]
) -> tuple[TokenInfo, list[TokenInfo]]:
    """Make a token of a service account, which gets its name at once."""

    def mine(tokens: list[TokenInfo]) -> list[TokenInfo]:
        return [token for token in tokens if bears(token.name, given)]

    tokens, lost = _post(account, given)
    if not mine(tokens):
        tokens = _look(account, mine, lost)
    if len(mine(tokens)) != 1:
        raise _unknown(_new_in(tokens, before)) from lost
    return mine(tokens)[0], tokens


def _make_own(
    account: Account, given: str, before: list[TokenInfo]
) -> tuple[TokenInfo, list[TokenInfo]]:
    """Make a token of your own, without a name: only the answer tells which one it is."""

    def mine(tokens: list[TokenInfo]) -> list[TokenInfo]:
        return [token for token in _new_in(tokens, before) if not (token.name or token.last_used)]

    tokens, lost = _post(account, given)
    if len(mine(tokens)) != 1:
        raise _unknown(mine(tokens) or mine(_look(account, mine, lost))) from lost
    try:
        token = name_exactly(account, mine(tokens)[0], given)
    except ApiException as error:
        if error.outcome_unknown:
            raise _unknown(mine(tokens)) from error
        raise
    seen = _look(account, lambda tokens: is_named(token, given, tokens), None, [token])
    if not is_named(token, given, seen):
        raise _unknown([token])
    return token, seen


def _post(account: Account, given: str) -> tuple[list[TokenInfo], ApiException | None]:
    """The tokens that the answer lists; if it was lost, nothing and the error."""
    try:
        return account.create(given), None
    except ApiException as error:
        if error.outcome_unknown:
            return [], error
        if isinstance(error, BadRequestException):
            # Another run may have made the last token that fits.
            account.require_slot(account.tokens())
        raise


def _look(
    account: Account,
    fact: Callable[[list[TokenInfo]], object],
    lost: ApiException | None,
    known: Iterable[TokenInfo] = (),
) -> list[TokenInfo]:
    """List until something holds; if that fails, it is unknown what was made."""
    try:
        return account.wait_for(fact)
    except ApiException as error:
        raise _unknown(known) from lost or error


def _new_in(tokens: list[TokenInfo], before: list[TokenInfo]) -> list[TokenInfo]:
    known = {token.secret for token in before}
    return [token for token in tokens if token.secret not in known]


def _unknown(candidates: Iterable[TokenInfo]) -> MintOutcomeUnknown:
    candidates = list(candidates)
    return MintOutcomeUnknown(
        "a token may have been made, and it is unknown which; nothing was deleted."
        f" Candidates: {listed(candidates)}. Run it again: a token of a service account is taken"
        " up when it appears; one of your own stays without a name and unused, and can be revoked",
        candidates,
    )


def name_exactly(account: Account, token: TokenInfo, name: str) -> TokenInfo:
    """Name a token that this run has made, and that is not delivered yet.

    If the service changes the name, the token is deleted. If it refuses the name, one without a
    name is deleted; one with a mark stays, as another run may finish it. If the outcome is
    unknown, a listing tells it, and nothing is deleted.
    """
    try:
        found = account.rename(token, name)
    except ApiException as error:
        if not error.outcome_unknown:
            if not token.name:
                account.take_back(token)
            raise
        seen: list[TokenInfo] = []
        with suppress(ApiException):
            seen = account.tokens()
        if not is_named(token, name, seen):
            raise
        found = renamed(token, name)
    if found.name != name:
        _ = account.take_back(found) or account.take_back(token)
        raise not_kept(name, found)
    return found


def _mint_one(account: Account, name: str, tokens: list[TokenInfo], if_absent: bool) -> MintedToken:
    """Take the token of that name, or one that a killed run has made for it; else make one."""
    if _begun(name, tokens) and not _named(name, tokens):
        # The run that has made it may still be at work: wait until it has named it.
        tokens = account.wait_for(lambda seen: _named(name, seen) or not _begun(name, seen))
    return _present(account, name, tokens, if_absent) or _made(account, name, tokens, if_absent)


def _present(
    account: Account, name: str, tokens: list[TokenInfo], if_absent: bool
) -> MintedToken | None:
    """The token of that name, or one that was made for it and has not got it yet."""
    _refuse_amid_rotation({name}, tokens)
    named, begun = _named(name, tokens), _begun(name, tokens)
    if named and not if_absent:
        raise _taken(name, named)
    if len(named) > 1:
        raise AmbiguousToken(f"{len(named)} tokens have this name: {listed(named)}", named)
    if named:
        for token in begun:
            if is_abandoned(token, service_time(account.api)):
                account.take_back(token)
        return MintedToken(named[0], is_new=False)
    if not begun:
        return None
    return MintedToken(account.rename_exactly(begun[0], name), is_new=True)


def _made(account: Account, name: str, tokens: list[TokenInfo], if_absent: bool) -> MintedToken:
    """Make a token, and keep it unless another run has made one for the same name."""
    made, tokens = make(account, name, "mint", tokens)
    if amid_rotation({name}, tokens):
        account.take_back(made)
        _refuse_amid_rotation({name}, tokens)
    winner = _first(account, name, made, tokens)
    if winner.secret == made.secret:
        return MintedToken(name_exactly(account, made, name), is_new=True)
    account.take_back(made)
    if not if_absent:
        raise _taken(name, [winner])
    if winner.name != name:
        winner = account.rename_exactly(winner, name)
    return MintedToken(winner, is_new=False)


def _first(account: Account, name: str, made: TokenInfo, tokens: list[TokenInfo]) -> TokenInfo:
    """The token that gets the name: one that has it, else the oldest that was made for it."""

    def is_settled(tokens: list[TokenInfo]) -> bool:
        return bool(_named(name, tokens)) or len(_begun(name, tokens)) == 1

    # Twice, as the other run may have waited for its listing as long as this one.
    for _ in range(2):
        if not is_settled(tokens):
            later = _look(account, is_settled, None, [made])
            tokens = later if find_in(later, made) else tokens
    return next(iter([*_named(name, tokens), *_begun(name, tokens)]), made)


def _named(name: str, tokens: list[TokenInfo]) -> list[TokenInfo]:
    return [token for token in tokens if token.name == name]


def _begun(name: str, tokens: list[TokenInfo]) -> list[TokenInfo]:
    """The tokens that were made for a name and have not got it yet, the oldest first."""
    begun = [token for token in tokens if parse(token.name)[:2] == (name, "mint")]
    # A token that was used is in a place that this run does not know.
    unused = [token for token in begun if not token.last_used]
    return sorted(unused, key=lambda token: (token.created or LONG_AGO, token.handle))


def is_at_mint(token: TokenInfo, now: datetime | None) -> bool:
    """Whether a run of `mint` may be working with a token that has its mark."""
    return not token.last_used and not is_abandoned(token, now)


def is_abandoned(token: TokenInfo, now: datetime | None) -> bool:
    """Whether a token was made so long ago that no run is at work with it, and never used.

    :param now: the time of the service; None if it does not tell: then the answer is False.
    """
    if now is None or token.created is None:
        return False
    return token.is_unused and now - token.created > AT_WORK


def _taken(name: str, tokens: list[TokenInfo]) -> NameTaken:
    return NameTaken(
        f"the name {quoted(name)} is taken by {listed(tokens)}: choose another, or allow a"
        " duplicate",
        tokens,
    )


def _refuse_amid_rotation(names: Container[object], tokens: list[TokenInfo]) -> None:
    """Raise if tokens of a name are being rotated, as their names hold the progress."""
    found = amid_rotation(names, tokens)
    if found:
        raise RotationPending(
            f"a rotation is under way with {listed(found)}: finish it first", found
        )


def amid_rotation(names: Container[object], tokens: list[TokenInfo]) -> list[TokenInfo]:
    """The tokens with the mark of a rotation of one of these names."""
    parts = [(token, parse(token.name)) for token in tokens]
    return [token for token, each in parts if each.name in names and each.mark in MARKS]
