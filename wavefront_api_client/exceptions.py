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

import re
from typing import TYPE_CHECKING

from urllib3.exceptions import HTTPError

from wavefront_api_client._core.secrets import (
    NO_SECRETS,
    Secrets,
    excerpt,
    hide,
    redact,
    redact_answer_headers,
)
from wavefront_api_client._core.wire import as_readable, headers_of, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

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

LONGEST_ERROR = 1_000_000
"""Longest body that is searched for an error message, in characters."""


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

    def __init__(
        self,
        status: int | None = None,
        reason: str | None = None,
        http_resp: Any = None,
    ) -> None:
        super().__init__(status, reason)
        self.status = status
        self.reason = reason
        self.body = None
        self.headers = None
        if http_resp is not None:
            self.status = getattr(http_resp, "status", status)
            self.reason = getattr(http_resp, "reason", reason)
            self.body = None if http_resp.data is None else as_readable(http_resp.data)
            self.headers = headers_of(http_resp)
        self.message, self.tracking_id = read_error_body(self.body)
        self._secrets = NO_SECRETS
        self.reason = self.reason and redact(self.reason)
        self.message = self.message and redact(self.message)
        self.args = (self.status, self.reason)

    def _hide(self, secrets: Iterable[str]) -> None:
        """Hide values in every text that this exception shows.

        :param secrets: the credentials of the request, in addition to those known so far.
        """
        if not self._secrets.issuperset(secrets):
            self._secrets = Secrets(self._secrets.union(secrets))
        known = self._secrets
        self.hint = self.hint and redact(self.hint, known)
        self.reason = self.reason and redact(self.reason, known)
        self.message = self.message and redact(self.message, known)
        self.tracking_id = self.tracking_id and hide(self.tracking_id, known)
        self.args = (self.status, self.reason)

    def _add_hint(self, sentence: str) -> None:
        self.hint = f"{self.hint} {sentence}" if self.hint else sentence

    def __str__(self) -> str:
        return "".join(self._lines())

    def _lines(self) -> Iterable[str]:
        yield f"({self.status})\nReason: {self.reason}\n"
        if self.headers:
            shown = redact_answer_headers(self.headers, self._secrets)
            yield f"HTTP response headers: {excerpt(str(shown), self._secrets)}\n"
        if self.body:
            yield f"HTTP response body: {excerpt(self.body, self._secrets)}\n"
        if self.operation or self.method:
            yield f"Operation: {self._described()}\n"
        if self.tracking_id:
            yield f"Tracking id: {self.tracking_id}\n"
        if self.hint:
            yield f"Hint: {self.hint}\n"

    def _described(self) -> str:
        request = f"{self.method} {self.path_template}"
        call = f"{self.operation} ({request})" if self.operation else request
        return f"{call}, attempts: {self.attempts}"

    def __repr__(self) -> str:
        call = f", operation={self.operation!r}" if self.operation else ""
        return f"{type(self).__name__}(status={self.status!r}, reason={self.reason!r}{call})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self._shown_state())

    def _shown_state(self) -> dict[str, Any]:
        """The attributes without secrets, for a pickle or a copy."""
        state = dict(self.__dict__)
        del state["_secrets"]
        state["body"] = self.body and redact(self.body, self._secrets)
        if self.headers is not None:
            shown = redact_answer_headers(self.headers, self._secrets)
            state["headers"] = type(self.headers)(shown)  # type: ignore[call-arg]
        return state


def _restore(cls: type[ApiException], state: dict[str, Any]) -> ApiException:
    error = cls.__new__(cls)
    error.__dict__.update(state)
    error._secrets = NO_SECRETS
    error.args = (error.status, error.reason)
    return error


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
}
"""The statuses that have a class of their own; 5xx share `ServiceException`."""


def exception_class(status: int) -> type[ApiException]:
    """The class of the exception for an answer.

    :param status: HTTP status other than 2xx.
    """
    if 500 <= status <= 599:
        return ServiceException
    return BY_STATUS.get(status, ApiException)


def read_error_body(body: str | None) -> tuple[str | None, str | None]:
    """Read the body of an answer that is an error.

    :param body: body of the answer.
    :return: message and tracking id, each None where the body holds none.
    """
    if not body or len(body) > LONGEST_ERROR:
        return None, None
    try:
        data = parse(body)
    except (ValueError, RecursionError):
        return _from_plain_text(body)
    if not isinstance(data, dict):
        return None, None
    status = data.get("status")
    message = status.get("message") if isinstance(status, dict) else None
    message = message or data.get("error") or data.get("message")
    return _text_or_none(message), _text_or_none(data.get("trackingId"))


def _from_plain_text(body: str) -> tuple[str | None, str | None]:
    # In two steps: one pattern for both ends would take time with the square of the length.
    start = re.search(r"^message='", body, re.MULTILINE)
    end = start and re.compile(r"'\s*$", re.MULTILINE).search(body, start.end())
    message = body[start.end() : end.start()] if start and end else None
    tracking = re.search(r"^trackingId='?([^'\s]+)", body, re.MULTILINE)
    return message, tracking and tracking.group(1)


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
