"""Accounts and their tokens, kept in memory under the rules of the service, and its clock."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from email.utils import formatdate
from typing import TYPE_CHECKING, Union

from wavefront_api_client.masking import mask_token

from ._bodies import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import timedelta

DAY = 24 * 60 * 60 * 1000
"""Milliseconds."""

API_TOKENS = "api_tokens"
ACCOUNTS = "accounts"
TOKENS_PER_ACCOUNT = 20

USER = "USER_ACCOUNT"
SERVICE = "SERVICE_ACCOUNT"
INACTIVE_SERVICE = "INACTIVE_SERVICE_ACCOUNT"
APP = "CSP_SERVICE_ACCOUNT"
"""The type of an app of VMware Cloud services: it is not a service account, and holds no tokens."""

MAY_HOLD = {
    USER: frozenset({API_TOKENS, ACCOUNTS}),
    SERVICE: frozenset({ACCOUNTS}),
    INACTIVE_SERVICE: frozenset({ACCOUNTS}),
    APP: frozenset({ACCOUNTS}),
}
"""The permissions that an account of each type can be given."""

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
        return f"Token(token_id={mask_token(self.token_id)!r}, token_name={self.token_name!r})"


class Account:
    """A user or a service account of the service, with the tokens it holds at the moment."""

    def __init__(self, id: str, account_type: str, permissions: Iterable[str]) -> None:
        self.id = id
        """The name it logs in with."""
        self.account_type = account_type
        """USER_ACCOUNT, SERVICE_ACCOUNT or INACTIVE_SERVICE_ACCOUNT; of an app
        CSP_SERVICE_ACCOUNT."""
        self.permissions: frozenset[str] = frozenset(permissions)
        """Its permissions: "api_tokens", "accounts", both or none."""
        self.api_token = ""
        """The API token that a user of an onboarded instance exchanges for access tokens."""
        self.app_secret = ""
        """The secret that an app exchanges, together with its id."""
        self.organizations: tuple[str, ...] = ()
        """The organizations that an app is in."""
        # Replaced as a whole and never changed, so that any thread may read without a lock.
        self._tokens: dict[str, Token] = {}

    @property
    def tokens(self) -> list[Token]:
        """The tokens it holds now, in the order in which it got them."""
        return list(self._tokens.values())

    @property
    def key(self) -> str:
        """A working key: the id of its first token.

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
        shown = [mask_token(token.token_id) for token in self.tokens]
        return f"Account(id={self.id!r}, account_type={self.account_type!r}, tokens={shown!r})"


class Clock:
    """A clock that runs with that of the machine, ahead of it or behind.

    :param ahead: how far ahead it begins.
    """

    def __init__(self, ahead: timedelta) -> None:
        self._ahead = 0
        self._told = (0, "")
        self.advance(ahead)

    def now(self) -> int:
        """Its time in epoch milliseconds."""
        return time.time_ns() // 1_000_000 + self._ahead

    def date(self) -> str:
        """Its time in the format of the header ``Date``."""
        second = self.now() // 1000
        if second != self._told[0]:
            self._told = second, formatdate(second, usegmt=True)
        return self._told[1]

    def advance(self, by: timedelta) -> None:
        """Put it forward, or back."""
        self._ahead += round(by.total_seconds() * 1000)


