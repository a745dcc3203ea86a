"""The model `ResponseContainerUserApiToken`."""

from __future__ import annotations

from wavefront_api_client.models._base import Field, Model
from wavefront_api_client.models.response_status import DEBUG_INFO, STATUS, ResponseStatus
from wavefront_api_client.models.user_api_token import UserApiToken


class ResponseContainerUserApiToken(Model):
    """An answer that holds one token of an account."""

    debug_info: Field[list[str]] = DEBUG_INFO
    response: Field[UserApiToken] = Field(UserApiToken, doc="The token.")
    status: Field[ResponseStatus] = STATUS
