"""`wavefront-tokens rename`."""

from __future__ import annotations

import click

from wavefront_api_client.cli._options import example
from wavefront_api_client.cli._refs import read_ref
from wavefront_api_client.cli._session import Session, pass_session
from wavefront_api_client.tokens import rename


@click.command(
    "rename", epilog=example("wavefront-tokens rename 1f3a9c2e04 nightly --account sa::ci")
)
@click.argument("ref")
@click.argument("new_name")
@click.option("--account", metavar="A", help="Service account that holds it.")
@click.option("--allow-duplicate", is_flag=True, help="Also if another token has the name.")
@pass_session
def command(
    session: Session, ref: str, new_name: str, account: str | None, allow_duplicate: bool
) -> None:
    """Give a token another name.

    REF is a handle, an exact name, or - for the token itself on stdin.
    """
    with session.api() as api:
        token = rename(
            api, read_ref(ref), new_name, account=account, allow_duplicate=allow_duplicate
        )
    session.write_tokens({session.one().name: [token]})
