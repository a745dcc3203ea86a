"""The model `ResponseContainerUserApiToken`."""

from __future__ import annotations

from wavefront_api_client.models._base import Field, Model
from wavefront_api_client.models.response_status import ResponseStatus
from wavefront_api_client.models.user_api_token import UserApiToken


class ResponseContainerUserApiToken(Model):
    """An answer that holds one token of an account."""

    debug_info: Field[list[str]] = Field(
        list[str], "debugInfo", default=None, doc="Notes of the service for its developers."
    )
    response: Field[UserApiToken] = Field(UserApiToken, default=None, doc="The token.")
    status: Field[ResponseStatus] = Field(
        ResponseStatus,
        required=True,
        default=None,
        doc="Whether the request succeeded, and why not.",
    )
