"""What a person is told of an error: what happened and what to do next, without secrets."""

from __future__ import annotations

import sys
import traceback

from wavefront_api_client.cli import _exits
from wavefront_api_client.cli._output import tell
from wavefront_api_client.exceptions import (
    ApiConnectionException,
    ApiException,
    ApiTimeoutException,
)
from wavefront_api_client.tokens import TokenInUse

GO_ON = "Run the same command again (mint: with --if-absent): it goes on where this one stopped."
NEXT = {
    _exits.NO_SLOT: "Delete or revoke a token first: see the audit.",
    _exits.UNFINISHED: GO_ON,
    _exits.NO_PERMISSION: "Check the key, and the permission of its account.",
    _exits.INTERRUPTED: GO_ON,
}


def tell_failure(error: BaseException, tenant: str = "", debug: bool = False) -> int:
    """Tell an error on stderr.

    :param error: what ended a command, or the part of it for one tenant.
    :param tenant: whose part.
    :param debug: whether the traceback is shown as well.
    :return: the exit status for it.
    """
    status = _exits.status_of(error)
    whose = f"{tenant}: " if tenant else ""
    # It says itself what to do.
    hint = "" if isinstance(error, TokenInUse) else NEXT.get(status, "")
    tell(f"{whose}{describe(error)}" + (f" {hint}" if hint else ""))
    if debug:
        # No locals: these could hold what the text hides.
        sys.stderr.writelines(traceback.format_tb(error.__traceback__))
    return status


def describe(error: BaseException) -> str:
    """An error in a sentence."""
    if isinstance(error, KeyboardInterrupt):
        return "Interrupted."
    if isinstance(error, ApiException):
        return _describe_call(error)
    text = str(error).strip() or type(error).__name__
    return text if text.endswith((".", "!", "?")) else text + "."


def _describe_call(error: ApiException) -> str:
    what = error.operation or "the call"
    if isinstance(error, ApiTimeoutException):
        return f"No answer to {what} in time."
    if isinstance(error, ApiConnectionException):
        return f"{what}: {error.reason}."
    said = error.message or error.reason or "no reason given"
    return f"{what}: {error.status}, {said}."
