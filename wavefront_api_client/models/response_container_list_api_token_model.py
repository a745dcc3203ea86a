"""The model `ResponseContainerListApiTokenModel`."""

from __future__ import annotations

from wavefront_api_client.models._base import Field, Model
from wavefront_api_client.models.api_token_model import ApiTokenModel
from wavefront_api_client.models.response_status import DEBUG_INFO, STATUS, ResponseStatus


class ResponseContainerListApiTokenModel(Model):
    """An answer that holds tokens of the customer."""

    debug_info: Field[list[str]] = DEBUG_INFO
    response: Field[list[ApiTokenModel]] = Field(list[ApiTokenModel], doc="The tokens.")
    status: Field[ResponseStatus] = STATUS
