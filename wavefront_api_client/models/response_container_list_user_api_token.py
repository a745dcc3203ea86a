"""The model `ResponseContainerListUserApiToken`."""

from __future__ import annotations

from wavefront_api_client.models._base import Field, Model
from wavefront_api_client.models.response_status import DEBUG_INFO, STATUS, ResponseStatus
from wavefront_api_client.models.user_api_token import UserApiToken


class ResponseContainerListUserApiToken(Model):
    """An answer that holds the tokens of an account."""

    debug_info: Field[list[str]] = DEBUG_INFO
    response: Field[list[UserApiToken]] = Field(
        list[UserApiToken], doc="The tokens, the newest last."
    )
    status: Field[ResponseStatus] = STATUS
