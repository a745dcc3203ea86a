"""What administrators do with tokens: list, mint, deliver, rotate, audit and revoke them.

Every function refuses a value of another type with a `TypeError` before it does anything. A call
that fails is an `ApiException`; an operation that is refused or not finished is a
`TokenOperationError`.

===========  ==============================================================================
`_token`     a token as a value: `Secret`, its handle, and `TokenInfo`
`_account`   the calls of one account, and what counts as a listing
`_find`      lists tokens, and picks those that a reference names
`_marks`     the state of an operation in the name of a token
`_mint`      mint, rename, deliver
`_rotate`    rotate and finish
`_wanted`    a file of tokens: which should exist, and where each goes
`_apply`     plan and apply: what each token of a file needs
`_pace`      several accounts side by side, all of which wait when the service asks one to
`_audit`     all tokens of a customer, and the rules that find some of them
`_where`     conditions that choose rows of an audit
`_revoke`    makes plans, and revokes
`_tenants`   calls a function for many tenants, each with its own host and key
`_report`    a report as a page
`_text`      cells of CSV, tables, and escapes of invisible characters
`sinks`      where a new token goes: a file, a command, a keyring or a stream
`_formats`   how a file holds a token
`_atomic`    replaces a file as a whole
`_command`   runs a program that reads a token
`texts`      reads what people write: the text of a file, and a token in it
`_clock`     clocks, durations, sleep and random words, which tests replace
`errors`     the exceptions of the operations, beside the `ApiException` of a call
===========  ==============================================================================
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wavefront_api_client.tokens._account import MOST_TOKENS
    from wavefront_api_client.tokens._apply import Change, apply, plan, unmanaged
    from wavefront_api_client.tokens._audit import (
        RULES,
        AuditPolicy,
        AuditReport,
        AuditRow,
        audit,
        report_on,
    )
    from wavefront_api_client.tokens._find import KeyInfo, Ref, Refs, find, list_tokens, whoami
    from wavefront_api_client.tokens._mint import MintedToken, deliver, mint, rename
    from wavefront_api_client.tokens._revoke import (
        PlannedToken,
        RevocationOutcome,
        RevocationPlan,
        plan_revocation,
        revoke,
    )
    from wavefront_api_client.tokens._rotate import RotationResult, finish, rotate
    from wavefront_api_client.tokens._tenants import (
        Result,
        Tenant,
        TokenEnv,
        TokenFile,
        for_tenants,
    )
    from wavefront_api_client.tokens._token import Secret, TokenInfo, handle_of
    from wavefront_api_client.tokens._wanted import (
        TokensFileError,
        WantedToken,
        read_tokens_file,
        tokens_file_of,
    )
    from wavefront_api_client.tokens._where import Conditions
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
    from wavefront_api_client.tokens.sinks import (
        CommandSink,
        FileSink,
        KeyringSink,
        Sink,
        StreamSink,
    )

__all__ = [
    "MOST_TOKENS",
    "RULES",
    "AmbiguousToken",
    "AuditPolicy",
    "AuditReport",
    "AuditRow",
    "Change",
    "CommandSink",
    "Conditions",
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
    "TokensFileError",
    "TooManyTokens",
    "VerificationFailed",
    "WantedToken",
    "WrongTenant",
    "apply",
    "audit",
    "deliver",
    "find",
    "finish",
    "for_tenants",
    "handle_of",
    "list_tokens",
    "mint",
    "plan",
    "plan_revocation",
    "read_tokens_file",
    "rename",
    "report_on",
    "revoke",
    "rotate",
    "tokens_file_of",
    "unmanaged",
    "whoami",
]

_HOMES = {
    "_apply": ("Change", "apply", "plan", "unmanaged"),
    "_account": ("MOST_TOKENS",),
    "_audit": ("RULES", "AuditPolicy", "AuditReport", "AuditRow", "audit", "report_on"),
    "_find": ("KeyInfo", "Ref", "Refs", "find", "list_tokens", "whoami"),
    "_mint": ("MintedToken", "deliver", "mint", "rename"),
    "_revoke": (
        *("PlannedToken", "RevocationOutcome", "RevocationPlan"),
        *("plan_revocation", "revoke"),
    ),
    "_rotate": ("RotationResult", "finish", "rotate"),
    "_tenants": ("Result", "Tenant", "TokenEnv", "TokenFile", "for_tenants"),
    "_token": ("Secret", "TokenInfo", "handle_of"),
    "_where": ("Conditions",),
    "errors": (
        *("AmbiguousToken", "DeliveryFailed", "MintOutcomeUnknown", "NameTaken", "NoFreeSlot"),
        *("RefusedOwnKey", "RotationPending", "TokenInUse", "TokenNotFound"),
        *("TokenOperationError", "TooManyTokens", "VerificationFailed", "WrongTenant"),
    ),
    "sinks": ("CommandSink", "FileSink", "KeyringSink", "Sink", "StreamSink"),
    "_wanted": ("TokensFileError", "WantedToken", "read_tokens_file", "tokens_file_of"),
}
"""Where each name is: a listing does not load what rotates tokens."""

_MODULES = ("errors", "sinks", "texts")

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name in _MODULES:
            return import_module(f"{__name__}.{name}")
        for module, names in _HOMES.items():
            if name in names:
                value = globals()[name] = getattr(import_module(f"{__name__}.{module}"), name)
                return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        special = {name for name in globals() if name.startswith("__")}
        return sorted({*special, *__all__, *_MODULES})
