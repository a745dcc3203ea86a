"""What admins do with tokens: mint, find, rotate, audit and revoke them, safely."""

from __future__ import annotations

from wavefront_api_client.tokens._audit import AuditReport, AuditRow, audit
from wavefront_api_client.tokens._find import find
from wavefront_api_client.tokens._info import TokenInfo
from wavefront_api_client.tokens._mint import MintedToken, mint
from wavefront_api_client.tokens._rename import rename
from wavefront_api_client.tokens._rotate import finish, rotate
from wavefront_api_client.tokens._rotation import RotationResult
from wavefront_api_client.tokens._rules import RULES, AuditPolicy
from wavefront_api_client.tokens._secret import Secret, handle_of
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
    VerificationFailed,
)
from wavefront_api_client.tokens.sinks import CommandSink, FileSink, KeyringSink, Sink, StreamSink

__all__ = [
    "RULES",
    "AmbiguousToken",
    "AuditPolicy",
    "AuditReport",
    "AuditRow",
    "CommandSink",
    "DeliveryFailed",
    "FileSink",
    "KeyringSink",
    "MintOutcomeUnknown",
    "MintedToken",
    "NoFreeSlot",
    "RefusedOwnKey",
    "RotationPending",
    "RotationResult",
    "Secret",
    "Sink",
    "StreamSink",
    "TokenInUse",
    "TokenInfo",
    "TokenNotFound",
    "TokenOperationError",
    "VerificationFailed",
    "audit",
    "find",
    "finish",
    "handle_of",
    "mint",
    "rename",
    "rotate",
]