class Store:
    """All accounts of one instance. One thread at a time may call it.

    :param now: clock, epoch milliseconds.
    """

    def __init__(self, now: Callable[[], int]) -> None:
        self.now = now
        self._accounts: dict[str, Account] = {}
        self._owners: dict[str, Account] = {}

    def __len__(self) -> int:
        return len(self._accounts)

    def __contains__(self, id: str) -> bool:
        return id in self._accounts

    def add(
        self, id: str, account_type: str, permissions: Iterable[str], tokens: Tokens
    ) -> Account:
        """Add an account that holds so many new tokens, or the given ones."""
        account = Account(_text("id", id), account_type, _checked(permissions, account_type))
        token_ids = self._checked_ids(account, tokens)
        if id in self._accounts:
            raise ValueError(f"there is an account {id!r} already")
        self._accounts[id] = account
        for token_id in token_ids:
            self._give(account, Token(token_id, "", self.now()))
        return account

    def add_token(
        self,
        id: str,
        name: str,
        age_days: float,
        idle_days: float | None,
        token_id: str | None,
        dates: tuple[int, int] | None = None,
    ) -> Token:
        """Give an account a token that was made and last used (None: never) so many days ago.

        Or at these dates, in epoch milliseconds.
        """
        account = self._accounts.get(id)
        if account is None:
            raise LookupError(f"there is no account {id!r}")
        (token_id,) = self._checked_ids(account, 1 if token_id is None else [token_id])
        made, used = dates or self._past(age_days, idle_days)
        return self._give(account, Token(token_id, _str("name", name), made, used))

    def caller(self, key: str) -> Account | None:
        """Find the account of a key; None if the key does not work."""
        account = self._owners.get(key)
        inactive = account is not None and account.account_type == INACTIVE_SERVICE
        return None if inactive else account

    def service_account(self, id: str) -> Account:
        """Find a service account, or refuse with 404."""
        account = self._accounts.get(id)
        if account is None or account.account_type in (USER, APP):
            raise Refusal(404, "there is no service account with this id")
        return account

    def accounts(self, account_type: str) -> list[Account]:
        """The accounts of one type."""
        return [each for each in self._accounts.values() if each.account_type == account_type]

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
        return self._give(account, Token(str(uuid.uuid4()), name, self.now()))

    def rename(self, account: Account, token_id: str, name: str) -> Token:
        """Rename a token of this account, or refuse with 404."""
        return account._keep(replace(self.token_of(account, token_id), token_name=name))

    def delete(self, account: Account, token_id: str) -> None:
        """Take a token from this account, or refuse with 404."""
        self.token_of(account, token_id)
        account._drop(token_id)
        del self._owners[token_id]

    def use(self, token_id: str) -> None:
        """Record that a token was used as a key; an access token is not stored."""
        if token_id not in self._owners:
            return
        account, old = self.find(token_id)
        now = max(self.now(), old.last_used)
        account._keep(Token(token_id, old.token_name, old.date_generated, now))

    def _give(self, account: Account, token: Token) -> Token:
        self._owners[token.token_id] = account
        return account._keep(token)

    def _past(self, age_days: float, idle_days: float | None) -> tuple[int, int]:
        now = self.now()
        age, idle = age_days * DAY, (idle_days or 0) * DAY
        if not 0 <= idle <= age < now:
            raise ValueError("it must be 0 <= idle_days <= age_days, and not before 1970")
        return now - round(age), 0 if idle_days is None else now - round(idle)

    def _checked_ids(self, account: Account, tokens: Tokens) -> list[str]:
        if isinstance(tokens, int):
            ids = [str(uuid.uuid4()) for _ in range(tokens)]
        else:
            ids = [_text("token", token) for token in tokens]
        if len(account._tokens) + len(ids) > TOKENS_PER_ACCOUNT:
            raise ValueError(f"an account holds at most {TOKENS_PER_ACCOUNT} tokens")
        if len({*ids, *self._owners}) < len(ids) + len(self._owners):
            raise ValueError("a token id is in use already")
        return ids


def _str(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {type(value).__name__}")
    return value


def _text(name: str, value: object) -> str:
    text = _str(name, value)
    if not text:
        raise ValueError(f"{name} must not be empty")
    return text


def _checked(permissions: Iterable[str], account_type: str) -> frozenset[str]:
    asked, allowed = frozenset(permissions), MAY_HOLD[account_type]
    if not asked <= allowed:
        raise ValueError(
            f"permissions of a {account_type} are of {sorted(allowed)}, not {sorted(asked)}"
        )
    return asked
