"""The message for an error: what happened, where, and what to do next, without secrets."""

from __future__ import annotations

import re
import sys
import traceback
from typing import TYPE_CHECKING

from wavefront_api_client.cli import _exits
from wavefront_api_client.cli._output import tell
from wavefront_api_client.cli._profiles import ProfileError
from wavefront_api_client.exceptions import (
    ApiConnectionException,
    ApiException,
    ApiTimeoutException,
    ApiTlsException,
    ForbiddenException,
    InvalidResponseException,
    NotFoundException,
    UnauthorizedException,
)
from wavefront_api_client.tokens import errors
from wavefront_api_client.tokens._text import aligned

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wavefront_api_client.cli._profiles import Profile
    from wavefront_api_client.cli._session import Session


class Refused(errors.TokenOperationError):
    """The command refuses something that is not safe."""


_REPEAT = "Run the same command again: it goes on where this one stopped."
_AGAIN = {
    "mint": "Run it again with --if-absent: it goes on where this one stopped.",
    "rename": _REPEAT,
    "deliver": _REPEAT,
    "rotate": _REPEAT,
    "apply": _REPEAT,
    "revoke": "See what is left: wavefront-tokens list --all-accounts.",
}
"""What to do after a command that was stopped; the other commands have changed nothing."""

_MEANINGS: list[tuple[tuple[type[BaseException], ...], int, str]] = [
    ((errors.AmbiguousToken,), _exits.NOT_FOUND, "Name one by its handle:"),
    (
        (errors.TokenNotFound, NotFoundException),
        _exits.NOT_FOUND,
        "See what there is: wavefront-tokens list --all-accounts.",
    ),
    (
        (errors.NoFreeSlot,),
        _exits.NO_SLOT,
        "These could go, by wavefront-tokens revoke, the longest idle first:",
    ),
    ((errors.MintOutcomeUnknown, errors.RotationPending), _exits.UNFINISHED, ""),
    ((errors.DeliveryFailed, errors.VerificationFailed), _exits.UNFINISHED, ""),
    ((errors.TokenInUse,), _exits.UNFINISHED, ""),
    (
        (errors.NameTaken,),
        _exits.REFUSED,
        "That is --allow-duplicate; mint --if-absent delivers the one there is.",
    ),
    ((errors.TooManyTokens,), _exits.REFUSED, "--max sets another limit."),
    ((errors.RefusedOwnKey, errors.WrongTenant, Refused), _exits.REFUSED, ""),
    (
        (UnauthorizedException,),
        _exits.NO_PERMISSION,
        "wavefront-tokens status says where the key comes from.",
    ),
    (
        (ForbiddenException,),
        _exits.NO_PERMISSION,
        "wavefront-tokens status says what the key may do.",
    ),
    ((ProfileError,), _exits.USAGE, ""),
    ((KeyboardInterrupt,), _exits.INTERRUPTED, ""),
]
"""Errors, the exit status for each, and what to do about it."""

_REASON = re.compile(
    r"(?:certificate verify failed: |Tunnel connection failed: |\[Errno -?[0-9]+\] )"
    r"(.+?)(?=['\"]?\)| \(_ssl| at http)"
)
"""Attributes of an error with the text of OpenSSL, of a proxy or of the system."""
_TLS_ONLY = "(?i)plain http request|http request to an https server|https port"
MOST_CANDIDATES = 20


def _meaning(error: BaseException) -> tuple[int, str]:
    """The exit status for an error, and what to do about it."""
    found = ((status, hint) for kinds, status, hint in _MEANINGS if isinstance(error, kinds))
    return next(found, (_exits.FAILED, ""))


def worst(statuses: Iterable[int]) -> int:
    """The exit status of several tenants: that of all if it is the same, else partly failed."""
    found = set(statuses) or {_exits.DONE}
    return found.pop() if len(found) == 1 else _exits.FAILED


