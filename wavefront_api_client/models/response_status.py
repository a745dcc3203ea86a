"""The model `ResponseStatus`."""

from __future__ import annotations

from wavefront_api_client.models._base import Field, Model


class ResponseStatus(Model):
    """What the service says about a request, in every answer."""

    code: Field[int] = Field(int, required=True, doc="HTTP status code.")
    message: Field[str] = Field(str, doc="Explanation for people; it may be set on success too.")
    result: Field[str] = Field(
        str, required=True, allowed=("OK", "ERROR"), doc="Whether the request succeeded."
    )


DEBUG_INFO: Field[list[str]] = Field(
    list[str], "debugInfo", doc="Notes of the service for its developers."
)
STATUS: Field[ResponseStatus] = Field(
    ResponseStatus, required=True, doc="Whether the request succeeded, and why not."
)
"""The two fields of every container."""
