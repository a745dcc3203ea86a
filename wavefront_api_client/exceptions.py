"""The exceptions that a call raises.

    ApiException                    any other status than 2xx without a class of its own
     +-- BadRequestException        400
     +-- UnauthorizedException      401: no, or no valid, credential
     +-- ForbiddenException         403: a permission is missing
     +-- NotFoundException          404: no such token or account
     +-- ConflictException          409
     +-- TooManyRequestsException   429: come back later
     +-- ServiceException           5xx
     +-- InvalidResponseException   an answer came that cannot be used
     +-- ApiConnectionException     no answer: refused, reset, name not found, proxy
     |    +-- ApiTlsException       no answer: certificate or TLS handshake
     +-- ApiTimeoutException        no answer in time

Those without an answer have status 0 and are a `urllib3.exceptions.HTTPError` as well.
"""

from __future__ import annotations

import copyreg
import re
from collections.abc import Iterable, Mapping
from typing import Any

from urllib3.exceptions import HTTPError

from wavefront_api_client._core.secrets import (
    MASK,
    Secrets,
    excerpt,
    redact,
    redact_answer_headers,
    unescape,
)
from wavefront_api_client._core.wire import as_readable, headers_of, parse

__all__ = [
    "ApiConnectionException",
    "ApiException",
    "ApiTimeoutException",
    "ApiTlsException",
    "BadRequestException",
    "ConflictException",
    "ForbiddenException",
    "InvalidResponseException",
    "NotFoundException",
    "ServiceException",
    "TooManyRequestsException",
    "UnauthorizedException",
]


class ApiException(Exception):
    """A call that did not succeed.

    The text of an exception, and a pickle or copy of it, show no credential; `body` and
    `headers` hold what the service sent.

    :param status: HTTP status, 0 without an answer.
    :param reason: reason phrase of the status line, or error of the transport.
    :param http_resp: an answer to take status, reason, body and headers from.
    """

    args: tuple[Any, ...]
    status: int | None
    """HTTP status; 0 where no answer came."""
    reason: str | None
    """Reason phrase of the answer, or what went wrong on the way."""
    body: str | None
    """Body of the answer, unchanged, or None."""
    headers: Mapping[str, str] | None
    """Headers of the answer, case-insensitive, None without one."""
    message: str | None
    """The message of the service about the error, or None."""
    tracking_id: str | None
    """The service's id of this answer, for its support, None if it sent none."""
    operation: str | None = None
    """Name of the method that was called, such as ``delete_token``."""
    method: str | None = None
    """HTTP method."""
    path_template: str | None = None
    """Path without its values, such as ``/api/v2/apitoken/{id}``."""
    attempts: int = 0
    """How often the request was tried."""
    retry_after: float | None = None
    """Seconds that the service asks to wait, None if it does not."""
    outcome_unknown: bool = False
    """Whether the service may have carried out the call although it failed."""
    hint: str | None = None
    """What to do about it, if that is known."""
    _secrets = Secrets()

    def __init__(
        self, status: int | None = None, reason: str | None = None, http_resp: Any = None
    ) -> None:
        self.status, self.reason, self.body, self.headers = status, reason, None, None
        if http_resp is not None:
            self.status = getattr(http_resp, "status", status)
            self.reason = getattr(http_resp, "reason", reason)
            self.body = None if http_resp.data is None else as_readable(http_resp.data)
            self.headers = headers_of(http_resp)
        self.message, self.tracking_id = read_error_body(self.body)
        self._hide(())

    def _hide(self, secrets: Iterable[str]) -> None:
        """Hide tokens, and secrets in addition to those known so far, in every text."""
        if not self._secrets.issuperset(secrets):
            self._secrets = Secrets(self._secrets.union(secrets))
        for name in ("reason", "message", "hint"):
            text = getattr(self, name)
            setattr(self, name, text and redact(str(text), self._secrets))
        if self.tracking_id:
            # It may look like a token, but needs no escapes.
            is_plain = unescape(self.tracking_id) == self.tracking_id
            self.tracking_id = self._secrets.mask(self.tracking_id) if is_plain else MASK
        self.args = (self.status, self.reason)

    def _add_hint(self, sentence: str) -> None:
        self.hint = f"{self.hint} {sentence}" if self.hint else sentence

    def __str__(self) -> str:
        lines = [f"({self.status})", f"Reason: {self.reason}"]
        if self.headers:
            shown = redact_answer_headers(self.headers, self._secrets)
            lines.append(f"HTTP response headers: {excerpt(str(shown), self._secrets)}")
        if self.body:
            lines.append(f"HTTP response body: {excerpt(self.body, self._secrets)}")
        if self.operation or self.method:
            request = f"{self.method} {self.path_template}"
            call = f"{self.operation} ({request})" if self.operation else request
            lines.append(f"Operation: {call}, attempts: {self.attempts}")
        if self.tracking_id:
            lines.append(f"Tracking id: {self.tracking_id}")
        if self.hint:
            lines.append(f"Hint: {self.hint}")
        return "\n".join([*lines, ""])

    def __repr__(self) -> str:
        call = f", operation={self.operation!r}" if self.operation else ""
        return f"{type(self).__name__}(status={self.status!r}, reason={self.reason!r}{call})"

    def __reduce__(self) -> tuple[Any, ...]:
        """For a pickle or a copy, which show no secrets."""
        body = self.body and redact(self.body, self._secrets)
        state = {**vars(self), "args": self.args, "body": body}
        state.pop("_secrets", None)
        if self.headers is not None:
            shown = redact_answer_headers(self.headers, self._secrets)
            state["headers"] = type(self.headers)(shown)  # type: ignore[call-arg]
        return copyreg.__newobj__, (type(self),), state  # type: ignore[attr-defined]


