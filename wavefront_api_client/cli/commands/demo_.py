"""`wavefront-tokens demo`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wavefront_api_client.cli._options import example
from wavefront_api_client.cli._session import Session, pass_session

if TYPE_CHECKING:
    from wavefront_api_client import Configuration
    from wavefront_api_client.testing import TokenServer


class DemoTenant:
    """The tenant that is served in this process.

    :param server: who serves it.
    """

    name = "demo"

    def __init__(self, server: TokenServer) -> None:
        self._server = server

    def configuration(self, timeout: float | None = None) -> Configuration:
        """The settings of a client for it."""
        made = self._server.configuration()
        if timeout is not None:
            made.request_timeout = timeout
        return made


@click.command(
    "demo",
    epilog=example("wavefront-tokens demo audit"),
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="COMMAND...")
@pass_session
@click.pass_context
def command(context: click.Context, session: Session, arguments: tuple[str, ...]) -> object:
    """Run a command against a service in this process, with a customer to try it on.

    Nothing leaves this machine, and all is gone afterwards.
    """
    root = context.find_root()
    group = root.command
    assert isinstance(group, click.Group)  # noqa: S101  # it is the one in `_app`
    name, *rest = arguments or [""]
    found = group.get_command(root, name)
    if found is None or name == "demo":
        raise click.UsageError("say which command to try, such as: wavefront-tokens demo audit")
    from wavefront_api_client.testing import TokenServer

    with TokenServer() as server:
        server.add_customer()
        session.tenant = DemoTenant(server)
        session.say("A customer made up for this run: nothing leaves this machine.")
        with found.make_context(name, rest, parent=root) as inner:
            return found.invoke(inner)
