"""One new token, and surely that one: what becomes of a lost answer is found out by listing."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from wavefront_api_client.exceptions import ApiException, BadRequestException
from wavefront_api_client.tokens import _records
from wavefront_api_client.tokens._account import MOST_TOKENS, not_kept
from wavefront_api_client.tokens.errors import MintOutcomeUnknown

if TYPE_CHECKING:
    from typing import Callable

    from wavefront_api_client.tokens._account import Account
    from wavefront_api_client.tokens._records import Record
    from wavefront_api_client.tokens._token import TokenInfo


def make(account: Account, name: str, word: str) -> TokenInfo:
    """Make a token of an account.

    :param name: what it is to be called.
    :param word: a part of the name that no other token has; for a service account alone.
    :raises NoFreeSlot: the account holds as many tokens as it may.
    :raises MintOutcomeUnknown: one may have been made that cannot be told from others.
    :raises TokenOperationError: the service makes another name of it; the token is deleted.
    :raises ApiException: a call failed; as far as one can see, no token was made.
    """
    before = account.tokens()
    if account.id is not None:
        account.require_slot(before)
        return _make_named(account, name, word, before)
    return _make_own(account, name, before)


def christen(
    account: Account, token: TokenInfo, name: str, undo: Callable[[TokenInfo], object]
) -> TokenInfo:
    """Name a token that nobody has yet.

    :param undo: what to do with the token if it cannot bear the name.
    :raises TokenOperationError: the service makes another name of it.
    :raises ApiException: a call failed.
    """
    try:
        found = account.rename(token, name)
    except ApiException:
        with suppress(ApiException):
            undo(token)
        raise
    if found.name != name:
        undo(token)
        raise not_kept(name, found)
    return found


def _make_named(account: Account, name: str, word: str, before: list[TokenInfo]) -> TokenInfo:
    """The word is in the name from the first, so that the token is known wherever it appears."""
    new, is_sure = _newcomers(account, name, before, lambda token: word in token.name)
    mine = [token for token in new if word in token.name] or (new if is_sure else [])
    if len(mine) != 1:
        raise _unknown(name, new)
    if mine[0].name != name:
        account.delete(mine[0])
        raise not_kept(name, mine[0])
    return mine[0]


def _make_own(account: Account, name: str, before: list[TokenInfo]) -> TokenInfo:
    """A token of one's own is made without a name: a file says what was there before."""
    owner = f"{account.api.api_client.configuration.host}\n{_holder_of(before)}"
    left = _records.kept(owner, name)
    token = _adopted(name, left, before)
    undo = account.restore
    if token is None:
        account.require_slot(before)
        left = [_records.keep(owner, name, before)]
        token, is_sure = _new_own(account, name, left[0], before)
        undo = account.delete if is_sure else undo
    found = token if token.name == name else christen(account, token, name, undo)
    for record in left:
        record.remove()
    return found


def _new_own(
    account: Account, name: str, record: Record, before: list[TokenInfo]
) -> tuple[TokenInfo, bool]:
    """A token that has no name yet, and whether it surely is the one that was made."""
    try:
        new, is_sure = _newcomers(account, name, before, record.explains)
    except ApiException as error:
        if not error.outcome_unknown:
            record.remove()
        raise
    if is_sure and not new[-1].name:
        # The service lists a token that it has just made as the last one.
        return new[-1], True
    mine = [token for token in new if record.explains(token)]
    if len(mine) != 1:
        raise _unknown(name, new)
    return mine[0], False


def _adopted(name: str, records: list[Record], tokens: list[TokenInfo]) -> TokenInfo | None:
    """The token that an earlier run made and could not name, if there is exactly one."""
    found = [token for token in tokens if any(record.explains(token) for record in records)]
    if len(found) > 1:
        raise _unknown(name, found)
    return found[0] if found else None


def _newcomers(
    account: Account, name: str, before: list[TokenInfo], is_mine: Callable[[TokenInfo], object]
) -> tuple[list[TokenInfo], bool]:
    """Have a token made.

    :param is_mine: whether a token can be the one.
    :return: the tokens that were not there before, and whether the new one surely is among them.
    """
    known = {token.secret for token in before}

    def new_in(tokens: list[TokenInfo]) -> list[TokenInfo]:
        return [token for token in tokens if token.secret not in known]

    def appeared() -> list[TokenInfo]:
        return new_in(account.wait_for(lambda tokens: any(map(is_mine, new_in(tokens)))))

    try:
        new = new_in(account.create(name))
    except ApiException as error:
        if not error.outcome_unknown:
            _explain(account, error)
            raise
        new = appeared()
        if not new:
            raise
        return new, False
    return (new, True) if new else (appeared(), False)


def _explain(account: Account, error: ApiException) -> None:
    """Say that somebody took the last slot meanwhile, if that is why nothing was made."""
    if isinstance(error, BadRequestException) and len(tokens := account.tokens()) >= MOST_TOKENS:
        account.require_slot(tokens)


def _holder_of(tokens: list[TokenInfo]) -> str:
    return next((token.account for token in tokens if token.account), "")


def _unknown(name: str, tokens: list[TokenInfo]) -> MintOutcomeUnknown:
    found = ", ".join(f"{token.handle} {token.name!r}" for token in tokens)
    return MintOutcomeUnknown(
        f"a token {name!r} may have been made, which cannot be told from others: {found or 'none'};"
        " nothing was deleted, name or delete those that you do not know",
        tokens,
    )
