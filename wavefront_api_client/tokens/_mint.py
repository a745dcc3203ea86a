"""Mint: a new token with a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wavefront_api_client.tokens import _clock
from wavefront_api_client.tokens._account import Account
from wavefront_api_client.tokens._marks import checked, parse, with_word
from wavefront_api_client.tokens._minting import christen, make
from wavefront_api_client.tokens._states import family_of, oldest_first
from wavefront_api_client.tokens.errors import AmbiguousToken, RotationPending

if TYPE_CHECKING:
    from wavefront_api_client import ApiTokenApi
    from wavefront_api_client.tokens._token import Secret, TokenInfo


@dataclass(frozen=True)
class MintedToken:
    """The token that `mint` made, or found."""

    token: TokenInfo
    """What is known of it."""
    is_new: bool
    """False if there was one of that name already."""

    @property
    def secret(self) -> Secret:
        """The token itself."""
        return self.token.secret

    @property
    def handle(self) -> str:
        """What may be shown in its place."""
        return self.token.handle

    @property
    def name(self) -> str:
        """Its name."""
        return self.token.name


def mint(
    api: ApiTokenApi, name: str, *, account: str | None = None, if_absent: bool = False
) -> MintedToken:
    """Make exactly one token, give it a name, and return exactly that one.

    A token of a service account is called ``ci ~mint-1f3a9c2e`` until it is known to be there: a
    lost answer is looked for in a listing by these random digits, and never asked for again. A
    token of one's own has no name at first. What was there before is in a file below
    ``$XDG_STATE_HOME/wavefront-tokens`` (by default ``~/.local/state``) that holds handles only;
    the next call goes on from there if this one is killed.

    Calls ``get_tokens_service_account``, ``generate_token_service_account`` and
    ``update_token_name_service_account``, or ``get_all_tokens``, ``create_token`` and
    ``update_token_name``; after a failure also the call that deletes the token.

    :param api: a client.
    :param name: what the token is to be called.
    :param account: id of a service account; None for a token of one's own.
    :param if_absent: whether a token that has this name already will do.
    :return: the token.
    :raises ValueError: the name is empty, or ends like the mark of an unfinished operation.
    :raises AmbiguousToken: several tokens have the name, and one of them was asked for.
    :raises RotationPending: a token of this name is being rotated; nothing was written.
    :raises NoFreeSlot: the account holds as many tokens as it may; nothing was written.
    :raises MintOutcomeUnknown: a token may have been made that cannot be told from others.
    :raises TokenOperationError: the service made another name of it; the new token was deleted.
    :raises OSError: the file of what was there before cannot be written; no token was made.
    :raises ApiException: a call failed.
    """
    holder = Account(api, account)
    checked(name)
    tokens = holder.tokens()
    found = _present(holder, name, tokens) if if_absent else None
    if found is not None:
        return found
    _refuse_amid_rotation(name, tokens)
    return MintedToken(_minted(holder, name), is_new=True)


def _minted(holder: Account, name: str) -> TokenInfo:
    if holder.id is None:
        return make(holder, name, "")
    word = _clock.word()
    token = make(holder, with_word(name, "mint", word), word)
    return christen(holder, token, name, holder.delete)


def _refuse_amid_rotation(name: str, tokens: list[TokenInfo]) -> None:
    """Refuse to make another token of a name where the names say how far a rotation is."""
    family = family_of(name, tokens)
    if family.new or family.old or family.out:
        raise RotationPending(
            f"a rotation of {name!r} is under way, in which nobody could tell another token of"
            " this name from the one that it makes: finish it first",
            family.tokens,
        )


def _present(holder: Account, name: str, tokens: list[TokenInfo]) -> MintedToken | None:
    """The token of that name, or one whose making was interrupted before it had the name."""
    named = [token for token in tokens if token.name == name]
    if len(named) > 1:
        raise AmbiguousToken(f"{len(named)} tokens are named {name!r}", named)
    if named:
        return MintedToken(named[0], is_new=False)
    begun = [token for token in tokens if parse(token.name)[:2] == (name, "mint")]
    if not begun:
        return None
    return MintedToken(holder.rename_exactly(oldest_first(begun)[0], name), is_new=True)
