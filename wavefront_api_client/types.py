"""Types that a script may name, beside those that the package exports."""

from __future__ import annotations

from typing import Any, TypedDict

from wavefront_api_client._core.background import AsyncResult
from wavefront_api_client._core.limits import RequestTimeout
from wavefront_api_client.models._base import Model
from wavefront_api_client.models.user_api_token import AccountType, UserApiToken
from wavefront_api_client.retry import RetryPolicy

__all__ = ["AccountType", "AsyncResult", "BodyOptions", "CallOptions", "Model", "RetryPolicy"]


class CallOptions(TypedDict, total=False):
    """The options of every call; `ApiTokenApi` says what they do."""

    async_req: bool
    _preload_content: bool
    _request_timeout: RequestTimeout
    _return_http_data_only: bool


class BodyOptions(CallOptions, total=False):
    """The options of a call that takes a body; an empty JSON object is sent if none is given."""

    body: UserApiToken | dict[str, Any] | None
