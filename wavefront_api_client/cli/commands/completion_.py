"""`wavefront-tokens completion`."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

from wavefront_api_client.cli._app import COMPLETE, NAME, app
from wavefront_api_client.cli._options import Command, example

_CLASSES = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


@click.command(
    "completion", cls=Command, epilog=example('eval "$(wavefront-tokens completion bash)"')
)
@click.argument("shell", type=click.Choice(list(_CLASSES)))
def command(shell: str) -> None:
    """Print the completion script of a shell: bash, zsh or fish."""
    script = _CLASSES[shell](app, {}, NAME, COMPLETE).source()
    # What fish offers may have a comma in it, as the rules of an audit do.
    click.echo(script.replace('string split ","', 'string split -m 1 ","'))
