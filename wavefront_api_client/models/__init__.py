"""The seven models of requests and answers, one module each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .api_token_model import ApiTokenModel
    from .response_container_api_token_model import ResponseContainerApiTokenModel
    from .response_container_list_api_token_model import ResponseContainerListApiTokenModel
    from .response_container_list_user_api_token import ResponseContainerListUserApiToken
    from .response_container_user_api_token import ResponseContainerUserApiToken
    from .response_status import ResponseStatus
    from .user_api_token import UserApiToken

__all__ = [
    "ApiTokenModel",
    "ResponseContainerApiTokenModel",
    "ResponseContainerListApiTokenModel",
    "ResponseContainerListUserApiToken",
    "ResponseContainerUserApiToken",
    "ResponseStatus",
    "UserApiToken",
]

if not TYPE_CHECKING:
    from wavefront_api_client._lazy import exports

    def _module_of(name: str) -> str:
        return "".join("_" * sign.isupper() + sign.lower() for sign in name).lstrip("_")

    __getattr__, __dir__ = exports(__name__, {name: _module_of(name) for name in __all__})
