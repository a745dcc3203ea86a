"""The eleven endpoints: their routes, how a path is matched, and the handlers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote_to_bytes

from wavefront_api_client.masking import mask_token

from ._bodies import Refusal
from ._store import ACCOUNTS, API_TOKENS, Account, Store, Token

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._bodies import JsonObject

CUSTOMER = "example"

_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


class Call(NamedTuple):
    """A request of a caller with the permission for it."""

    store: Store
    caller: Account
    params: dict[str, str]
    body: JsonObject
    onboarded: bool


class Route(NamedTuple):
    """An endpoint: where it is, who may call it and what it does."""

    method: str
    path: str
    permission: str | None
    """The permission that the caller needs, None for calls about the caller's own tokens."""
    handler: Callable[[Call], Any]
    """Carries the call out and returns the response for the container."""
    takes_body: bool = False

    @property
    def operation(self) -> str:
        """The name of the method that calls it."""
        return self.handler.__name__


def get_all_tokens(call: Call) -> list[JsonObject]:
    """List the caller's tokens."""
    return _list_of(call.caller)


def create_token(call: Call) -> list[JsonObject]:
    """Create a token of the caller and list the caller's tokens, the new one last."""
    if call.onboarded:
        raise Refusal(403, "not available: this instance is onboarded to VMware Cloud services")
    call.store.create(call.caller, "")
    return _list_of(call.caller)


def delete_token(call: Call) -> list[JsonObject]:
    """Delete a token of the caller and list those that are left."""
    call.store.delete(call.caller, call.params["id"])
    return _list_of(call.caller)


def update_token_name(call: Call) -> JsonObject:
    """Rename a token of the caller and show it."""
    return _rename(call, call.caller, call.params["id"])


def get_customer_tokens(call: Call) -> list[JsonObject]:
    """List every token of the instance."""
    return [_api_token_model(account, token) for account, token in call.store.everything()]


def get_customer_token(call: Call) -> JsonObject:
    """Show any token of the instance."""
    return _api_token_model(*call.store.find(call.params["id"]))


def delete_customer_token(call: Call) -> JsonObject:
    """Revoke any token of the instance and show it for the last time."""
    token_id = call.body.get("tokenID")
    if not token_id:
        raise Refusal(400, "tokenID is missing: it says which token to revoke")
    account, token = call.store.find(token_id)
    call.store.delete(account, token.token_id)
    return _user_api_token(account, token)


def get_tokens_service_account(call: Call) -> list[JsonObject]:
    """List the tokens of a service account."""
    return _list_of(call.store.service_account(call.params["id"]))


def generate_token_service_account(call: Call) -> list[JsonObject]:
    """Create a token of a service account and list its tokens, the new one last."""
    account = call.store.service_account(call.params["id"])
    call.store.create(account, call.body.get("tokenName", ""))
    return _list_of(account)


def delete_token_service_account(call: Call) -> list[JsonObject]:
    """Delete a token of a service account and list those that are left."""
    account = call.store.service_account(call.params["id"])
    call.store.delete(account, call.params["token"])
    return _list_of(account)


def update_token_name_service_account(call: Call) -> JsonObject:
    """Rename a token of a service account and show it."""
    account = call.store.service_account(call.params["id"])
    return _rename(call, account, call.params["token"])


def _rename(call: Call, account: Account, token_id: str) -> JsonObject:
    token = call.store.token_of(account, token_id)
    if call.body.get("tokenID", token_id) != token_id:
        raise Refusal(400, "tokenID in the body is not the token in the path")
    name = call.body.get("tokenName", token.token_name)
    return _user_api_token(account, call.store.rename(account, token_id, name))


def _list_of(account: Account) -> list[JsonObject]:
    return [_user_api_token(account, token) for token in account.tokens]


def _user_api_token(account: Account, token: Token) -> JsonObject:
    return {
        "tokenID": token.token_id,
        "tokenName": token.token_name,
        "account": account.id,
        "accountType": account.account_type,
        "dateGenerated": token.date_generated,
        "lastUsed": token.last_used,
    }


def _api_token_model(account: Account, token: Token) -> JsonObject:
    return {
        "id": token.token_id,
        "name": token.token_name,
        "account": account.id,
        "accountType": account.account_type,
        "customer": CUSTOMER,
        "createdEpochMillis": token.date_generated,
        "dateGenerated": token.date_generated,
        "lastUsed": token.last_used,
    }


_OWN = "/api/v2/apitoken"
_OWN_TOKEN = _OWN + "/{id}"
_CUSTOMER = _OWN + "/customertokens"
_CUSTOMER_TOKEN = _CUSTOMER + "/{id}"
_REVOKE = _CUSTOMER + "/revoke"
_SERVICE = _OWN + "/serviceaccount/{id}"
_SERVICE_TOKEN = _SERVICE + "/{token}"

