"""Client for the API tokens of Wavefront (VMware Tanzu Observability)."""

from __future__ import annotations

from wavefront_api_client._version import __version__

# A constant instead of typing.TYPE_CHECKING: importing this package imports nothing else.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from wavefront_api_client.api.api_token_api import ApiTokenApi
    from wavefront_api_client.api_client import ApiClient
    from wavefront_api_client.configuration import Configuration
    from wavefront_api_client.exceptions import (
        ApiConnectionException,
        ApiException,
        ApiTimeoutException,
        ApiTlsException,
        BadRequestException,
        ConflictException,
        ForbiddenException,
        InvalidResponseException,
        NotFoundException,
        ServiceException,
        TooManyRequestsException,
        UnauthorizedException,
    )
    from wavefront_api_client.models import (
        ApiTokenModel,
        ResponseContainerApiTokenModel,
        ResponseContainerListApiTokenModel,
        ResponseContainerListUserApiToken,
        ResponseContainerUserApiToken,
        ResponseStatus,
        UserApiToken,
    )

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

_SUBMODULES = frozenset(
    {"api", "api_client", "configuration", "exceptions", "models", "rest", "retry", "testing"}
)


def __getattr__(name: str) -> object:
    """Import a public name when it is first used."""
    from importlib import import_module

    if name in _SUBMODULES:
        return import_module(f"{__name__}.{name}")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_home_of(name)}"), name)
    globals()[name] = value
    return value


def _home_of(name: str) -> str:
    """The module that defines a public name."""
    homes = {
        "ApiTokenApi": "api.api_token_api",
        "ApiClient": "api_client",
        "Configuration": "configuration",
    }
    return homes.get(name) or ("exceptions" if name.endswith("Exception") else "models")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_SUBMODULES})
