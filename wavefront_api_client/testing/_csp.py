"""VMware Cloud services for an onboarded instance: two exchanges, and access tokens."""

from __future__ import annotations

import secrets
import uuid
from base64 import b64decode
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from ._bodies import Refusal, to_json
from ._messages import Reply
from ._routes import APP_EXCHANGE, USER_EXCHANGE
from ._store import APP, SERVICE, USER

if TYPE_CHECKING:
    from ._faults import Answer
    from ._messages import Headers, Request
    from ._service import TokenService
    from ._store import Account, Store

FORM = "application/x-www-form-urlencoded"


class Cloud:
    """The access tokens of one instance. One thread at a time may call it.

    :param store: the accounts.
    :param life: seconds after which an access token expires.
    :param takes_keys: whether tokens of service accounts are working keys.
    """

    def __init__(self, store: Store, life: float, takes_keys: bool) -> None:
        self._store = store
        self._life = life
        self._takes_keys = takes_keys
        self._access: dict[str, tuple[Account, float]] = {}

    def caller(self, headers: Headers) -> Account | None:
        """Find the account that a request comes from, None without a working credential."""
        key = headers.get("x-auth-token")
        if key is not None:
            account = self._store.caller(key) if self._takes_keys else None
            return account if account and account.account_type == SERVICE else None
        scheme, _, access_token = headers.get("authorization", "").partition(" ")
        account, expires = self._access.get(access_token.strip(), (None, 0))
        is_valid = scheme.lower() == "bearer" and self._store.now() < expires
        return account if is_valid else None

    def exchange(self, request: Request) -> tuple[Account | None, Reply]:
        """Exchange the credentials of a request: return their account, and the answer."""
        try:
            account = self._owner(request)
        except Refusal as refusal:
            status = refusal.status
            error = {"message": refusal.message, "statusCode": status, "traceId": str(uuid.uuid4())}
            return None, Reply(status, to_json(error), headers=refusal.headers)
        access_token = secrets.token_urlsafe(48)
        self._access[access_token] = account, self._store.now() + self._life * 1000
        answer = {"access_token": access_token, "expires_in": self._life, "token_type": "bearer"}
        return account, Reply(200, to_json(answer))

    def _owner(self, request: Request) -> Account:
        owner = {USER_EXCHANGE: self._user, APP_EXCHANGE: self._app}.get(request.path)
        if owner is None:
            raise Refusal(404, "there is nothing at this path")
        if request.method != "POST":
            raise Refusal(405, "this path does not take this method", {"Allow": "POST"})
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
            raise Refusal(415, f"the body must be {FORM}")
        fields = parse_qs(request.body.decode("utf-8", "replace"))
        return owner(request, {name: values[-1] for name, values in fields.items()})

    def _user(self, request: Request, form: dict[str, str]) -> Account:
        api_token = form.get("api_token") or form.get("refresh_token")
        for account in self._store.accounts(USER):
            if api_token and account.api_token == api_token:
                return account
        raise Refusal(400, "invalid_grant: the API token is not valid")

    def _app(self, request: Request, form: dict[str, str]) -> Account:
        credential = _basic(request.headers.get("authorization", ""))
        known = {(app.id, app.app_secret): app for app in self._store.accounts(APP)}
        if credential not in known:
            raise Refusal(401, "invalid_client: there is no app with this id and secret")
        if form.get("grant_type") != "client_credentials":
            raise Refusal(400, "unsupported_grant_type: it must be client_credentials")
        app = known[credential]
        if "orgId" not in form and len(app.organizations) > 1:
            raise Refusal(400, "orgId is missing: the app is in several organizations")
        if "orgId" in form and form["orgId"] not in app.organizations:
            raise Refusal(400, "the app is not in this organization")
        return app


class CloudService:
    """VMware Cloud services without its sockets.

    :param service: the instance that it is for.
    """

    def __init__(self, service: TokenService) -> None:
        self._service = service
        self.refused = service.refused

    def answer(self, request: Request) -> Answer:
        """Carry out one exchange, or the fault that is planned for it."""
        return self._service.answer_exchange(request)


def _basic(value: str) -> tuple[str, str]:
    """User and password of an ``Authorization`` header; empty if it has none."""
    scheme, _, encoded = value.partition(" ")
    try:
        user, _, password = b64decode(encoded, validate=True).decode("utf-8").partition(":")
    except ValueError:
        return "", ""
    return (user, password) if scheme.lower() == "basic" else ("", "")
