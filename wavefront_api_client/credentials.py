"""Credentials that VMware Cloud services exchange for access tokens, and the exchange."""

from __future__ import annotations

import math
import os
import threading
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from wavefront_api_client import exceptions as ours
from wavefront_api_client._core.failures import out_of_time
from wavefront_api_client._core.limits import NOT_GIVEN, Timeouts, parse_timeout
from wavefront_api_client._core.secrets import clears_frames
from wavefront_api_client._core.urls import is_clear_text, parse_host
from wavefront_api_client._core.wire import as_text, parse
from wavefront_api_client.retry import PUSH_BACK

__all__ = ["CspApiToken", "CspApp"]

CONSOLE = "https://console.cloud.vmware.com"

PART_USED = 0.9
"""The part of its life after which an access token is renewed."""

USUAL_LIFE = 1800.0
"""Seconds that an access token lives if the answer does not say so."""


class _Credentials:
    """The base of the credentials."""

    path: ClassVar[str]
    """Path of the exchange."""

    def __init__(self, base_url: str | None) -> None:
        given = os.environ.get("CSP_BASE_URL", "").strip() if base_url is None else base_url
        self.base_url: str = parse_host(given or CONSOLE, "base_url")
        """Address of VMware Cloud services."""
        if is_clear_text(self.base_url):
            raise ValueError("base_url must be https, for a secret goes there")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(tuple(vars(self).values()))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} for {self.base_url}>"


class CspApiToken(_Credentials):
    """The API token of a user of VMware Cloud services.

    :param token: the API token; white space around it is dropped.
    :param base_url: address of VMware Cloud services; by default that in ``CSP_BASE_URL``, else
        https://console.cloud.vmware.com.
    :raises ValueError: a value cannot be used; a secret one is not shown.
    :raises TypeError: a value is of the wrong type.
    """

    path = "/csp/gateway/am/api/auth/api-tokens/authorize"

    @clears_frames
    def __init__(self, token: str | bytes, *, base_url: str | None = None) -> None:
        super().__init__(base_url)
        self.token: str = _text("token", token)
        """The API token."""

    def _exchange(self) -> tuple[dict[str, str], list[tuple[str, str]]]:
        return {}, [("api_token", self.token)]


class CspApp(_Credentials):
    """A server-to-server app of VMware Cloud services.

    :param id: id of the app.
    :param secret: its secret; white space around it is dropped.
    :param org_id: id of the organization, for an app that is in several.
    :param base_url: address of VMware Cloud services, as with `CspApiToken`.
    :raises ValueError: a value cannot be used; a secret one is not shown.
    :raises TypeError: a value is of the wrong type.
    """

    path = "/csp/gateway/am/api/auth/authorize"

    @clears_frames
    def __init__(
        self,
        id: str,
        secret: str | bytes,
        org_id: str | None = None,
        *,
        base_url: str | None = None,
    ) -> None:
        super().__init__(base_url)
        self.id: str = _text("id", id)
        """Id of the app."""
        self.secret: str = _text("secret", secret)
        """Secret of the app."""
        self.org_id: str | None = None if org_id is None else _text("org_id", org_id)
        """Id of the organization, None if the app is in one."""
        if ":" in self.id:
            raise ValueError("id must not hold a colon (value not shown)")

    def _exchange(self) -> tuple[dict[str, str], list[tuple[str, str]]]:
        pair = b64encode(f"{self.id}:{self.secret}".encode()).decode("ascii")
        org = [] if self.org_id is None else [("orgId", self.org_id)]
        return {"Authorization": f"Basic {pair}"}, [("grant_type", "client_credentials"), *org]


def _text(name: str, value: object) -> str:
    text = as_text(value)
    if not isinstance(text, str):
        raise TypeError(f"{name} must be text, not {type(value).__name__}")
    text = text.strip()
    if not text or not text.isprintable():
        raise ValueError(f"{name} must be text without control characters (value not shown)")
    return text


def from_environment(variables: Mapping[str, str]) -> CspApiToken | CspApp:
    """The credentials that variables of the environment hold."""
    token, url = variables.get("CSP_API_TOKEN"), variables.get("CSP_BASE_URL")
    app_id, secret = variables.get("CSP_APP_ID"), variables.get("CSP_APP_SECRET")
    if token and (app_id or secret):
        raise ValueError(
            "CSP_API_TOKEN and CSP_APP_ID or CSP_APP_SECRET are set: unset the first to be the app,"
            " the others to be the user"
        )
    if token:
        return CspApiToken(token, base_url=url)
    if not (app_id and secret):
        raise ValueError("CSP_APP_ID and CSP_APP_SECRET go together: one of them is not set")
    return CspApp(app_id, secret, variables.get("CSP_ORG_ID"), base_url=url)


