"""Puts into an exception what is known of its call: who, how often, what is secret, what to do."""

from __future__ import annotations

from wavefront_api_client._redaction import mask_target
from wavefront_api_client.exceptions import (
    InvalidResponseException,
    NotFoundException,
    UnauthorizedException,
)
from wavefront_api_client.retry import SAFE_METHODS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from wavefront_api_client._operation import Operation
    from wavefront_api_client._request import Request
    from wavefront_api_client.exceptions import ApiException


def add_request(
    error: ApiException,
    request: Request,
    attempts: int,
    maybe_acted: bool,
    secrets: Iterable[str],
) -> None:
    """What the request knows.

    :param error: to put it into.
    :param request: that failed.
    :param attempts: how often it was tried.
    :param maybe_acted: whether the service may have carried it out.
    :param secrets: what must not be shown of it.
    """
    error.method = request.method
    error.path_template = mask_target(request.url)
    error.attempts = attempts
    if maybe_acted and request.method not in SAFE_METHODS:
        error.mark_outcome_unknown()
    error.hide(secrets)


def add_call(
    error: ApiException,
    operation: Operation | None,
    method: str,
    path_template: str,
    secrets: Iterable[str],
    why_no_credential: str | None,
) -> None:
    """What the call knows that the request was made for.

    :param error: to put it into.
    :param operation: None for a call that has no name.
    :param method: HTTP method.
    :param path_template: path without its values.
    :param secrets: what must not be shown of it.
    :param why_no_credential: what to tell a caller that did not say who it is.
    """
    error.describe(operation and operation.name, method, path_template)
    error.hide(secrets)
    if isinstance(error, UnauthorizedException) and why_no_credential:
        error.add_hint(why_no_credential)
    is_unusable_success = isinstance(error, InvalidResponseException) and error.status
    if is_unusable_success and method not in SAFE_METHODS:
        error.mark_outcome_unknown()


def had_been_done(error: ApiException, operation: Operation | None, method: str) -> bool:
    """Whether a removal found nothing because an earlier attempt of it had got through.

    :param error: of the last attempt.
    :param operation: None for a call that has no name.
    :param method: HTTP method.
    """
    removes = method == "DELETE" if operation is None else operation.removes
    # A page of HTML is of somebody on the way, who knows nothing of tokens.
    is_page = (error.body or "").lstrip().startswith("<")
    is_gone = isinstance(error, NotFoundException) and not is_page
    return removes and error.outcome_unknown and is_gone
