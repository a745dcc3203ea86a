"""Turns what can go wrong on the way into an exception and a word for the retry policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wavefront_api_client import retry
from wavefront_api_client._core.urls import REDIRECTS, redirect_hint
from wavefront_api_client._core.wire import as_readable
from wavefront_api_client._transport import UnusableBody
from wavefront_api_client.exceptions import (
    ApiException,
    ApiTimeoutException,
    InvalidResponseException,
    exception_class,
)

if TYPE_CHECKING:
    from typing import Any

    from wavefront_api_client._transport import NoAnswer


SEE_OTHER = 303


class Fault:
    """An attempt that failed: a value, so that its exception can be raised outside `except`.

    :param error: to be raised if there is no further attempt.
    :param kind: what it means for another attempt: one of the four words of `retry`.
    :param maybe_acted: whether the service may have carried out the request.
    """

    __slots__ = ("error", "kind", "maybe_acted")

    def __init__(self, error: ApiException, kind: str, maybe_acted: bool) -> None:
        self.error = error
        self.kind = kind
        self.maybe_acted = maybe_acted


def fault_without_answer(lost: NoAnswer) -> Fault:
    """Read a failure of the transport.

    :param lost: what it says.
    """
    error = lost.family(0, lost.reason)
    kind = retry.MAYBE_ACTED_ON if lost.maybe_sent else retry.NEVER_SENT
    return Fault(error, retry.FINAL if lost.is_hopeless else kind, maybe_acted=lost.maybe_sent)


def fault_of_answer(response: Any, url: str) -> Fault:
    """Read an answer with another status than 2xx.

    :param response: a `RESTResponse`.
    :param url: that it answers.
    """
    status = response.status
    error = exception_class(status)(http_resp=response)
    error.retry_after = retry.parse_retry_after(response.getheader("Retry-After"))
    if status in REDIRECTS:
        error.hint = redirect_hint(url, response.getheader("Location"))
    kind = retry.kind_of_status(status, error.retry_after)
    failed_midway = status >= 500 and kind != retry.NOT_ACTED_ON
    # See Other: the request was carried out, and its result is elsewhere (RFC 9110, 15.4.4).
    return Fault(error, kind, maybe_acted=failed_midway or status == SEE_OTHER)


def fault_of_body(error: Exception, response: Any) -> Fault:
    """Read an answer with status 2xx whose body cannot be had.

    :param error: what `read_body` raised.
    :param response: the urllib3 response.
    """
    if isinstance(error, UnusableBody):
        what = f"{response.reason}, but the body of the answer cannot be used: {error.reason}"
        exception: ApiException = InvalidResponseException(response.status, what)
        exception.body = as_readable(error.part)
        exception.headers = response.headers
        kind = retry.MAYBE_ACTED_ON if error.interrupted else retry.FINAL
        return Fault(exception, kind, maybe_acted=True)
    exception = ApiTimeoutException(0, "the answer did not come in time")
    return Fault(exception, retry.MAYBE_ACTED_ON, maybe_acted=True)


def out_of_time(total: float | None) -> Fault:
    """The time of the whole call is over before the request could be sent."""
    error = ApiTimeoutException(0, f"the call did not succeed within {total} seconds")
    return Fault(error, retry.FINAL, maybe_acted=False)
