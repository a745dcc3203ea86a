"""The seven models of requests and answers, one module each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wavefront_api_client.models.api_token_model import ApiTokenModel
    from wavefront_api_client.models.response_container_api_token_model import (
        ResponseContainerApiTokenModel,
    )
    from wavefront_api_client.models.response_container_list_api_token_model import (
        ResponseContainerListApiTokenModel,
    )
    from wavefront_api_client.models.response_container_list_user_api_token import (
        ResponseContainerListUserApiToken,
    )
    from wavefront_api_client.models.response_container_user_api_token import (
        ResponseContainerUserApiToken,
    )
    from wavefront_api_client.models.response_status import ResponseStatus
    from wavefront_api_client.models.user_api_token import UserApiToken

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
    import re

    from wavefront_api_client._lazy import exports

    __getattr__, __dir__ = exports(
        __name__, {name: re.sub("(?<=[a-z])(?=[A-Z])", "_", name).lower() for name in __all__}
    )
