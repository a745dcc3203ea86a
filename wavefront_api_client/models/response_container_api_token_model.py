"""The model `ResponseContainerApiTokenModel`."""

from __future__ import annotations

from wavefront_api_client.models._base import Field, Model
from wavefront_api_client.models.api_token_model import ApiTokenModel
from wavefront_api_client.models.response_status import DEBUG_INFO, STATUS, ResponseStatus


class ResponseContainerApiTokenModel(Model):
    """An answer that holds one token of the customer."""

    debug_info: Field[list[str]] = DEBUG_INFO
    response: Field[ApiTokenModel] = Field(ApiTokenModel, doc="The token.")
    status: Field[ResponseStatus] = STATUS
