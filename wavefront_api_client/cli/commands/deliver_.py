"""`wavefront-tokens deliver`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wavefront_api_client.cli._options import account_option, example, pass_session, ref_argument
from wavefront_api_client.cli._sinks import SinkCommand

if TYPE_CHECKING:
    from typing import Any

    from wavefront_api_client.cli._session import Session


@click.command(
    "deliver",
    cls=SinkCommand,
    epilog=example("wavefront-tokens deliver nightly --account sa::ci --to-file ~/.ci-token"),
)
@ref_argument
@account_option("Service account that holds it, such as sa::ci.")
@pass_session
def command(session: Session, ref: str, account: str | None, **sink_of: Any) -> None:
    """Put an existing token into a file, a command or a keyring, such as a file that was lost.

    REF is a handle, an exact name, or - for the token itself on stdin.
    """
    from wavefront_api_client.cli._refs import read_ref
    from wavefront_api_client.cli._rows import row_of
    from wavefront_api_client.cli._sinks import make_sink
    from wavefront_api_client.tokens import deliver

    wanted = read_ref(ref)
    prints = bool(sink_of["to_stdout"])
    sink = make_sink(session, sink_of)
    with session.api() as api:
        token = deliver(api, wanted, sink, account=account)
        said = f"Delivered token {token.handle} {token.shown_name!r}."
        row = row_of(api, token, tenant=session.one().name, outcome="delivered")
    session.tell_done(said, [row], "change", silent=prints)
