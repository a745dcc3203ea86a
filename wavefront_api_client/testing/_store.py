"""Accounts and their tokens, kept in memory under the rules of the service."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Union

from ._bodies import Refusal
from ._masking import mask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

API_TOKENS = "api_tokens"
ACCOUNTS = "accounts"
PERMISSIONS = frozenset({API_TOKENS, ACCOUNTS})
TOKENS_PER_ACCOUNT = 20

USER = "USER_ACCOUNT"
SERVICE = "SERVICE_ACCOUNT"
INACTIVE_SERVICE = "INACTIVE_SERVICE_ACCOUNT"

Tokens = Union[int, Sequence[str]]


@dataclass(frozen=True, repr=False)
class Token:
    """An API token as stored: an immutable snapshot."""

    token_id: str
    """The token itself, which is the key that it gives."""
    token_name: str
    """Its name, `""` as long as it has none."""
    date_generated: int
    """Epoch milliseconds."""
    last_used: int = 0
    """Epoch milliseconds, 0 as long as it has not been used."""

    def __repr__(self) -> str:
        return f"Token(token_id={mask(self.token_id)!r}, token_name={self.token_name!r})"


class Account:
    """A user or a service account of the service, with the tokens it holds at the moment."""

    def __init__(self, id: str, account_type: str, permissions: Iterable[str]) -> None:
        self.id = id
        """The name it logs in with."""
        self.account_type = account_type
        """USER_ACCOUNT, SERVICE_ACCOUNT or INACTIVE_SERVICE_ACCOUNT."""
        self.permissions: frozenset[str] = frozenset(permissions)
        """What it may do: "api_tokens", "accounts", both or nothing."""
        # Replaced as a whole and never changed, so that any thread may read without a lock.
        self._tokens: dict[str, Token] = {}

    @property
    def tokens(self) -> list[Token]:
        """The tokens it holds now, oldest first."""
        return list(self._tokens.values())

    @property
    def key(self) -> str:
        """A working key: the id of its oldest token.

        :raises LookupError: it holds no token.
        """
        tokens = self.tokens
        if not tokens:
            raise LookupError(f"account {self.id!r} holds no token")
        return tokens[0].token_id

    def _keep(self, token: Token) -> Token:
        self._tokens = {**self._tokens, token.token_id: token}
        return token

    def _drop(self, token_id: str) -> None:
        self._tokens = {key: kept for key, kept in self._tokens.items() if key != token_id}

    def __repr__(self) -> str:
        shown = [mask(token.token_id) for token in self.tokens]
        return f"Account(id={self.id!r}, account_type={self.account_type!r}, tokens={shown!r})"


def _epoch_millis() -> int:
    return time.time_ns() // 1_000_000


class Store:
    """All accounts of one instance. One thread at a time may call it.

    :param now: clock, epoch milliseconds.
    """

    def __init__(self, now: Callable[[], int] = _epoch_millis) -> None:
        self._now = now
        self._accounts: dict[str, Account] = {}
        self._owners: dict[str, Account] = {}

    def __len__(self) -> int:
        return len(self._accounts)

    def add(
        self, id: str, account_type: str, permissions: Iterable[str], tokens: Tokens
    ) -> Account:
        """Add an account that holds so many new tokens, or the given ones."""
        account = Account(_text("id", id), account_type, _checked(permissions))
        token_ids = self._checked_ids(tokens)
        if id in self._accounts:
            raise ValueError(f"there is an account {id!r} already")
        self._accounts[id] = account
        for token_id in token_ids:
            self._give(account, token_id, "")
        return account

    def caller(self, key: str) -> Account | None:
        """Find the account that a key works for; None if it does not work."""
        account = self._owners.get(key)
        inactive = account is not None and account.account_type == INACTIVE_SERVICE
        return None if inactive else account

    def service_account(self, id: str) -> Account:
        """Find a service account, or refuse with 404."""
        account = self._accounts.get(id)
        if account is None or account.account_type == USER:
            raise Refusal(404, "there is no service account with this id")
        return account

    def everything(self) -> list[tuple[Account, Token]]:
        """Each token of the instance with its account."""
        return [(a, token) for a in self._accounts.values() for token in a.tokens]

    def find(self, token_id: str) -> tuple[Account, Token]:
        """Find any token of the instance, or refuse with 404."""
        account = self._owners.get(token_id)
        if account is None:
            raise Refusal(404, "there is no token with this id")
        return account, account._tokens[token_id]

    def token_of(self, account: Account, token_id: str) -> Token:
        """Find a token of this account, or refuse with 404."""
        token = account._tokens.get(token_id)
        if token is None:
            raise Refusal(404, "the account has no token with this id")
        return token

    def create(self, account: Account, name: str) -> Token:
        """Give the account a new token, or refuse with 400 if it holds as many as it may."""
        if len(account._tokens) >= TOKENS_PER_ACCOUNT:
            raise Refusal(400, f"the account already has {TOKENS_PER_ACCOUNT} tokens")
        return self._give(account, str(uuid.uuid4()), name)

    def rename(self, account: Account, token_id: str, name: str) -> Token:
        """Name a token of this account anew, or refuse with 404."""
        return account._keep(replace(self.token_of(account, token_id), token_name=name))

    def delete(self, account: Account, token_id: str) -> Token:
        """Take a token from this account, or refuse with 404."""
        token = self.token_of(account, token_id)
        account._drop(token_id)
        del self._owners[token_id]
        return token

    def use(self, token_id: str) -> None:
        """Note that a token has been used as a key."""
        account, old = self.find(token_id)
        now = max(self._now(), old.last_used)
        account._keep(Token(token_id, old.token_name, old.date_generated, now))

    def _give(self, account: Account, token_id: str, name: str) -> Token:
        self._owners[token_id] = account
        return account._keep(Token(token_id, name, self._now()))

    def _checked_ids(self, tokens: Tokens) -> list[str]:
        if isinstance(tokens, int):
            ids = [str(uuid.uuid4()) for _ in range(tokens)]
        else:
            ids = [_text("token", token) for token in tokens]
        if len(ids) > TOKENS_PER_ACCOUNT:
            raise ValueError(f"an account holds at most {TOKENS_PER_ACCOUNT} tokens")
        if len({*ids, *self._owners}) < len(ids) + len(self._owners):
            raise ValueError("a token id is in use already")
        return ids


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {type(value).__name__}")
    if not value:
        raise ValueError(f"{name} must not be empty")
    return value


def _checked(permissions: Iterable[str]) -> frozenset[str]:
    asked = frozenset(permissions)
    if not asked <= PERMISSIONS:
        raise ValueError(f"permissions are {sorted(PERMISSIONS)}, not {sorted(asked)}")
    return asked
