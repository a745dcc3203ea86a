"""`wavefront-tokens find`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wavefront_api_client.cli import _exits
from wavefront_api_client.cli._options import (
    Command,
    account_option,
    example,
    pass_session,
    ref_argument,
)

if TYPE_CHECKING:
    from wavefront_api_client.cli._session import Session


@click.command("find", cls=Command, epilog=example("wavefront-tokens find - < leaked.txt"))
@ref_argument
@account_option("Only tokens of this service account.")
@pass_session
def command(session: Session, ref: str, account: str | None) -> int:
    """Find tokens by handle, exact name, or - for the token itself on stdin.

    All accounts are searched if the key has the permission Accounts, otherwise its own.
    """
    from wavefront_api_client.cli._output import tell
    from wavefront_api_client.cli._refs import read_ref
    from wavefront_api_client.cli._rows import row_of
    from wavefront_api_client.tokens import find

    wanted = read_ref(ref)
    found, status = session.each(
        lambda api: [row_of(api, token) for token in find(api, wanted, account=account)]
    )
    rows = [{**row, "tenant": name} for name, of_tenant in found.items() for row in of_tenant]
    if rows or session.output != "table":
        session.write(rows)
    if status == _exits.DONE and not rows:
        tell("There is no such token.")
        return _exits.NOT_FOUND
    return status
