"""`wavefront-tokens list`."""

from __future__ import annotations

import click

from wavefront_api_client.cli._options import example
from wavefront_api_client.cli._session import Session, pass_session
from wavefront_api_client.tokens import list_tokens


@click.command("list", epilog=example("wavefront-tokens list --customer"))
@click.option("--account", metavar="A", help="Those of a service account, such as sa::ci.")
@click.option("--customer", is_flag=True, help="Those of all accounts.")
@pass_session
def command(session: Session, account: str | None, customer: bool) -> int:
    """List tokens: your own, an account's, or the customer's.

    Tokens are shown by their handles: the first 10 hex digits of their SHA-256.
    """
    if account is not None and customer:
        raise click.UsageError("--account and --customer exclude each other")

    found, status = session.each(lambda api: list_tokens(api, account=account, customer=customer))
    session.write_tokens(found)
    return status
