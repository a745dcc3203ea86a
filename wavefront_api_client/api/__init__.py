"""The classes whose methods are the calls to the service."""

from wavefront_api_client.api.api_token_api import ApiTokenApi

__all__ = ["ApiTokenApi"]
