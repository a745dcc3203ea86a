"""Client for the API tokens of Wavefront (VMware Tanzu Observability)."""

from __future__ import annotations

from wavefront_api_client._version import __version__

# A constant in place of typing.TYPE_CHECKING: importing this package imports next to nothing.
# Without its annotation, jedi would take it at its word and complete none of these names.
TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from wavefront_api_client.api.api_token_api import ApiTokenApi
    from wavefront_api_client.api_client import ApiClient
    from wavefront_api_client.configuration import Configuration
    from wavefront_api_client.exceptions import *
    from wavefront_api_client.models import *

__all__ = [
    "ApiClient",
    "ApiConnectionException",
    "ApiException",
    "ApiTimeoutException",
    "ApiTlsException",
    "ApiTokenApi",
    "ApiTokenModel",
    "BadRequestException",
    "Configuration",
    "ConflictException",
    "ForbiddenException",
    "InvalidResponseException",
    "NotFoundException",
    "ResponseContainerApiTokenModel",
    "ResponseContainerListApiTokenModel",
    "ResponseContainerListUserApiToken",
    "ResponseContainerUserApiToken",
    "ResponseStatus",
    "ServiceException",
    "TooManyRequestsException",
    "UnauthorizedException",
    "UserApiToken",
    "__version__",
]

if not TYPE_CHECKING:
    # Hidden from type checkers, for which any name would exist otherwise.
    from wavefront_api_client._lazy import exports

    _homes = {n: "exceptions" if n.endswith("Exception") else "models" for n in __all__}
    _homes.update(ApiClient="api_client", ApiTokenApi="api", Configuration="configuration")
    __getattr__, __dir__ = exports(
        __name__, _homes, ["credentials", "masking", "rest", "retry", "testing", "tokens", "types"]
    )
