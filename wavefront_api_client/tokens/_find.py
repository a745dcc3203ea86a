"""Lists tokens, and picks those that a reference names: the only place that reads a `Ref`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar, Union, runtime_checkable

from wavefront_api_client.exceptions import ForbiddenException, UnauthorizedException
from wavefront_api_client.masking import mask_token
from wavefront_api_client.tokens._account import (
    Account,
    credentials_of,
    own_keys,
    require_api,
    tokens_of_customer,
)
from wavefront_api_client.tokens._token import (
    HANDLE_DIGITS,
    Secret,
    TokenInfo,
    is_handle,
    listed,
    quoted,
)
from wavefront_api_client.tokens.errors import AmbiguousToken, TokenNotFound, TokenOperationError
from wavefront_api_client.types import AccountType

if TYPE_CHECKING:
    from typing import Any, Callable

    from wavefront_api_client import ApiTokenApi
    from wavefront_api_client.tokens._audit import AuditRow

T = TypeVar("T", TokenInfo, "AuditRow")

LONGEST_SHOWN = 20
"""Hex digits and dashes of a reference; a longer one may be a token and is masked."""


@runtime_checkable
class HasHandle(Protocol):
    """A row of a report or of a plan, or what `mint` returned."""

    @property
    def handle(self) -> str:
        """The first 10 hex digits of the SHA-256 of the token."""


Ref = Union[str, Secret, TokenInfo, HasHandle]
"""Names a token: its exact name, its handle or at least 6 digits of it, the token as a `Secret`, or
an object with a `handle`, such as a `TokenInfo` or a row of a report."""

Refs = Union[Ref, Iterable[Ref]]
"""Names one token or several."""


class KeyInfo(NamedTuple):
    """The key that a client uses, and its account."""

    token: TokenInfo | None
    """The token that is the key; None if the account does not list it, as with credentials of
    VMware Cloud services."""
    account: str | None
    """The account that the key belongs to; None if the service does not say."""
    account_type: str | None
    """Such as "USER_ACCOUNT"."""
    held: int
    """How many tokens the account holds, of 20."""
    manages_accounts: bool
    """Whether it has the permission Accounts: the calls for service accounts and the customer."""
    credential: str = "key"
    """"key"; or, at an instance of VMware Cloud services, "CspApiToken" or "CspApp"."""


def list_tokens(
    api: ApiTokenApi, *, account: str | None = None, customer: bool = False
) -> list[TokenInfo]:
    """List tokens.

    Calls ``get_all_tokens``, ``get_tokens_service_account`` or ``get_customer_tokens``.

    :param api: a client.
    :param account: id of a service account; None for the caller's own tokens.
    :param customer: whether to list the tokens of all accounts.
    :return: the tokens, in the order of the service.
    :raises ValueError: `account` and `customer` are both given.
    :raises InvalidResponseException: the answer is not a listing.
    """
    require_api(api)
    if customer and account is not None:
        raise ValueError("give an account or customer=True, not both")
    return tokens_of_customer(api) if customer else Account(api, account).tokens()


def find(api: ApiTokenApi, ref: Refs, *, account: str | None = None) -> list[TokenInfo]:
    """Find all tokens that match a reference. No token is put into a URL.

    Calls ``get_customer_tokens``, and ``get_all_tokens`` where that is forbidden; with an
    account, ``get_tokens_service_account``.

    :param api: a client.
    :param ref: name, handle, `Secret`, `TokenInfo` or row, or several of these.
    :param account: id of the service account that holds it; None for all accounts that the caller
        may list.
    :return: the tokens, in the order of the service; an empty list if there is none.
    :raises ValueError: a reference is empty.
    """
    require_api(api)
    refs = refs_in(ref)
    tokens = _in_sight(api, account)
    chosen = {token.secret for each in refs for token in matching(each, tokens)}
    return [token for token in tokens if token.secret in chosen]


def whoami(api: ApiTokenApi) -> KeyInfo:
    """Tell whose key a client uses, and what it may do.

    Calls ``get_all_tokens`` and ``get_customer_tokens``.

    :param api: a client.
    :return: the token, its account and its permission for accounts. Whether it may create tokens
        of its own cannot be known without creating one.
    """
    require_api(api)
    tokens = Account(api).tokens()
    own = own_keys(api)
    token = next((each for each in tokens if each.secret in own), None)
    known = token or next(iter(tokens), None)
    try:
        tokens_of_customer(api)
        manages_accounts = True
    except (ForbiddenException, UnauthorizedException):
        manages_accounts = False
    account, kind = (known.account, known.account_type) if known else (None, None)
    credentials = credentials_of(api)
    credential = type(credentials).__name__ if credentials else "key"
    return KeyInfo(token, account, kind, len(tokens), manages_accounts, credential)


def refs_in(ref: Refs) -> list[Ref]:
    """The references that were given, one or several; raise for other values."""
    several = isinstance(ref, Iterable) and not isinstance(ref, (str, bytes, HasHandle))
    given: list[Any] = [*ref] if several else [ref]  # type: ignore[misc]
    for each in given:
        if not isinstance(each, str) and not isinstance(getattr(each, "handle", None), str):
            raise TypeError(
                "a token is named by its name, its handle, a Secret, a TokenInfo or a row,"
                f" not {type(each).__name__}"
            )
        if each == "":
            raise ValueError("a reference to a token cannot be empty")
    if not given:
        raise ValueError("no token is named")
    return given


def one_ref(ref: Ref) -> Ref:
    """The reference that was given; raise for several."""
    refs = refs_in(ref)
    if len(refs) > 1:
        raise ValueError(f"give one token, not {len(refs)}")
    return refs[0]


def matching(ref: Ref, tokens: Iterable[T]) -> list[T]:
    """All tokens that match a reference."""
    if not isinstance(ref, str):
        return [each for each in tokens if each.handle == ref.handle]
    if not is_handle(ref):
        return [each for each in tokens if each.name == ref]
    start = ref.lower()[:HANDLE_DIGITS]
    return [each for each in tokens if each.name == ref or each.handle.startswith(start)]


def resolve(ref: Ref, tokens: Iterable[T]) -> T:
    """The one token that matches a reference."""
    found = list({token.handle: token for token in matching(ref, tokens)}.values())
    if not found:
        raise not_found([ref])
    if len(found) > 1:
        raise ambiguous(ref, found)  # type: ignore[arg-type]
    return found[0]


def not_found(refs: Iterable[Ref]) -> TokenNotFound:
    """The error for references that match no token that the caller can list."""
    shown = ", ".join(map(described, refs))
    return TokenNotFound(
        f"there is no token {shown} among those that this key may list: check how it is"
        " written, whose key is used, and the account"
    )


def ambiguous(ref: Ref, found: Iterable[TokenInfo]) -> AmbiguousToken:
    """The error for a reference that matches several tokens."""
    tokens = list(found)
    return AmbiguousToken(
        f"{len(tokens)} tokens match {described(ref)}: {listed(tokens)}; give a handle",
        tokens,
    )


def described(ref: Ref) -> str:
    """A reference as a message shows it; if it may be a token, it is masked."""
    if not isinstance(ref, str):
        return ref.handle
    if is_handle(ref.replace("-", "")) and len(ref) > LONGEST_SHOWN:
        return mask_token(ref)
    return quoted(ref)


def locate(
    api: ApiTokenApi,
    account: str | None,
    matches: Callable[[list[TokenInfo]], list[TokenInfo]],
) -> tuple[Account, list[TokenInfo]]:
    """The account that holds the matching token, and its tokens; the caller's own if none is found.

    Without an account the caller's own tokens come first, then those of all accounts that the
    caller may list.

    :param matches: picks the matching tokens of a listing.
    """
    own = Account(api, account)
    tokens = own.tokens()
    if account is not None or matches(tokens):
        return own, tokens
    try:
        found = matches(tokens_of_customer(api))
    except (ForbiddenException, UnauthorizedException):
        found = []
    holders = {token.account for token in found}
    if len(holders) > 1:
        raise AmbiguousToken(
            f"several accounts have such a token: {listed(found)}; name the account", found
        )
    if not found:
        return own, tokens
    token = found[0]
    is_service = AccountType.is_service_account(token.account_type or "SERVICE_ACCOUNT")
    if token.account is None or not is_service:
        raise TokenOperationError(
            f"token {token.handle} belongs to {token.account}: only they can change it", found
        )
    holder = Account(api, token.account)
    return holder, holder.tokens()


def _in_sight(api: ApiTokenApi, account: str | None) -> list[TokenInfo]:
    if account is not None:
        return Account(api, account).tokens()
    try:
        return tokens_of_customer(api)
    except (ForbiddenException, UnauthorizedException):
        return Account(api).tokens()
