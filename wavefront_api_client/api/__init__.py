"""The classes whose methods are the calls to the service."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wavefront_api_client.api.api_token_api import ApiTokenApi

__all__ = ["ApiTokenApi"]

if not TYPE_CHECKING:
    # Late: threads that import this package and its module at once would wait for each other.
    from wavefront_api_client._lazy import exports

    __getattr__, __dir__ = exports(__name__, {"ApiTokenApi": "api_token_api"})
