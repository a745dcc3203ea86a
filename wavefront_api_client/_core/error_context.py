"""Puts into an exception what is known of its call: who, how often, what is secret, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wavefront_api_client._core.operations import API_TOKENS
from wavefront_api_client._core.secrets import mask_target, mask_template, secrets_of_call
from wavefront_api_client.exceptions import (
    ForbiddenException,
    InvalidResponseException,
    NotFoundException,
    UnauthorizedException,
)
from wavefront_api_client.retry import SAFE_METHODS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wavefront_api_client._core.operations import Operation
    from wavefront_api_client._core.request import Request
    from wavefront_api_client.exceptions import ApiException

OUTCOME_UNKNOWN = (
    "The outcome is unknown: the service may have carried out the call."
    " List the tokens to see whether it did."
)

WRONG_KEY = (
    "The service does not accept the key that was sent: it may be mistyped, revoked, or that of"
    " another instance."
)

USERS_ONLY = (
    " A service account cannot hold it, and on an instance that is onboarded to VMware Cloud"
    " services the call does not apply."
)


def add_request(
    error: ApiException,
    request: Request,
    attempts: int,
    maybe_acted: bool,
) -> None:
    """What the request knows.

    :param error: to put it into.
    :param request: that failed.
    :param attempts: how often it was tried.
    :param maybe_acted: whether the service may have carried it out.
    """
    error.method = request.method
    error.path_template = mask_target(request.url)
    error.attempts = attempts
    if maybe_acted and request.method not in SAFE_METHODS:
        leave_open(error)


def add_call(
    error: ApiException,
    operation: Operation | None,
    method: str,
    path_template: str,
    why_no_credential: str | None,
) -> None:
    """What the call knows that the request was made for.

    :param error: to put it into.
    :param operation: None for a call that has no name.
    :param method: HTTP method.
    :param path_template: path without its values.
    :param why_no_credential: what to tell a caller that did not say who it is.
    """
    error.operation = operation and operation.name
    error.method, error.path_template = method, mask_template(path_template)
    if isinstance(error, UnauthorizedException):
        _add_hint(error, why_no_credential or WRONG_KEY)
    # The service may say 401, too, where a permission is missing.
    is_refused = isinstance(error, (UnauthorizedException, ForbiddenException))
    if is_refused and not why_no_credential and operation and operation.permission:
        _add_hint(error, _what_is_needed(operation.name, operation.permission))
    is_unusable_success = isinstance(error, InvalidResponseException) and error.status
    if is_unusable_success and method not in SAFE_METHODS:
        leave_open(error)


def hide_secrets(
    error: ApiException,
    url: str,
    headers: Mapping[str, str],
    body: object,
    proxy_secrets: Iterable[str],
) -> None:
    """Keep what is secret in a request out of every text that its exception shows.

    Both sides of `RESTClientObject.request` do: it may be called alone, and what is raised for an
    answer that it returned, or by a stand-in for it, knows of no secret.

    :param error: that shows them.
    :param url: of the request.
    :param headers: of the request.
    :param body: of the request, as a JSON value.
    :param proxy_secrets: what must not be shown of its way to the service.
    """
    error._hide(secrets_of_call(url, headers, body, proxy_secrets))


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


def _what_is_needed(call: str, permission: str) -> str:
    more = USERS_ONLY if permission == API_TOKENS else ""
    return f"{call} needs the permission {permission}, which the account of the key may lack.{more}"


def _add_hint(error: ApiException, sentence: str) -> None:
    error.hint = f"{error.hint} {sentence}" if error.hint else sentence


def leave_open(error: ApiException) -> None:
    """Say, once, that the service may have carried out the call all the same."""
    if not error.outcome_unknown:
        error.outcome_unknown = True
        _add_hint(error, OUTCOME_UNKNOWN)
