"""The calls of one account, what counts as a listing, and clients that use another key."""

from __future__ import annotations

import logging
from copy import copy
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Callable

from wavefront_api_client import ApiClient, ApiTokenApi
from wavefront_api_client.exceptions import (
    ApiException,
    ForbiddenException,
    InvalidResponseException,
    UnauthorizedException,
)
from wavefront_api_client.models import ApiTokenModel, UserApiToken
from wavefront_api_client.tokens import _clock
from wavefront_api_client.tokens._text import counted
from wavefront_api_client.tokens._token import (
    LONG_AGO,
    Secret,
    TokenInfo,
    quoted,
    renamed,
    shown,
)
from wavefront_api_client.tokens.errors import NoFreeSlot, TokenOperationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wavefront_api_client.credentials import CspApiToken, CspApp

_LAST_YEAR = 9000
"""A clock that shows a later time is wrong, and a grace after it cannot be computed."""

LOG = logging.getLogger("wavefront_api_client.tokens")

MOST_TOKENS = 20
"""How many tokens an account may hold."""

PATIENCE = timedelta(seconds=10)
"""How long to look for a token whose answer was lost, and how long a listing may lag behind."""

KEY_HEADER = "X-AUTH-TOKEN"


class Listing(list):  # type: ignore[type-arg]
    """The models of an answer."""

    is_whole = True
    """False if the service warns of something: then it does not show what is missing."""


class Account:
    """An account as the operations see it.

    :param id: that of a service account, None for the caller's own tokens.
    :param patience: how long `wait_for` waits.
    :param before_call: called before each call, and may wait.
    """

    def __init__(
        self,
        api: ApiTokenApi,
        id: str | None = None,
        patience: timedelta = PATIENCE,
        before_call: Callable[[], object] = lambda: None,
    ) -> None:
        if id is not None and not isinstance(id, str):
            raise TypeError(f"account is the id of a service account, not {type(id).__name__}")
        self.api = api
        self.id = id
        self.patience = patience
        self.before_call = before_call

    def tokens(self) -> list[TokenInfo]:
        """Its tokens, in the order of the service."""
        self.before_call()
        if self.id is not None:
            return infos_of(models_of(self.api.get_tokens_service_account(self.id), UserApiToken))
        found = models_of(self.api.get_all_tokens(), UserApiToken)
        _require_key(self.api, found)
        return infos_of(found)

    def create(self, name: str) -> list[TokenInfo]:
        """Make a token, which gets its name if it is that of a service account.

        :return: all tokens that the account holds then.
        """
        self.before_call()
        if self.id is None:
            answer = self.api.create_token()
        else:
            body = UserApiToken(token_name=name)
            answer = self.api.generate_token_service_account(self.id, body=body)
        try:
            return infos_of(models_of(answer, UserApiToken))
        except InvalidResponseException as error:
            error.outcome_unknown = True
            raise

    def rename(self, token: TokenInfo, name: str) -> TokenInfo:
        """Give a token another name, and return it with the one that the service has given it."""
        self.before_call()
        body = UserApiToken(token_name=name)
        secret = token.secret
        if self.id is None:
            answer = self.api.update_token_name(secret.reveal(), body=body)
        else:
            answer = self.api.update_token_name_service_account(self.id, secret.reveal(), body=body)
        model = response_of(answer)
        is_told = isinstance(model, UserApiToken) and model.token_id == secret.reveal()
        if is_told and model.token_name:
            return renamed(token, model.token_name)
        # The answer does not say the name: a listing may.
        said = "neither the answer nor a listing shows the new name"
        error: ApiException = InvalidResponseException(200, said)
        try:
            if is_named(token, name, self.wait_for(lambda tokens: is_named(token, name, tokens))):
                return renamed(token, name)
        except ApiException as failure:
            error = failure
        error.outcome_unknown = True
        raise error

    def rename_exactly(self, token: TokenInfo, name: str) -> TokenInfo:
        """Give a token another name, or leave it the one that it has."""
        found = self.rename(token, name)
        if found.name != name:
            self.rename(token, token.name)
            raise not_kept(name, found)
        return found

    def delete(self, token: TokenInfo) -> None:
        """Delete a token."""
        self.before_call()
        if self.id is None:
            response_of(self.api.delete_token(token.secret.reveal()))
        else:
            response_of(self.api.delete_token_service_account(self.id, token.secret.reveal()))

    def take_back(self, token: TokenInfo) -> bool:
        """Delete a token that this run has made, unless it was renamed or used; tell whether.

        Listings may lag behind: the token must stay the same for as long as that.
        """

        def is_taken(tokens: list[TokenInfo]) -> bool:
            seen = find_in(tokens, token)
            return seen is not None and (seen.name != token.name or seen.last_used is not None)

        tokens = self.wait_for(is_taken)
        if is_taken(tokens) or not find_in(tokens, token):
            return False
        self.delete(token)
        return True

    def find(self, token: TokenInfo) -> TokenInfo | None:
        """A token as a listing has it, which may lag behind."""
        return find_in(self.wait_for(lambda tokens: find_in(tokens, token)), token)

    def wait_for(self, fact: Callable[[list[TokenInfo]], object]) -> list[TokenInfo]:
        """List until something holds; return the last listing, whether it holds or not."""
        return _clock.wait_for(self.tokens, fact, self.patience)

    def require_slot(self, tokens: list[TokenInfo]) -> None:
        """Raise if no token can be made; `tokens` are all that the account holds."""
        if len(tokens) < MOST_TOKENS:
            return
        own = own_keys(self.api)
        others = [token for token in tokens if token.secret not in own]
        raise NoFreeSlot(
            f"the account holds {len(tokens)} tokens, and {MOST_TOKENS} is the most:"
            " revoke one that is not used",
            sorted(others, key=lambda token: token.last_used or LONG_AGO),
        )


