"""The options that say where a new secret goes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from wavefront_api_client.cli._paths import FILE
from wavefront_api_client.tokens import DeliveryFailed

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from wavefront_api_client.cli._session import Session
    from wavefront_api_client.tokens import Sink

    Function = Callable[..., Any]

FORMATS = "raw|env:NAME|json:KEY"


class SinkCommand(click.Command):
    """A command that hands what stands behind ``--`` over to another one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep the other command as it was written; without ``--`` there is none."""
        at = args.index("--") if "--" in args else len(args)
        ctx.meta[__name__] = args[at + 1 :]
        return super().parse_args(ctx, args[:at])

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """The parts of the line that says how to use it."""
        return [*super().collect_usage_pieces(ctx), "[-- COMMAND ARG...]"]


def sink_options(function: Function) -> Function:
    """Give a command the options of a sink, of which it needs exactly one."""
    for decorate in reversed(
        [
            click.option(
                "--to-file", type=FILE, metavar="FILE", help="Write it to a file of mode 0600."
            ),
            click.option(
                "--format", "form", metavar=FORMATS, help="What the file is; raw by default."
            ),
            click.option("--to-keyring", metavar="SERVICE/USER", help="Put it into the keyring."),
            click.option("--stdout", "to_stdout", is_flag=True, help="Print it."),
            click.option("--yes", is_flag=True, help="Print it to a terminal without asking."),
        ]
    ):
        function = decorate(function)
    return function


def make_sink(session: Session, options: dict[str, Any]) -> Sink:
    """The sink that the options name.

    :param session: asked where a secret would be seen.
    :param options: those of `sink_options`, which are taken out.
    :raises UsageError: none is named, or more than one, or it cannot be.
    :raises ClickException: it takes no token.
    """
    file, form = options.pop("to_file"), options.pop("form")
    keyring, stdout = options.pop("to_keyring"), options.pop("to_stdout")
    yes, argv = options.pop("yes"), click.get_current_context().meta[__name__]
    if sum(map(bool, (file, keyring, stdout, argv))) != 1:
        raise click.UsageError(
            "say where the token goes: one of --to-file, --to-keyring, --stdout, -- COMMAND"
        )
    if form and not file:
        raise click.UsageError("--format goes with --to-file")
    try:
        sink = _stdout(session, yes) if stdout else _silent(session, file, form, keyring, argv)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    try:
        sink.check()
    except DeliveryFailed as error:
        # Nothing has begun, so that nothing is unfinished.
        raise click.ClickException(str(error)) from None
    return sink


def _silent(
    session: Session, file: str | None, form: str | None, keyring: str | None, argv: list[str]
) -> Sink:
    from wavefront_api_client.tokens import CommandSink, FileSink, KeyringSink

    if file:
        return FileSink(file, format=form or "raw")
    if keyring:
        service, separator, user = keyring.partition("/")
        if not (service and separator and user):
            raise ValueError("--to-keyring takes SERVICE/USER")
        return KeyringSink(service, user)
    return CommandSink(argv, keys=session.keys())


def _stdout(session: Session, yes: bool) -> Sink:
    from wavefront_api_client.tokens import StreamSink

    if sys.stdout.isatty():
        session.confirm("The token will be shown on this terminal. Go on?", yes)
    return StreamSink(sys.stdout)
