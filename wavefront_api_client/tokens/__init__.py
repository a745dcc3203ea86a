"""What admins do with tokens: list, mint, deliver, rotate, audit and revoke them, safely.

Every function refuses a value of another type with a `TypeError` before it does anything. A call
that fails is an `ApiException`, what cannot be done or finished a `TokenOperationError`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from wavefront_api_client.tokens._find import KeyInfo, Ref, Refs, find, list_tokens, whoami
from wavefront_api_client.tokens._mint import MintedToken, deliver, mint, rename
from wavefront_api_client.tokens._rotate import RotationResult, finish, rotate
from wavefront_api_client.tokens._token import Secret, TokenInfo, handle_of
from wavefront_api_client.tokens.errors import (
    AmbiguousToken,
    DeliveryFailed,
    MintOutcomeUnknown,
    NameTaken,
    NoFreeSlot,
    RefusedOwnKey,
    RotationPending,
    TokenInUse,
    TokenNotFound,
    TokenOperationError,
    TooManyTokens,
    VerificationFailed,
    WrongTenant,
)
from wavefront_api_client.tokens.sinks import CommandSink, FileSink, KeyringSink, Sink, StreamSink

if TYPE_CHECKING:
    from wavefront_api_client.tokens._audit import AuditPolicy, AuditReport, AuditRow, audit
    from wavefront_api_client.tokens._revoke import (
        PlannedToken,
        RevocationOutcome,
        RevocationPlan,
        plan_revocation,
        revoke,
    )
    from wavefront_api_client.tokens._tenants import (
        Result,
        Tenant,
        TokenEnv,
        TokenFile,
        for_tenants,
    )

__all__ = [
    "AmbiguousToken",
    "AuditPolicy",
    "AuditReport",
    "AuditRow",
    "CommandSink",
    "DeliveryFailed",
    "FileSink",
    "KeyInfo",
    "KeyringSink",
    "MintOutcomeUnknown",
    "MintedToken",
    "NameTaken",
    "NoFreeSlot",
    "PlannedToken",
    "Ref",
    "Refs",
    "RefusedOwnKey",
    "Result",
    "RevocationOutcome",
    "RevocationPlan",
    "RotationPending",
    "RotationResult",
    "Secret",
    "Sink",
    "StreamSink",
    "Tenant",
    "TokenEnv",
    "TokenFile",
    "TokenInUse",
    "TokenInfo",
    "TokenNotFound",
    "TokenOperationError",
    "TooManyTokens",
    "VerificationFailed",
    "WrongTenant",
    "audit",
    "deliver",
    "find",
    "finish",
    "for_tenants",
    "handle_of",
    "list_tokens",
    "mint",
    "plan_revocation",
    "rename",
    "revoke",
    "rotate",
    "whoami",
]

_LATE = {
    "_audit": ("AuditPolicy", "AuditReport", "AuditRow", "audit"),
    "_revoke": (
        *("PlannedToken", "RevocationOutcome", "RevocationPlan"),
        *("plan_revocation", "revoke"),
    ),
    "_tenants": ("Result", "Tenant", "TokenEnv", "TokenFile", "for_tenants"),
}
"""Modules that a rotation does not need, and the names that load them."""


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        for module, names in _LATE.items():
            if name in names:
                value = globals()[name] = getattr(import_module(f"{__name__}.{module}"), name)
                return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
