"""An embedded token service for tests: `with TokenServer() as server: ...`.

Importing this package loads nothing: each name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._faults import PlannedFault
    from ._routes import ROUTES
    from ._service import RecordedRequest
    from ._store import Account, Token
    from .server import TokenServer

__all__ = ["ROUTES", "Account", "PlannedFault", "RecordedRequest", "Token", "TokenServer"]

_HOMES = {
    "ROUTES": "._routes",
    "Account": "._store",
    "PlannedFault": "._faults",
    "RecordedRequest": "._service",
    "Token": "._store",
    "TokenServer": ".server",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name], __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
