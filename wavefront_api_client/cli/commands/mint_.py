"""`wavefront-tokens mint`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wavefront_api_client.cli._options import account_option, example, pass_session
from wavefront_api_client.cli._sinks import SinkCommand

if TYPE_CHECKING:
    from typing import Any

    from wavefront_api_client.cli._session import Session


@click.command(
    "mint",
    cls=SinkCommand,
    epilog=example("wavefront-tokens mint nightly --account sa::ci --to-file ~/.ci-token"),
)
@click.argument("name")
@account_option("Service account to make it for; default: yours.")
@click.option("--if-absent", is_flag=True, help="Deliver the token of this name if there is one.")
@click.option("--allow-duplicate", is_flag=True, help="Make one although the name is taken.")
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
    from wavefront_api_client.cli._rows import row_of
    from wavefront_api_client.cli._sinks import make_sink
    from wavefront_api_client.tokens import mint

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
        outcome = "made" if minted.is_new else "found"
        name = minted.token.shown_name
        said = f"{outcome.title()} token {minted.handle} {name!r}, and delivered it."
        row = row_of(api, minted.token, tenant=session.one().name, outcome=outcome)
    session.tell_done(said, [row], "change", silent=prints)
