"""Rows of output: tokens with what the rules of the audit say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wavefront_api_client.tokens import AuditReport, AuditRow, audit, list_tokens
from wavefront_api_client.tokens._account import present
from wavefront_api_client.tokens._audit import COLUMNS, NEVER_USED, report_on
from wavefront_api_client.tokens._where import parse_where

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wavefront_api_client import ApiTokenApi
    from wavefront_api_client.cli._output import Row
    from wavefront_api_client.tokens import TokenInfo


def report_of(api: ApiTokenApi, account: str | None, customer: bool) -> AuditReport:
    """The tokens of a listing, with what the rules say of them.

    :param account: id of a service account, None for the caller's own tokens.
    :param customer: whether those of all accounts are meant.
    """
    if customer:
        return audit(api)
    return report_on(api, list_tokens(api, account=account))


def rows_of(
    reports: Mapping[str, AuditReport], where: str | None, flagged: bool = False
) -> Iterator[Row]:
    """The rows of some reports, one at a time: a customer may have a hundred thousand tokens.

    :param reports: by tenant.
    :param where: a condition as for `plan_revocation`; None for all.
    :param flagged: whether only those are meant that a rule has found.
    """
    terms = parse_where(where) if where else []
    for tenant, report in reports.items():
        for row in report.each_row():
            if (row.flags or not flagged) and all(term.holds(row, report.now) for term in terms):
                yield {"tenant": tenant, "now": report.now, **dict(zip(COLUMNS, row))}


def row_of(api: ApiTokenApi, token: TokenInfo, **more: object) -> Row:
    """What is written of a token alone: some rules need the rest of its account to say anything.

    :param api: that has just listed it: ages count from the time of the service.
    :param more: what else is known.
    """
    flags = [NEVER_USED] * token.is_unused + ["unnamed"] * (not token.name)
    now = present(api)
    return {"now": now, **dict(zip(COLUMNS, AuditRow.of(token, now, flags))), **more}
