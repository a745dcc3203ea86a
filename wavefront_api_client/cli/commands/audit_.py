"""`wavefront-tokens audit`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wavefront_api_client import tokens
from wavefront_api_client.cli import _exits
from wavefront_api_client.cli._options import (
    FILE,
    command,
    complete,
    read_by,
    time_option,
    where_option,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from wavefront_api_client.cli._session import Session
    from wavefront_api_client.tokens import AuditReport


@read_by
def _rules(text: str) -> list[str]:
    names = text.split(",")
    for name in names:
        if name not in tokens.RULES:
            raise ValueError(f"there is no rule {name!r}; known: {', '.join(tokens.RULES)}")
    return names


@command("audit", "wavefront-tokens audit --stale 90d --html review.html")
@time_option("--stale", "Last used longer ago: rule stale.", default="90d")
@time_option("--max-age", "Made longer ago: rule old.", default="365d")
@click.option(
    "--near-limit",
    type=click.IntRange(1, 20),
    default=18,
    show_default=True,
    metavar="NUMBER",
    help="Accounts with so many tokens: rule near-limit.",
)
@click.option(
    "--fail-on",
    callback=_rules,
    metavar="RULE,...",
    shell_complete=complete,
    help="End with status 3 if a rule finds any, such as stale,old.",
)
@where_option("Only tokens that meet all conditions, as in revoke --where.")
@click.option("--all", "shows_all", is_flag=True, help="Show tokens without findings, too.")
@click.option("--html", type=FILE, metavar="FILE", help="Write a page as well.")
def audit_(
    session: Session,
    stale: timedelta,
    max_age: timedelta,
    near_limit: int,
    fail_on: list[str] | None,
    where: tokens.Conditions | None,
    shows_all: bool,
    html: str | None,
) -> int:
    """Report the tokens of all accounts that need attention.

    The rules are never-used, stale, old, unnamed, near-limit, inactive-account,
    interrupted-rotation, duplicate-name and legacy.
    """
    from wavefront_api_client.cli._output import rows_of

    policy = tokens.AuditPolicy(stale=stale, max_age=max_age, near_limit=near_limit)
    if html and len(session.tenants()) > 1:
        raise click.UsageError("--html is about one tenant: name one --profile")
    reports, status = session.each(lambda api: tokens.audit(api, policy))
    for tenant, report in reports.items():
        if html:
            title = f"API tokens of {report.host.partition('://')[2]}"
            session.write_file(html, report.to_html(title))
        for line in summary(report):
            session.say_of(tenant, line)
    session.write(rows_of(reports, where, flagged=not shows_all))
    found = any(report.findings[rule] for report in reports.values() for rule in fail_on or ())
    return _exits.FINDINGS if status == _exits.DONE and found else status


def summary(report: AuditReport) -> Iterator[str]:
    """The findings, and a line for each account that is near its limit."""
    flagged = len({row.handle for rows in report.findings.values() for row in rows})
    total = sum(report.accounts.values())
    found = [f"{len(rows)} {rule}" for rule, rows in report.findings.items() if rows]
    of = "1 token has" if total == 1 else f"{total} tokens have"
    yield f"{flagged} of {of} findings{': ' * bool(found)}{', '.join(found)}."
    yield from near_limit(report)


def near_limit(report: AuditReport) -> Iterator[str]:
    """A line for each account that is near its limit."""
    for account, held in report.accounts.items():
        if account and held >= report.policy.near_limit:
            yield f"{account} {held} of {tokens.MOST_TOKENS}"