def find_in(tokens: list[TokenInfo], token: TokenInfo) -> TokenInfo | None:
    """A token as a listing has it now, None if it is not there."""
    return next((each for each in tokens if each.secret == token.secret), None)


def is_named(token: TokenInfo, name: str, tokens: list[TokenInfo]) -> bool:
    """Whether a listing has a token under a name."""
    seen = find_in(tokens, token)
    return seen is not None and seen.name == name


def not_kept(name: str, token: TokenInfo) -> TokenOperationError:
    """The error for a name that came back changed."""
    return TokenOperationError(
        f"the service made {token.shown_name!r} of the name {quoted(name)}: choose another,"
        f" perhaps a shorter one; token {token.handle} does not have it",
        [token],
    )


def service_time(api: ApiTokenApi) -> datetime | None:
    """The time in the last answer of the service, None if it has none."""
    headers = getattr(api.api_client.last_response, "headers", None) or {}
    return _moment(headers.get("Date") or "")


@lru_cache(maxsize=1)
def _moment(text: str) -> datetime | None:
    """The time that a date of a header says; None if it cannot be read."""
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    if found.year > _LAST_YEAR:
        return None
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def present(api: ApiTokenApi, tokens: Iterable[TokenInfo] = ()) -> datetime:
    """The time of the service where its last answer tells, else that of this machine.

    :param tokens: as just listed: the time of the machine is not earlier than a date of theirs.
    """
    told, here = service_time(api), _clock.now()
    if told is None:
        dates = [date for token in tokens for date in (token.created, token.last_used) if date]
        return max([here, *dates])
    # Where the two agree, this machine's is more exact: the header tells full seconds.
    return here if abs(here - told) < timedelta(seconds=2) else told


def require_api(api: object) -> None:
    """Refuse an `api` without the calls for tokens, such as an `ApiClient`."""
    if not hasattr(api, "get_all_tokens"):
        raise TypeError(f"api must be an ApiTokenApi, not {type(api).__name__}")


def credentials_of(api: ApiTokenApi) -> CspApiToken | CspApp | None:
    """What a client exchanges for access tokens of VMware Cloud services; None if it does not."""
    client = api.api_client
    # A default header of the client is sent unchanged, and nothing is exchanged.
    own = {name.lower() for name in client.default_headers}
    if own & {"authorization", KEY_HEADER.lower()}:
        return None
    return client.configuration.credentials_for(client.configuration.host)


def is_onboarded(api: ApiTokenApi) -> bool:
    """Whether a client gets access tokens of VMware Cloud services; a token is not a key there."""
    return credentials_of(api) is not None


def require_account(api: ApiTokenApi, account: str | None) -> None:
    """Raise if the caller cannot make own tokens, as with VMware Cloud services."""
    if account is None and is_onboarded(api):
        raise TokenOperationError(
            "users of VMware Cloud services make no tokens of their own: name the service account"
            " that the token is for; nothing was sent"
        )


def own_keys(api: ApiTokenApi) -> set[Secret]:
    """The tokens that a client authenticates itself with: none, one, or one in each header."""
    client = api.api_client
    found = [client.configuration.get_api_key_with_prefix(KEY_HEADER) or ""]
    found += _key_headers(client).values()
    return {Secret(words[-1]) for words in map(str.split, found) if words}


