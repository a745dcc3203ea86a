"""`wavefront-tokens list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wavefront_api_client.cli._options import example
from wavefront_api_client.cli._session import Session, pass_session
from wavefront_api_client.tokens import TokenInfo

if TYPE_CHECKING:
    from wavefront_api_client import ApiTokenApi


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

    found, status = session.each(lambda api: _tokens(api, account, customer))
    session.write_tokens(found)
    return status


def _tokens(api: ApiTokenApi, account: str | None, customer: bool) -> list[TokenInfo]:
    if customer:
        return [TokenInfo(model) for model in api.get_customer_tokens().response or ()]
    answer = api.get_all_tokens() if account is None else api.get_tokens_service_account(account)
    return [TokenInfo(model) for model in answer.response or ()]
