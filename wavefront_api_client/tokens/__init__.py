"""What admins do with tokens: mint, find, rotate, audit and revoke them, safely."""

from __future__ import annotations

from wavefront_api_client.tokens._audit import AuditPolicy, AuditReport, AuditRow, audit
from wavefront_api_client.tokens._find import KeyInfo, find, list_tokens, whoami
from wavefront_api_client.tokens._mint import MintedToken, mint
from wavefront_api_client.tokens._rename import rename
from wavefront_api_client.tokens._result import RotationResult
from wavefront_api_client.tokens._revoke import (
    PlannedToken,
    RevocationOutcome,
    RevocationPlan,
    plan_revocation,
    revoke,
)
from wavefront_api_client.tokens._rotate import finish, rotate
from wavefront_api_client.tokens._tenants import Result, Tenant, TokenEnv, TokenFile, for_tenants
from wavefront_api_client.tokens._token import Secret, TokenInfo, handle_of
from wavefront_api_client.tokens.errors import (
    AmbiguousToken,
    DeliveryFailed,
    MintOutcomeUnknown,
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
    "NoFreeSlot",
    "PlannedToken",
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
