"""Commands for beginners: `wavefront-tokens demo` and `completion`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from wavefront_api_client.cli._app import COMMANDS, COMPLETE, NAME, Commands, app
from wavefront_api_client.cli._options import Command, example

if TYPE_CHECKING:
    from typing import Any

    from wavefront_api_client.testing import TokenServer

SESSION = "wavefront_api_client.cli._session"
FILE = "customer.json"


@click.command(
    "completion", cls=Command, epilog=example('eval "$(wavefront-tokens completion bash)"')
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion_(shell: str) -> None:
    """Print the completion script of a shell: bash, zsh or fish."""
    from click.shell_completion import get_completion_class

    made: Any = get_completion_class(shell)
    script = made(app, {}, NAME, COMPLETE).source()
    # A completion of fish may hold a comma, as the rules of an audit do.
    click.echo(script.replace('string split ","', 'string split -m 1 ","'))


@click.group(
    "demo",
    cls=Commands,
    names=[name for name in COMMANDS if name not in {"demo", "completion"}],
    invoke_without_command=True,
    epilog=example(
        "wavefront-tokens demo --days 2 rotate nightly --account sa::ci --stdout",
        "wavefront-tokens demo audit",
    ),
)
@click.option(
    "--days",
    type=click.FloatRange(0),
    default=0,
    metavar="NUMBER",
    help="Put its clock forward first, such as 2.",
)
@click.option("--reset", is_flag=True, help="Begin with a new customer.")
@click.pass_context
def demo_(ctx: click.Context, days: float, reset: bool) -> None:
    """Run a command against a service in this process, with a customer to try it on.

    The customer stays the same from run to run. Nothing leaves this machine: files go into a folder
    that a message names, and tokens for a command or a keyring go there, too.
    """
    from wavefront_api_client.cli._profiles import Profile

    if ctx.invoked_subcommand is None:
        raise click.UsageError("say which command to try, such as: wavefront-tokens demo audit")
    folder = _folder()
    saved = {} if reset else _read(folder)
    saved["days"] = saved.get("days", 0) + days
    server = ctx.with_resource(_serve(saved["days"], saved.get("port", 0)))
    _fill(server, saved)
    ctx.call_on_close(lambda: _keep(folder, server, saved))
    key = server.user.key
    tenant = Profile("demo", server.url, lambda: key, "the demo", {"proxy": None})
    ctx.meta[SESSION] = {"demo": tenant, "folder": folder}


def _folder() -> str:
    """The folder of a demo, which is made."""
    from tempfile import gettempdir

    state = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    folder = os.path.join(state if os.path.isabs(state) else gettempdir(), "wavefront-tokens-demo")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    return folder


def _read(folder: str) -> dict[str, Any]:
    import json

    try:
        with open(os.path.join(folder, FILE), encoding="utf-8") as file:
            return dict(json.load(file))
    except (OSError, ValueError):
        return {}


def _serve(days: float, port: int) -> TokenServer:
    """A service on the port of the last demo, if it is free, as plans of `revoke` name it."""
    from wavefront_api_client.testing import TokenServer

    try:
        return TokenServer(port=port, days=days).start()
    except OSError:
        return TokenServer(days=days).start()


def _fill(server: TokenServer, saved: dict[str, Any]) -> None:
    """Give a service the customer of the last demo, or a new one."""
    from wavefront_api_client import ApiClient, ApiTokenApi

    if not saved.get("tokens"):
        server.add_customer()
        return
    for account, kind in saved["accounts"].items():
        if account != server.user.id:
            add = server.add_service_account if "SERVICE" in kind else server.add_user
            add(account, tokens=0, permissions=())
    own = server.user.key
    for account, token, name, created, used in saved["tokens"]:
        server.add_token(account, name, token_id=token, dates=(created, used or 0))
        if account == server.user.id and server.user.key == own:
            # The service began with its own key; the accounts of the demo come after it.
            with ApiClient(server.configuration()) as client:
                ApiTokenApi(client).delete_token(own)


def _keep(folder: str, server: TokenServer, saved: dict[str, Any]) -> None:
    """Save the accounts for the next demo."""
    import json

    from wavefront_api_client import ApiClient, ApiTokenApi

    with ApiClient(server.configuration()) as client:
        listed = ApiTokenApi(client).get_customer_tokens().response or []
    # An account without tokens is kept, too.
    accounts = {**saved.get("accounts", {}), **{each.account: each.account_type for each in listed}}
    tokens = [
        (each.account, each.id, each.name, each.created_epoch_millis, each.last_used)
        for each in listed
    ]
    port = int(server.url.rpartition(":")[2])
    with open(os.path.join(folder, FILE), "w", encoding="utf-8") as file:
        json.dump({**saved, "port": port, "accounts": accounts, "tokens": tokens}, file)
