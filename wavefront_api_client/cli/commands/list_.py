"""`wavefront-tokens list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wavefront_api_client.cli._options import example
from wavefront_api_client.cli._rows import flags_of, row_of
from wavefront_api_client.cli._session import Session, now, pass_session
from wavefront_api_client.tokens import TokenInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wavefront_api_client import ApiTokenApi
    from wavefront_api_client.cli._output import Row


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

    def rows(tenant: str, api: ApiTokenApi) -> list[Row]:
        return [
            row_of(tenant, info, now(), flags_of(info)) for info in _tokens(api, account, customer)
        ]

    return session.write_each(rows)


def _tokens(api: ApiTokenApi, account: str | None, customer: bool) -> Iterator[TokenInfo]:
    if customer:
        return map(TokenInfo, api.get_customer_tokens().response or ())
    answer = api.get_all_tokens() if account is None else api.get_tokens_service_account(account)
    return map(TokenInfo, answer.response or ())
