"""Makes an exception of a failure, and its kind for the retry policy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from wavefront_api_client import exceptions as ours
from wavefront_api_client import retry
from wavefront_api_client._core.limits import LONGEST_PART
from wavefront_api_client._core.operations import API_TOKENS, BY_REQUEST
from wavefront_api_client._core.request import Request
from wavefront_api_client._core.secrets import mask_target, secrets_of_call
from wavefront_api_client._core.urls import REDIRECTS, redirect_hint
from wavefront_api_client._core.wire import as_readable
from wavefront_api_client.exceptions import ApiException

OUTCOME_UNKNOWN = (
    "The outcome is unknown: the service may have carried out the call."
    " List the tokens to see whether it did."
)

WRONG_KEY = (
    "The service does not accept the key or access token that was sent: it may be mistyped,"
    " revoked, or that of another instance."
)

USERS_ONLY = (
    "A service account cannot hold it, and on an instance that is onboarded to VMware Cloud"
    " services the call does not apply."
)


class Failure:
    """An attempt that failed: a value, so that its exception can be raised outside `except`.

    Its kind is one of the four of `retry`; `maybe_acted` says whether the service may have carried
    out the request.
    """

    __slots__ = ("error", "kind", "maybe_acted")

    def __init__(self, error: ApiException, kind: str, maybe_acted: bool) -> None:
        self.error, self.kind, self.maybe_acted = error, kind, maybe_acted


class UnusableBody(Exception):
    """A body that cannot be used: the reason, empty if it was late, and the part that came.

    If it was `interrupted`, because the connection failed, another attempt may get all of it.
    """

    def __init__(
        self, reason: str, part: bytes | bytearray = b"", interrupted: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason, self.part, self.interrupted = reason, bytes(part[:LONGEST_PART]), interrupted


def failure_of_answer(response: Any, url: str) -> Failure:
    """Read an answer, a `RESTResponse`, with another status than 2xx."""
    status = response.status
    error = ours.BY_STATUS.get(status, ApiException)(http_resp=response)
    error.retry_after = retry.parse_retry_after(response.getheader("Retry-After"))
    if status in REDIRECTS:
        error.hint = redirect_hint(url, response.getheader("Location"))
    kind = retry.kind_of_status(status, error.retry_after)
    failed_midway = status >= 500 and kind != retry.NOT_ACTED_ON
    # 303 See Other: the request was carried out, and its result is elsewhere (RFC 9110, 15.4.4).
    return Failure(error, kind, maybe_acted=failed_midway or status == 303)


def failure_of_body(lost: UnusableBody, response: Any) -> Failure:
    """Read an answer of urllib3 with status 2xx whose body cannot be used."""
    if not lost.reason:
        late = ours.ApiTimeoutException(0, "the answer did not come in time")
        return Failure(late, retry.MAYBE_ACTED_ON, maybe_acted=True)
    what = f"{response.reason}, but the body of the answer cannot be used: {lost.reason}"
    error = ours.InvalidResponseException(response.status, what)
    error.body = as_readable(lost.part)
    error.headers = response.headers
    kind = retry.MAYBE_ACTED_ON if lost.interrupted else retry.FINAL
    return Failure(error, kind, maybe_acted=True)


def out_of_time(total: float | None) -> Failure:
    """The time of the whole call is over before the request could be sent."""
    error = ours.ApiTimeoutException(0, f"the call did not succeed within {total} seconds")
    return Failure(error, retry.FINAL, maybe_acted=False)


def add_request(error: ApiException, request: Request, attempts: int, maybe_acted: bool) -> None:
    """Add the facts about the request."""
    error.method = request.method
    error.path_template = mask_target(request.url)
    error.attempts = attempts
    if maybe_acted and request.like not in retry.SAFE_METHODS:
        leave_open(error)


def add_call(error: ApiException, method: str, template: str, why_no_key: str | None) -> None:
    """Add the facts about the call, and why it has no credential where it should."""
    if error.operation:
        # An exchange of credentials has failed.
        return
    operation = BY_REQUEST.get((method, template))
    error.operation = operation and operation.name
    path = template.partition("?")[0]
    # A token may have been written out.
    error.path_template = mask_target(path) if "apitoken" in path.split("/") else path
    error.method = method
    if isinstance(error, ours.UnauthorizedException):
        error._add_hint(why_no_key or WRONG_KEY)
    # The service may also answer 401 if a permission is missing.
    is_refused = isinstance(error, (ours.UnauthorizedException, ours.ForbiddenException))
    if is_refused and not why_no_key and operation and operation.permission:
        needed = f"{operation.name} needs the permission {operation.permission}"
        error._add_hint(f"{needed}, which the account of the key may lack.")
        if operation.permission == API_TOKENS:
            error._add_hint(USERS_ONLY)
    is_unusable_success = isinstance(error, ours.InvalidResponseException) and error.status
    if is_unusable_success and method not in retry.SAFE_METHODS:
        leave_open(error)


def hide_secrets(
    error: ApiException, url: str, headers: Mapping[str, str], body: object, others: Iterable[str]
) -> None:
    """Keep the secrets of a request, and others, out of every text that its exception shows."""
    error._hide(secrets_of_call(url, headers, body, others))


def had_been_done(error: ApiException) -> bool:
    """Whether a removal found nothing because an earlier attempt of it had got through."""
    removes = error.method == "DELETE" or error.operation == "delete_customer_token"
    # A page of HTML comes from a gateway, which knows nothing about tokens.
    is_page = (error.body or "").lstrip().startswith("<")
    is_gone = isinstance(error, ours.NotFoundException) and not is_page
    return removes and error.outcome_unknown and is_gone


def leave_open(error: ApiException) -> None:
    """Say, once, that the service may have carried out the call."""
    if not error.outcome_unknown:
        error.outcome_unknown = True
        error._add_hint(OUTCOME_UNKNOWN)
