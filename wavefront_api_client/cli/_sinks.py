"""The options for the place of a new token."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

import click

from wavefront_api_client.cli._options import FILE, Command, command

if TYPE_CHECKING:
    from typing import Any

    from wavefront_api_client.cli._session import Session
    from wavefront_api_client.tokens import Sink


class SinkCommand(Command):
    """A command with the options of a sink, such as another command after ``--``."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        file = "Write it to a file of mode 0600."
        form = "Format of the file: raw, env:NAME or json:KEY; default raw."
        keyring = "Put it into the keyring."
        yes = "Print it to a terminal without asking."
        self.params += [
            click.Option(["--to-file"], type=FILE, metavar="FILE", help=file),
            click.Option(["--format", "form"], metavar="FORMAT", help=form),
            click.Option(["--to-keyring"], metavar="SERVICE/USER", help=keyring),
            click.Option(["--stdout", "to_stdout"], is_flag=True, help="Print it."),
            click.Option(["--yes"], is_flag=True, help=yes),
        ]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep the command after ``--`` unchanged."""
        at = args.index("--") if "--" in args else len(args)
        ctx.meta[__name__] = args[at + 1 :]
        return super().parse_args(ctx, args[:at])

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """The parts of the usage line."""
        return [*super().collect_usage_pieces(ctx), "[-- COMMAND ARG...]"]


sink_command = partial(command, cls=SinkCommand)
"""Like `command`, for one that delivers a token: its function passes the options to `make_sink`."""


def make_sink(
    session: Session,
    *,
    to_file: str | None,
    form: str | None,
    to_keyring: str | None,
    to_stdout: bool,
    yes: bool,
) -> Sink:
    """The sink that the options of a `SinkCommand` name.

    :raises UsageError: there is not exactly one, or it is invalid.
    :raises ClickException: it cannot take a token.
    """
    from wavefront_api_client.tokens import DeliveryFailed, StreamSink

    argv = click.get_current_context().meta[__name__]
    if sum(map(bool, (to_file, to_keyring, to_stdout, argv))) != 1:
        raise click.UsageError(
            "say where the token goes: one of --to-file, --to-keyring, --stdout, -- COMMAND"
        )
    if form and not to_file:
        raise click.UsageError("--format goes with --to-file")
    if to_stdout:
        if sys.stdout.isatty():
            session.confirm("The token will be shown on this terminal. Go on?", yes)
        return StreamSink(sys.stdout)
    try:
        sink = _silent(session, to_file, form, to_keyring, argv)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    try:
        sink.check()
    except DeliveryFailed as error:
        # Nothing has begun, so nothing is unfinished.
        raise click.ClickException(str(error)) from None
    return sink


def _silent(
    session: Session, file: str | None, form: str | None, keyring: str | None, argv: list[str]
) -> Sink:
    from wavefront_api_client.tokens import CommandSink, FileSink, KeyringSink

    service, _, user = (keyring or "x/x").partition("/")
    if not (service and user):
        raise ValueError("--to-keyring takes SERVICE/USER")
    if file or session.folder:
        instead = file or ("the-keyring" if keyring else "the-command")
        return FileSink(session.path(instead), format=form or "raw")
    return KeyringSink(service, user) if keyring else CommandSink(argv, keys=session.keys())
