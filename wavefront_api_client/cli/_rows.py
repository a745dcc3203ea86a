"""Rows of output, one for each token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wavefront_api_client.masking import mask_token

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any

    from wavefront_api_client.tokens import TokenInfo


def row_of(
    tenant: str, token: TokenInfo, now: datetime, flags: Sequence[str] = ()
) -> dict[str, Any]:
    """What is shown of a token.

    :param tenant: whose it is.
    :param token: the token.
    :param now: what ages count from.
    :param flags: what is to be noticed about it.
    """
    created, used = token.created, token.last_used
    return {
        "tenant": tenant,
        "handle": token.handle,
        "token": mask_token(token.secret.reveal()),
        "name": token.name,
        "account": token.account,
        "accountType": token.account_type,
        "created": iso(created),
        "lastUsed": iso(used),
        "ageDays": _days(created, now),
        "idleDays": _days(used, now),
        "flags": list(flags),
    }


def flags_of(token: TokenInfo) -> list[str]:
    """What is to be noticed about a token by itself."""
    return ["never-used"] * (token.last_used is None) + ["unnamed"] * (not token.name)


def iso(moment: datetime | None) -> str | None:
    """A date in UTC as ISO 8601, as reports have it."""
    return None if moment is None else moment.isoformat(timespec="milliseconds")[:-6] + "Z"


def _days(moment: datetime | None, now: datetime) -> int | None:
    return None if moment is None else max(0, (now - moment).days)
