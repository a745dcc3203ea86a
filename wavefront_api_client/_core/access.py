"""The access token of a client: one thread exchanges the credentials for it, for all threads."""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING, NamedTuple

from wavefront_api_client._core.failures import failed_exchange, out_of_time
from wavefront_api_client._core.limits import NotGiven, Timeouts, parse_timeout
from wavefront_api_client._core.urls import is_clear_text, is_placeholder
from wavefront_api_client._core.wire import parse
from wavefront_api_client.exceptions import (
    ApiException,
    InvalidResponseException,
    UnauthorizedException,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from wavefront_api_client._core.limits import RequestTimeout
    from wavefront_api_client.credentials import CspApiToken, CspApp

PART_USED = 0.9
"""The part of its life after which an access token is renewed."""

USUAL_LIFE = 1800.0
"""Seconds that an access token lives if the answer does not say so."""

FORM = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}


class _Token(NamedTuple):
    value: str
    used_until: float
    """Time of the client's clock."""


_NONE = _Token("", -math.inf)


class Access:
    """The access token of one client in one process, and the credentials it is exchanged for.

    The client's `rest_client` sends the exchange; its clock says when a token has been used enough.
    """

    def __init__(
        self, credentials: CspApiToken | CspApp, rest_client: Any, user_agent: str
    ) -> None:
        self._credentials = credentials
        self._rest_client = rest_client
        self._headers = {**FORM, "User-Agent": user_agent, **credentials._headers()}
        self._token = _NONE
        # Re-entrant: a signal handler may make a call during an exchange.
        self._lock = threading.RLock()

    def request(
        self,
        send: Callable[..., Any],
        method: str,
        url: str,
        *,
        headers: dict[str, Any],
        _request_timeout: RequestTimeout | NotGiven,
        **arguments: Any,
    ) -> Any:
        """Send a request with the access token, and with a new one after a 401.

        `send` is `ApiClient.request`, whose arguments the others are; `headers` are changed.
        """
        if is_clear_text(url):
            raise ValueError("host must be https, for an access token goes there")
        limit = self._limit(_request_timeout)
        token = _NONE
        # A call to the placeholder is refused: an exchange would be useless.
        if not is_placeholder(url):
            token = self._authorize(headers, limit)
        try:
            return send(method, url, headers=headers, _request_timeout=limit, **arguments)
        except UnauthorizedException as error:
            if error.outcome_unknown:
                raise
        if self._token is token:
            self._token = _NONE
        self._authorize(headers, limit)
        return send(method, url, headers=headers, _request_timeout=limit, **arguments)

    def _limit(self, timeout: RequestTimeout | NotGiven) -> Timeouts:
        """The limit of the call, exchanges included."""
        client = self._rest_client
        given = client.configuration.request_timeout if isinstance(timeout, NotGiven) else timeout
        limit = parse_timeout(given)
        return Timeouts(limit.connect, limit.read, limit.total, limit.deadline(client.clock()))

    def _authorize(self, headers: dict[str, Any], limit: Timeouts) -> _Token:
        token = self._usable(limit)
        headers["Authorization"] = f"Bearer {token.value}"
        return token

    def _usable(self, limit: Timeouts) -> _Token:
        """The token, exchanged by the first thread that needs one while the others wait."""
        token, now = self._token, self._rest_client.clock()
        if now < token.used_until:
            return token
        if not self._lock.acquire(timeout=-1 if limit.ends is None else max(limit.ends - now, 0)):
            raise self._explained(out_of_time(limit.total).error)
        try:
            current = self._token
            # Otherwise another thread has exchanged meanwhile.
            if current is token or current is _NONE:
                current = self._token = self._exchange(limit)
            return current
        finally:
            self._lock.release()

    def _exchange(self, limit: Timeouts) -> _Token:
        # The life is counted from before the exchange, so that it never ends later than assumed.
        began = self._rest_client.clock()
        try:
            answer = self._rest_client.request(
                "POST",
                self._credentials.base_url + self._credentials.path,
                headers=self._headers,
                post_params=self._credentials._form(),
                _request_timeout=limit,
                _may_repeat=True,
            )
            value, life = _read(answer)
        except ApiException as error:
            failure = error
        else:
            return _Token(value, began + PART_USED * life)
        # Outside `except`, so that the new error is not chained to the refusal.
        raise self._explained(failure)

    def _explained(self, error: ApiException) -> ApiException:
        what = self._credentials
        return failed_exchange(error, what.base_url, what.path, what._secret())


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
        error = InvalidResponseException(answer.status, "the answer holds no access token")
        error.attempts = getattr(answer, "attempts", 1)
        raise error
    return text, _life(fields.get("expires_in"))


def _life(seconds: object) -> float:
    try:
        life = float(seconds)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return USUAL_LIFE
    return life if 0 < life < math.inf else USUAL_LIFE