_Token = tuple[str, float]
"""An access token, and the time of the client's clock until which it is used."""

_NONE: _Token = ("", -math.inf)


class Access:
    """The access token of one client in one process, and the credentials it is exchanged for.

    The client's `rest_client` sends the exchange; its clock says when a token has been used enough.
    """

    def __init__(
        self, credentials: CspApiToken | CspApp, rest_client: Any, user_agent: str
    ) -> None:
        self._credentials = credentials
        self._rest_client = rest_client
        self._user_agent = user_agent
        self._token = _NONE
        self._lock = threading.RLock()

    def request(self, send: Callable[..., Any], method: str, url: str, **arguments: Any) -> Any:
        """Send a request with the access token, and with a new one after a 401.

        `send` is `ApiClient.request`, whose arguments the others are; the headers are changed.
        """
        if is_clear_text(url):
            raise ValueError("host must be https, for an access token goes there")
        headers, given = arguments["headers"], arguments["_request_timeout"]
        client = self._rest_client
        limit = parse_timeout(client.configuration.request_timeout if given is NOT_GIVEN else given)
        # The limit of the call, exchanges included.
        limit = Timeouts(limit.connect, limit.read, limit.total, limit.deadline(client.clock()))
        arguments["_request_timeout"] = limit
        token = self._authorize(headers, limit)
        try:
            return send(method, url, **arguments)
        except ours.UnauthorizedException as error:
            if error.outcome_unknown:
                raise
        self._authorize(headers, limit, refused=token)
        return send(method, url, **arguments)

    def _authorize(
        self, headers: dict[str, Any], limit: Timeouts, refused: _Token | None = None
    ) -> _Token:
        """Add the token, exchanged by the first thread that needs one while the others wait."""
        token, now = self._token, self._rest_client.clock()
        if token is refused or now >= token[1]:
            wait = -1 if limit.ends is None else max(limit.ends - now, 0)
            if not self._lock.acquire(timeout=wait):
                raise self._explained(out_of_time(limit.total).error)
            try:
                # Otherwise another thread has exchanged meanwhile.
                if self._token is token:
                    self._token = self._exchange(limit)
                token = self._token
            finally:
                self._lock.release()
        headers["Authorization"] = f"Bearer {token[0]}"
        return token

    def _exchange(self, limit: Timeouts) -> _Token:
        # The life is counted from before the exchange, so that it never ends later than assumed.
        began, what = self._rest_client.clock(), self._credentials
        headers, form = what._exchange()
        headers.update({"Accept": "application/json", "User-Agent": self._user_agent})
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            answer = self._rest_client.request(
                "POST",
                what.base_url + what.path,
                headers=headers,
                post_params=form,
                _request_timeout=limit,
                _may_repeat=True,
            )
            value, life = _read(answer)
            return value, began + PART_USED * life
        except ours.ApiException as error:
            failure = error
        # Outside `except`, so that the new error is not chained to the refusal.
        raise self._explained(failure)

    def _explained(self, error: ours.ApiException) -> ours.ApiException:
        """The exception for a call whose credentials could not be exchanged."""
        status = error.status or 0
        if 400 <= status <= 499 and status not in PUSH_BACK:
            # For any status: a 404, for example, is not about a token of the call.
            reason = f"the exchange was refused: {status} {error.reason}"
            refused = ours.UnauthorizedException()
            vars(refused).update(vars(error), status=401, reason=reason)
            error = refused
        elif status <= 299:
            # It may hold an access token.
            error.body = None
        what = self._credentials
        error.operation, error.method, error.path_template = "exchange", "POST", what.path
        error._add_hint(f"The exchange at {what.base_url} failed. The call was not carried out.")
        error._hide({what.token if isinstance(what, CspApiToken) else what.secret})
        return error


def _read(answer: Any) -> tuple[str, float]:
    """The access token in an answer, and how many seconds it lives."""
    try:
        content = parse(answer.data)
    except (ValueError, TypeError, RecursionError):
        content = None
    fields = content if isinstance(content, dict) else {}
    token = fields.get("access_token")
    text = token.strip() if isinstance(token, str) else ""
    if not text or not text.isascii() or not text.isprintable():
        error = ours.InvalidResponseException(answer.status, "the answer holds no access token")
        error.attempts = getattr(answer, "attempts", 1)
        raise error
    try:
        life = float(fields.get("expires_in") or 0)
    except (TypeError, ValueError, OverflowError):
        life = 0
    return text, life if 0 < life < math.inf else USUAL_LIFE
