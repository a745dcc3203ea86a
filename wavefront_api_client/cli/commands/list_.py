"""`wavefront-tokens list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wavefront_api_client.cli._options import (
    Command,
    account_option,
    example,
    pass_session,
    where_option,
)

if TYPE_CHECKING:
    from wavefront_api_client.cli._session import Session


@click.command(
    "list",
    cls=Command,
    epilog=example(
        "wavefront-tokens list --all-accounts",
        "wavefront-tokens list --account sa::ci --where 'age>90d' -o json",
    ),
)
@account_option("Tokens of a service account, such as sa::ci.")
@click.option(
    *("--all-accounts", "--customer", "customer"), is_flag=True, help="Tokens of all accounts."
)
@where_option("Only those that meet all conditions, as in revoke --where.")
@pass_session
def command(session: Session, account: str | None, customer: bool, where: str | None) -> int:
    """List tokens: your own, those of a service account, or those of all accounts.

    Tokens are shown by their handles: the first 10 hex digits of their SHA-256.
    """
    from wavefront_api_client.cli._rows import report_of, rows_of

    if account is not None and customer:
        raise click.UsageError("--account and --all-accounts exclude each other")
    reports, status = session.each(lambda api: report_of(api, account, customer))
    session.write(rows_of(reports, where))
    return status
