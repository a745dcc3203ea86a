"""Rows of output, one for each token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wavefront_api_client.tokens import AuditRow
from wavefront_api_client.tokens._audit import NEVER_USED

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from wavefront_api_client.tokens import TokenInfo


def row_of(tenant: str, token: TokenInfo, now: datetime) -> dict[str, Any]:
    """What is shown of a token, as in the report of an audit.

    :param tenant: whose it is.
    :param token: the token.
    :param now: what ages count from.
    """
    return {"tenant": tenant, **AuditRow.of(token, now, _flags_of(token)).to_dict()}


def _flags_of(token: TokenInfo) -> list[str]:
    """What is to be noticed about a token by itself."""
    return [NEVER_USED] * token.is_unused + ["unnamed"] * (not token.name)
