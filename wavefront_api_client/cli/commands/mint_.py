"""`wavefront-tokens mint`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wavefront_api_client.cli._options import example
from wavefront_api_client.cli._session import Session, pass_session
from wavefront_api_client.cli._sinks import SinkCommand, make_sink, sink_options
from wavefront_api_client.tokens import mint

if TYPE_CHECKING:
    from typing import Any


@click.command(
    "mint",
    epilog=example("wavefront-tokens mint nightly --account sa::ci --to-file ~/.ci-token"),
    cls=SinkCommand,
)
@click.argument("name")
@click.option("--account", metavar="A", help="Service account to make it for; else it is yours.")
@click.option("--if-absent", is_flag=True, help="A token of this name will do.")
@click.option("--allow-duplicate", is_flag=True, help="Make one although the name is taken.")
@sink_options
@pass_session
def command(
    session: Session,
    name: str,
    account: str | None,
    if_absent: bool,
    allow_duplicate: bool,
    **sink_of: Any,
) -> None:
    """Make a token with a name, and deliver it."""
    prints = bool(sink_of["to_stdout"])
    sink = make_sink(session, sink_of)
    with session.api() as api:
        minted = mint(
            api,
            name,
            account=account,
            sink=sink,
            if_absent=if_absent,
            allow_duplicate=allow_duplicate,
        )
    made = "Made" if minted.is_new else "Found"
    session.say(f"{made} token {minted.handle} {minted.token.shown_name!r}, and delivered it.")
    if not prints:
        session.write_data([minted.token])
