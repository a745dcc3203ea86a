"""`wavefront-tokens completion`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from wavefront_api_client.cli._app import COMPLETE, NAME, app
from wavefront_api_client.cli._options import example

SHELLS = ("bash", "zsh", "fish")


@click.command("completion", epilog=example('eval "$(wavefront-tokens completion bash)"'))
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print the completion script of a shell."""
    made = get_completion_class(shell)
    if made is None:
        raise click.UsageError(f"no completion for {shell}")
    click.echo(made(app, {}, NAME, COMPLETE).source())