def tell_failure(
    error: BaseException, session: Session | None, tenant: Profile | None = None
) -> int:
    """Tell on stderr what ended a command, or one tenant's part; give the exit status.

    :param session: None if it ended while its arguments were read.
    :param tenant: whose part it was, if there are several.
    """
    whose = f"{tenant.name}: " if tenant else ""
    if session and not tenant:
        tenant = session.only
    said = [describe(error, tenant), what_next(error, session.command if session else "")]
    tell(whose + " ".join(filter(None, said)))
    tokens = getattr(error, "tokens", ())
    if isinstance(error, (errors.AmbiguousToken, errors.NoFreeSlot, errors.MintOutcomeUnknown)):
        rows: list[tuple[str, ...]] = [("HANDLE", "NAME", "ACCOUNT", "CREATED", "LAST USED")]
        for each in tokens[:MOST_CANDIDATES]:
            dates = (f"{day:%Y-%m-%d}" if day else "" for day in (each.created, each.last_used))
            rows.append((each.handle, each.shown_name, each.account or "", *dates))
        tell(aligned(rows))
    if session and session.debug:
        # No locals: these could hold what the text hides.
        sys.stderr.writelines(traceback.format_tb(error.__traceback__))
    is_unknown = isinstance(error, ApiException) and error.outcome_unknown
    return _exits.UNFINISHED if is_unknown else _meaning(error)[0]


def describe(error: BaseException, tenant: Profile | None = None) -> str:
    """An error in a sentence."""
    if isinstance(error, KeyboardInterrupt):
        return "Interrupted."
    if isinstance(error, ApiException):
        return _sentence(_describe_call(error, tenant))
    if isinstance(error, errors.AmbiguousToken) and error.tokens:
        return f"{len(error.tokens)} tokens match."
    if isinstance(error, (errors.TokenOperationError, ProfileError, ValueError)):
        return _sentence(str(error).strip() or "It failed")
    if isinstance(error, OSError) and error.strerror:
        return _sentence(f"{error.filename or 'the system'}: {error.strerror}")
    return _sentence(f"this should not happen: {type(error).__name__}; --debug shows where")


def _sentence(text: str) -> str:
    text = text if text.endswith((".", "!", "?")) else text + "."
    is_word = text.partition(" ")[0].isalpha()
    return text[:1].upper() + text[1:] if is_word else text


def _describe_call(error: ApiException, tenant: Profile | None) -> str:
    url = tenant.url if tenant else "the service"
    if error.operation == "exchange":
        url = "VMware Cloud services"
    if isinstance(error, ApiTimeoutException):
        limit = f"within {tenant.settings['request_timeout']:g} seconds" if tenant else "in time"
        return f"{url} did not answer {limit}: --timeout sets another limit"
    if isinstance(error, ApiConnectionException):
        return f"{url} cannot be reached: {_reason(error, url)}"
    if url.startswith("http://") and re.search(_TLS_ONLY, f"{error.message} {error.body!r}"):
        return f"{url} expects TLS: its address begins with https://"
    if isinstance(error, InvalidResponseException):
        return f"{url} gave an answer that cannot be used: {error.message or error.reason}"
    said = error.message or error.reason or "no reason given"
    return f"{url} says {error.status}: {said}"


def _reason(error: ApiConnectionException, url: str) -> str:
    text = str(error.reason)
    found = _REASON.search(text)
    if "proxy" in text.lower():
        why = f" ({found[1]})" if found else ""
        return f"the proxy does not let the connection through{why}: see --proxy"
    if found:
        return found[1]
    if url.startswith("http://"):
        return "the connection broke; if it speaks TLS, the address begins with https://"
    if "doesn't match" in text:
        return "the certificate is not valid for its name"
    return "TLS failed" if isinstance(error, ApiTlsException) else "the connection broke"


def what_next(error: BaseException, command: str) -> str:
    """What to do about an error, "" if that is unknown or the error says so itself."""
    if isinstance(error, KeyboardInterrupt) or getattr(error, "outcome_unknown", False):
        return _AGAIN.get(command, "")
    if isinstance(error, (errors.DeliveryFailed, errors.VerificationFailed)):
        return _AGAIN.get(command, "")
    own = getattr(error, "hint", None) or ""
    # The message names the host already, and methods and settings of the client do not help here.
    own = re.sub(r"^https?://\S+ ", "It ", own)
    own = own.replace("set ssl_ca_cert to", "set --ca-file, or ca_file in the profile, to")
    own = own.replace(f"{getattr(error, 'operation', None)} needs", "This needs")
    return " ".join(filter(None, [own, _meaning(error)[1]]))
