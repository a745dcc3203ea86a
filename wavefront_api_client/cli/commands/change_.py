"""Commands for one token: `wavefront-tokens mint`, `deliver` and `rename`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wavefront_api_client import tokens
from wavefront_api_client.cli._options import account_option, command, ref_argument
from wavefront_api_client.cli._sinks import make_sink, sink_command

if TYPE_CHECKING:
    from typing import Any

    from wavefront_api_client import ApiTokenApi
    from wavefront_api_client.cli._output import Row
    from wavefront_api_client.cli._session import Session
    from wavefront_api_client.tokens import TokenInfo


def _row(session: Session, api: ApiTokenApi, token: TokenInfo, outcome: str) -> Row:
    from wavefront_api_client.cli._output import rows_alone

    (row,) = rows_alone(api, [token])
    return {**row, "tenant": session.one().name, "outcome": outcome}


@sink_command("mint", "wavefront-tokens mint nightly --account sa::ci --to-file ~/.ci-token")
@click.argument("name")
@account_option("Service account to make it for; default: yours.")
@click.option("--if-absent", is_flag=True, help="Deliver the token of this name if there is one.")
@click.option("--allow-duplicate", is_flag=True, help="Make one although the name is taken.")
def mint_(
    session: Session,
    name: str,
    account: str | None,
    if_absent: bool,
    allow_duplicate: bool,
    **sink_of: Any,
) -> None:
    """Make a token with a name, and deliver it."""
    sink = make_sink(session, **sink_of)
    with session.api() as api:
        minted = tokens.mint(
            api,
            name,
            account=account,
            sink=sink,
            if_absent=if_absent,
            allow_duplicate=allow_duplicate,
        )
        token, outcome = minted.token, "made" if minted.is_new else "found"
        row = _row(session, api, token, outcome)
    said = f"{outcome.title()} token {token.handle} {token.shown_name!r}, and delivered it."
    session.tell_done(said, [row], "change", silent=sink_of["to_stdout"])


@sink_command("deliver", "wavefront-tokens deliver nightly --account sa::ci --to-file ~/.ci-token")
@ref_argument
@account_option()
def deliver_(session: Session, ref: str, account: str | None, **sink_of: Any) -> None:
    """Put an existing token into a file, a command or a keyring, such as a file that was lost.

    REF is a handle, an exact name, or - for the token itself on stdin.
    """
    from wavefront_api_client.cli._refs import read_ref

    wanted = read_ref(ref)
    sink = make_sink(session, **sink_of)
    with session.api() as api:
        token = tokens.deliver(api, wanted, sink, account=account)
        row = _row(session, api, token, "delivered")
    said = f"Delivered token {token.handle} {token.shown_name!r}."
    session.tell_done(said, [row], "change", silent=sink_of["to_stdout"])


@command("rename", "wavefront-tokens rename 1f3a9c2e04 nightly --account sa::ci")
@ref_argument
@click.argument("new_name")
@account_option()
@click.option("--allow-duplicate", is_flag=True, help="Also if another token has the name.")
def rename_(
    session: Session, ref: str, new_name: str, account: str | None, allow_duplicate: bool
) -> None:
    """Give a token another name.

    REF is a handle, an exact name, or - for the token itself on stdin.
    """
    from wavefront_api_client.cli._refs import read_ref

    wanted = read_ref(ref)
    with session.api() as api:
        token = tokens.rename(
            api, wanted, new_name, account=account, allow_duplicate=allow_duplicate
        )
        row = _row(session, api, token, "renamed")
    session.tell_done(f"Token {token.handle} is called {token.shown_name!r} now.", [row], "change")
