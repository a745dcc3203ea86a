"""`wavefront-tokens find`."""

from __future__ import annotations

import click

from wavefront_api_client.cli import _exits
from wavefront_api_client.cli._options import example
from wavefront_api_client.cli._output import tell
from wavefront_api_client.cli._refs import read_ref
from wavefront_api_client.cli._session import Session, pass_session
from wavefront_api_client.tokens import find


@click.command("find", epilog=example("wavefront-tokens find - < leaked.txt"))
@click.argument("ref")
@click.option("--account", metavar="A", help="Only among those of this service account.")
@pass_session
def command(session: Session, ref: str, account: str | None) -> int:
    """Find tokens by handle, exact name, or - for the token itself on stdin.

    They are looked for in all accounts where the key has the permission Accounts, else among its
    own account's.
    """
    wanted = read_ref(ref)

    found, status = session.each(lambda api: find(api, wanted, account=account))
    if any(found.values()) or session.output != "table":
        session.write_tokens(found)
    if status == _exits.DONE and not any(found.values()):
        tell("There is no such token.")
        return _exits.NOT_FOUND
    return status