_ALL = [
    Route("POST", _OWN, API_TOKENS, create_token),
    Route("PUT", _REVOKE, ACCOUNTS, delete_customer_token, takes_body=True),
    Route("DELETE", _OWN_TOKEN, None, delete_token),
    Route("DELETE", _SERVICE_TOKEN, ACCOUNTS, delete_token_service_account),
    Route("POST", _SERVICE, ACCOUNTS, generate_token_service_account, takes_body=True),
    Route("GET", _OWN, None, get_all_tokens),
    Route("GET", _CUSTOMER_TOKEN, ACCOUNTS, get_customer_token),
    Route("GET", _CUSTOMER, ACCOUNTS, get_customer_tokens),
    Route("GET", _SERVICE, ACCOUNTS, get_tokens_service_account),
    Route("PUT", _OWN_TOKEN, None, update_token_name, takes_body=True),
    Route("PUT", _SERVICE_TOKEN, ACCOUNTS, update_token_name_service_account, takes_body=True),
]

ROUTES: dict[tuple[str, str], str] = {(r.method, r.path): r.operation for r in _ALL}
"""Name of the operation by HTTP method and path template."""

# In OpenAPI and in JAX-RS a path without names goes before one that could stand for it as well.
_RESOURCES = [
    (path[1:].split("/"), {route.method: route for route in _ALL if route.path == path})
    for path in sorted({route.path for route in _ALL}, key=lambda path: (path.count("{"), path))
]


USER_EXCHANGE = "/csp/gateway/am/api/auth/api-tokens/authorize"
APP_EXCHANGE = "/csp/gateway/am/api/auth/authorize"
EXCHANGES = (USER_EXCHANGE, APP_EXCHANGE)
"""Where VMware Cloud services takes the API token of a user, and the id and secret of an app."""


class Match(NamedTuple):
    """The endpoint of a request, or the reason why there is none, and the values in its path."""

    found: Route | Refusal
    params: dict[str, str]

    @property
    def template(self) -> str | None:
        """The path template of the endpoint, None if there is none."""
        return self.found.path if isinstance(self.found, Route) else None


def find(method: str, path: str) -> Match:
    """Find the endpoint for a method and a path as it was sent."""
    try:
        return _choose(method, _split(path))
    except Refusal as refusal:
        return Match(refusal, {})


def _choose(method: str, segments: list[str]) -> Match:
    for parts, routes in _RESOURCES:
        params = _params(parts, segments)
        if params is not None and method in routes:
            return Match(routes[method], params)
        if params is not None:
            allowed = {"Allow": ", ".join(sorted(routes))}
            raise Refusal(405, "this path does not take this method", allowed)
    raise Refusal(404, "there is nothing at this path")


def _params(parts: list[str], segments: list[str]) -> dict[str, str] | None:
    """The values of the names in a path template, not empty; None if the path does not match."""
    if len(parts) != len(segments):
        return None
    params = {}
    for part, segment in zip(parts, segments):
        if part[0] == "{" and segment:
            params[part[1:-1]] = segment
        elif part != segment:
            return None
    return params


def _split(path: str) -> list[str]:
    # Split first, then decode each segment exactly once.
    segments = path[1:].split("/")
    return [_decode(segment) for segment in segments] if "%" in path else segments


def _decode(segment: str) -> str:
    if _BROKEN_ESCAPE.search(segment):
        raise Refusal(400, "the path holds a % that is not followed by two hex digits")
    try:
        return unquote_to_bytes(segment).decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal(400, "the path is not UTF-8") from None


def has_endpoint(method: str | None, path: str) -> bool:
    """Whether there is an endpoint at a path (or a template), with the method if one is given."""
    if path in EXCHANGES:
        return method in (None, "POST")
    segments = path[1:].split("/")
    return path[:1] == "/" and any(
        method in (None, *routes) and _params(parts, segments) is not None
        for parts, routes in _RESOURCES
    )


_PATHS = (*(path for _, path in ROUTES), *EXCHANGES)
_WORDS = {part for path in _PATHS for part in path.split("/")}


def masked(target: str) -> str:
    """A path as it may be shown, without tokens and query."""
    path, mark, _ = target.partition("?")
    return "/".join(map(_shown, path.split("/"))) + (mark and mark + mask_token(""))


def _shown(segment: str) -> str:
    name = segment.replace("%3A", ":")
    return name if name in _WORDS or name.startswith("sa::") else mask_token(segment)
