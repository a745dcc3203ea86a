"""The grammar above all commands, and how each of them ends."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click

from wavefront_api_client.cli._paths import FILE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

NAME = "wavefront-tokens"
COMPLETE = "_WAVEFRONT_TOKENS_COMPLETE"
"""The variable in which a shell asks for completions."""

CLOSED_PIPE = 141
"""What shells report of a command that was ended by SIGPIPE."""

COMMANDS = {
    "list": "List tokens of one account or of all.",
    "find": "Find a token by handle, name or secret.",
    "mint": "Make a token and deliver it.",
    "rename": "Name a token anew.",
    "rotate": "Replace a token without a gap.",
    "audit": "Report tokens that should not be.",
    "revoke": "Revoke tokens, after showing which.",
    "demo": "Try a command on a made-up customer.",
    "completion": "Print the completion script of a shell.",
}

HELP = """Mint, find, rotate, audit and revoke API tokens. The key comes from --token-file, a
profile, or WAVEFRONT_URL and WAVEFRONT_TOKEN."""

EPILOG = """Exit status: 0 done; 1 failed or partly failed; 2 wrong usage, and nothing was sent;
3 the audit found what --fail-on names; 4 no such token, or more than one; 5 the account holds as
many tokens as it may; 6 unfinished: run it again, or look; 7 no permission (401, 403); 8 refused
for safety; 130 interrupted.

\b
Example: wavefront-tokens --profile prod audit --stale 90d"""


class Commands(click.Group):
    """The commands, each of which is imported when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One of them, None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"wavefront_api_client.cli.commands.{cmd_name}_")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write their list, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _print_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from wavefront_api_client import __version__

        click.echo(f"{NAME} {__version__}")
        ctx.exit()


@click.group(
    NAME,
    cls=Commands,
    help=HELP,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--profile",
    "profiles",
    multiple=True,
    metavar="P",
    help="A tenant's profile; repeatable.",
)
@click.option("--all-profiles", is_flag=True, help="All profiles of the files.")
@click.option("--config", type=FILE, metavar="FILE", help="Read profiles from this file.")
@click.option("--url", metavar="URL", help="Address of the instance.")
@click.option("--token-file", type=FILE, metavar="FILE|-", help="File with the key, - for stdin.")
@click.option(
    "-o",
    "--output",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    metavar="FORM",
    help="Data as table, json or csv.",
)
@click.option("-q", "--quiet", is_flag=True, help="Nothing on stderr but errors.")
@click.option("--no-color", is_flag=True, help="No colours.")
@click.option("--no-input", is_flag=True, help="Never ask.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="S",
    help="Seconds for each request.",
)
@click.option("--debug", is_flag=True, help="Show tracebacks, without secrets.")
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_print_version,
    help="Show the version.",
)
@click.pass_context
def app(ctx: click.Context, /, **options: Any) -> None:
    """Take the options above all commands."""
    from wavefront_api_client.cli._session import Session, Warnings

    ctx.obj = Session(**options)
    ctx.with_resource(Warnings(ctx.obj).shown())


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    :param arguments: those of the process by default.
    :return: exit status.
    """
    if COMPLETE in os.environ:
        app.main(prog_name=NAME)
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        # Not `main`, which takes a closed pipe for a failure.
        with app.make_context(NAME, list(arguments)) as context:
            status = app.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.Abort:
        return _tell(KeyboardInterrupt(), arguments)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except BrokenPipeError:
        return _end_with_pipe()
    except (Exception, KeyboardInterrupt) as error:  # told, with an exit status
        return _tell(_interrupt_behind(error), arguments)
    return status if isinstance(status, int) else 0


def _interrupt_behind(error: BaseException) -> BaseException:
    """The Ctrl-C that caused an error, such as that of a lock it came in the midst of."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, KeyboardInterrupt):
        cause = cause.__context__
    return cause or error


def _tell(error: BaseException, arguments: Sequence[str]) -> int:
    from wavefront_api_client.cli._failures import tell_failure

    # The options as they came: they may not have been read when the error happened.
    return tell_failure(error, debug="--debug" in arguments)


def _end_with_pipe() -> int:
    """End silently because nobody reads on, with the status that a shell has for it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return CLOSED_PIPE