class BadRequestException(ApiException):
    """400: the service does not accept what was sent."""


class UnauthorizedException(ApiException):
    """401: there was no credential, or not a valid one."""


class ForbiddenException(ApiException):
    """403: the account lacks a permission."""


class NotFoundException(ApiException):
    """404: there is no such token or account."""


class ConflictException(ApiException):
    """409: the request contradicts the state at the service."""


class TooManyRequestsException(ApiException):
    """429: the service asks to come back later; `retry_after` says when."""


class ServiceException(ApiException):
    """5xx: the service, or a gateway before it, failed."""


class InvalidResponseException(ApiException):
    """An answer came that cannot be used; `body` holds it as far as it came."""


class ApiConnectionException(ApiException, HTTPError):
    """No answer came: refused, reset, name not found, or stopped by a proxy."""


class ApiTlsException(ApiConnectionException):
    """No answer came: the certificate was not accepted or the TLS handshake failed."""


class ApiTimeoutException(ApiException, HTTPError):
    """No answer came in time."""


BY_STATUS: Mapping[int, type[ApiException]] = {
    400: BadRequestException,
    401: UnauthorizedException,
    403: ForbiddenException,
    404: NotFoundException,
    409: ConflictException,
    429: TooManyRequestsException,
    **dict.fromkeys(range(500, 600), ServiceException),
}
"""The statuses that have a class of their own."""


def read_error_body(body: str | None) -> tuple[str | None, str | None]:
    """Message and tracking id in the body of an error, each None where it holds none."""
    if not body:
        return None, None
    try:
        data = parse(body)
    except (ValueError, RecursionError):
        # Of many lines that begin so, each is searched to the end.
        start = body[:10_000]
        said = re.search(r"(?ms)^message='(.*?)'\s*?$", start)
        tracking = re.search(r"(?m)^trackingId='?([^'\s]+)", start)
        return said and said[1], tracking and tracking[1]
    if not isinstance(data, dict):
        return None, None
    status = data.get("status")
    message = status.get("message") if isinstance(status, dict) else None
    found = (message or data.get("error") or data.get("message"), data.get("trackingId"))
    message, tracking_id = (each if isinstance(each, str) and each else None for each in found)
    return message, tracking_id