def use_key(api: ApiTokenApi, secret: Secret) -> None:
    """Have a client authenticate itself with another key, in the same way as before."""
    client, configuration = api.api_client, api.api_client.configuration
    headers = _key_headers(client)
    for name, value in headers.items():
        client.set_default_header(name, " ".join([*value.split()[:-1], secret.reveal()]))
    if configuration.api_key.get(KEY_HEADER) or not headers:
        configuration.api_key = {**configuration.api_key, KEY_HEADER: secret.reveal()}


def with_key(api: ApiTokenApi, secret: Secret) -> ApiTokenApi:
    """A client like another one, but with a key of its own; it has to be closed."""
    configuration = copy(api.api_client.configuration)
    configuration.refresh_api_key_hook = None
    other = ApiTokenApi(ApiClient(configuration, cookie=api.api_client.cookie))
    other.api_client.default_headers.update(api.api_client.default_headers)
    use_key(other, secret)
    return other


def listed_by(api: ApiTokenApi, secret: Secret) -> list[TokenInfo] | None:
    """The tokens that a key lists as its own account's; None if it does not work, or may not."""
    other = with_key(api, secret)
    with other.api_client:
        try:
            return Account(other).tokens()
        except (UnauthorizedException, ForbiddenException):
            return None


def _key_headers(client: ApiClient) -> dict[str, str]:
    """The headers that carry a key beside, or in place of, the one of the configuration."""
    found = {}
    for name, value in client.default_headers.items():
        text = value.decode("latin-1") if isinstance(value, bytes) else str(value or "")
        is_bearer = name.lower() == "authorization" and text.lower().startswith("bearer ")
        if is_bearer or name.lower() == KEY_HEADER.lower():
            found[name] = text
    return found


def tokens_of_customer(api: ApiTokenApi) -> list[TokenInfo]:
    """The tokens of all accounts."""
    return infos_of(models_of_customer(api))


def models_of_customer(api: ApiTokenApi) -> Listing:
    """The tokens of all accounts as models; a customer may have a hundred thousand."""
    found = models_of(api.get_customer_tokens(), ApiTokenModel)
    _require_key(api, found)
    return found


def _require_key(api: ApiTokenApi, found: list[Any]) -> None:
    """Refuse an empty listing where the key is an API token, which would have to be in it."""
    client = api.api_client
    headers = {name.lower() for name in _key_headers(client)}
    key = client.configuration.get_api_key_with_prefix(KEY_HEADER)
    if not found and (key or KEY_HEADER.lower() in headers):
        raise _no_listing("an empty list, without the key itself,")


def infos_of(models: Sequence[Any]) -> list[TokenInfo]:
    """The tokens of a listing, each of which knows whether the service tells any use."""
    tells_use = any(model.last_used_at for model in models)
    return [TokenInfo(model, tells_use) for model in models]


def models_of(answer: Any, kind: type[UserApiToken | ApiTokenModel]) -> Listing:
    """The models that an answer lists, each of which has the token itself.

    An empty list that comes with a message, such as that of the client for an answer without a
    body, says nothing about the tokens. The message of another listing is logged as a warning.
    """
    token = "id" if kind is ApiTokenModel else "token_id"
    listed = response_of(answer)
    said = (answer.status and answer.status.message) or ""
    message = said and shown(str(said))
    if not isinstance(listed, list):
        raise _no_listing(type(listed).__name__, message)
    if message and not listed:
        raise _no_listing("an empty list", message)
    for element in listed:
        found = getattr(element, token) if isinstance(element, kind) else None
        if not (isinstance(found, str) and found):
            raise _no_listing(f"a list with an element without a token ({type(element).__name__})")
    if message:
        LOG.warning(
            "the service says of its list of %s: %s", counted(len(listed), "token"), message
        )
    found = Listing(listed)
    found.is_whole = not message
    return found


def _no_listing(found: str, message: str = "") -> InvalidResponseException:
    error = InvalidResponseException(200, f"a list of tokens was expected, and {found} came")
    error.message = message or None
    return error


def response_of(answer: Any) -> Any:
    """What an answer holds; status 200 with the result ERROR is a failure, not an empty answer."""
    status = answer.status
    if status is not None and status.result == "ERROR":
        error = ApiException(200, "the service answered with the result ERROR")
        error.message = status.message
        raise error
    return answer.response
