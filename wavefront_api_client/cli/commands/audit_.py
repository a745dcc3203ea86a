"""`wavefront-tokens audit`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wavefront_api_client.cli import _exits
from wavefront_api_client.cli._options import example, span
from wavefront_api_client.cli._paths import FilePath
from wavefront_api_client.cli._session import Session, pass_session
from wavefront_api_client.tokens import AuditPolicy, audit
from wavefront_api_client.tokens._audit import RULES

if TYPE_CHECKING:
    from datetime import timedelta

    from wavefront_api_client.tokens import AuditReport


def _rules(ctx: click.Context, param: click.Parameter, value: str | None) -> list[str]:
    names = value.split(",") if value else []
    unknown = [name for name in names if name not in RULES]
    if unknown:
        known = ", ".join(RULES)
        raise click.BadParameter(f"there is no rule {unknown[0]!r}; known: {known}", ctx, param)
    return names


@click.command("audit", epilog=example("wavefront-tokens audit --stale 90d --html review.html"))
@click.option(
    "--stale", callback=span, default="90d", show_default=True, help="Unused for so long."
)
@click.option(
    "--max-age", callback=span, default="365d", show_default=True, help="Older than that."
)
@click.option(
    "--near-limit",
    type=click.IntRange(1, 20),
    default=18,
    show_default=True,
    help="Accounts that hold so many.",
)
@click.option(
    "--fail-on", callback=_rules, metavar="RULE,...", help="End with 3 if one of them finds any."
)
@click.option("--html", type=FilePath(dir_okay=False), metavar="FILE", help="Write a page, too.")
@pass_session
def command(
    session: Session,
    stale: timedelta,
    max_age: timedelta,
    near_limit: int,
    fail_on: list[str],
    html: str | None,
) -> int:
    """Report the tokens of a customer that should not be.

    The table shows those that a rule has found; JSON and CSV have all tokens. The rules are
    never-used, stale, old, unnamed, near-limit, inactive-account, interrupted-rotation and
    duplicate-name.
    """
    policy = AuditPolicy(stale=stale, max_age=max_age, near_limit=near_limit)
    if html and len(session.tenants()) > 1:
        raise click.UsageError("--html is about one tenant: name one --profile")
    reports, status = session.each(lambda api: audit(api, policy))
    for tenant, report in reports.items():
        if html:
            _write_page(report, tenant, html)
        session.say(f"{tenant}: {summary(report)}" if session.is_many else summary(report))
    session.write(
        [
            {"tenant": tenant, **row.to_dict()}
            for tenant, report in reports.items()
            for row in report.rows
            if row.flags or session.output != "table"
        ]
    )
    if status == _exits.DONE and any(
        report.findings[rule] for report in reports.values() for rule in fail_on
    ):
        return _exits.FINDINGS
    return status


def summary(report: AuditReport) -> str:
    """What was found, in a sentence."""
    found = [f"{len(rows)} {rule}" for rule, rows in report.findings.items() if rows]
    return f"{len(report.rows)} tokens: {', '.join(found) or 'nothing found'}."


def _write_page(report: AuditReport, tenant: str, path: str) -> None:
    try:
        Path(path).write_text(report.to_html(f"API tokens of {tenant}"), encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from None
