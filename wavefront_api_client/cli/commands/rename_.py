"""`wavefront-tokens rename`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wavefront_api_client.cli._options import (
    Command,
    account_option,
    example,
    pass_session,
    ref_argument,
)

if TYPE_CHECKING:
    from wavefront_api_client.cli._session import Session


@click.command(
    "rename",
    cls=Command,
    epilog=example("wavefront-tokens rename 1f3a9c2e04 nightly --account sa::ci"),
)
@ref_argument
@click.argument("new_name")
@account_option("Service account that holds it, such as sa::ci.")
@click.option("--allow-duplicate", is_flag=True, help="Also if another token has the name.")
@pass_session
def command(
    session: Session, ref: str, new_name: str, account: str | None, allow_duplicate: bool
) -> None:
    """Give a token another name.

    REF is a handle, an exact name, or - for the token itself on stdin.
    """
    from wavefront_api_client.cli._refs import read_ref
    from wavefront_api_client.cli._rows import row_of
    from wavefront_api_client.tokens import rename

    wanted = read_ref(ref)
    with session.api() as api:
        token = rename(api, wanted, new_name, account=account, allow_duplicate=allow_duplicate)
        said = f"Token {token.handle} is called {token.shown_name!r} now."
        row = row_of(api, token, tenant=session.one().name, outcome="renamed")
    session.tell_done(said, [row], "change")
