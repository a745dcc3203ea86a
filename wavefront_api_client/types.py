"""Types that a script may name, beside those that the package exports."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from wavefront_api_client._core.background import AsyncResult
from wavefront_api_client.models._account_types import AccountType
from wavefront_api_client.models._base import Model
from wavefront_api_client.retry import RetryPolicy

if TYPE_CHECKING:
    from typing import Any

    from wavefront_api_client._core.limits import RequestTimeout
    from wavefront_api_client.models.user_api_token import UserApiToken

__all__ = ["AccountType", "AsyncResult", "BodyOptions", "CallOptions", "Model", "RetryPolicy"]


class CallOptions(TypedDict, total=False):
    """The options of every call."""

    async_req: bool
    """If True, call in a thread and return an `AsyncResult` at once."""
    _preload_content: bool
    """If False, return the `urllib3.HTTPResponse`, unread; another status than 2xx still raises."""
    _request_timeout: RequestTimeout
    """Seconds for the whole call, a pair of seconds (connect, read), a `urllib3.Timeout`, or None
    for no limit; `Configuration.request_timeout` if not given."""
    _return_http_data_only: bool
    """If True, return the data alone, where the method would return (data, status, headers)."""


class BodyOptions(CallOptions, total=False):
    """The options of a call that takes a body."""

    body: UserApiToken | dict[str, Any] | None
    """The body to send; an empty JSON object if not given."""
