"""The commands by name, and the end of each run."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click

from wavefront_api_client import __version__
from wavefront_api_client.cli import _exits
from wavefront_api_client.cli._options import naming_what_is_meant, shared_options

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

NAME = "wavefront-tokens"
COMPLETE = "_WAVEFRONT_TOKENS_COMPLETE"
"""The variable in which a shell asks for completions."""

COMMANDS = {
    "status": ("look_", "Show the instance, and whose key is used."),
    "list": ("look_", "List tokens of one account or of all."),
    "find": ("look_", "Find a token by handle, name or secret."),
    "mint": ("change_", "Make a token and deliver it."),
    "deliver": ("change_", "Put a token into a file or keyring."),
    "rename": ("change_", "Give a token another name."),
    "rotate": ("rotate_", "Replace a token without a gap."),
    "plan": ("apply_", "Show what the tokens of a file need."),
    "apply": ("apply_", "Do what the tokens of a file need."),
    "init": ("apply_", "Write a first file of tokens."),
    "audit": ("audit_", "Report tokens that need attention."),
    "revoke": ("revoke_", "Revoke tokens, after showing which."),
    "demo": ("demo_", "Try a command on a made-up customer."),
    "completion": ("demo_", "Print the completion script of a shell."),
}
"""The module of each command, and its description."""

ALIASES = {"ls": "list"}
MEANT = {
    **dict.fromkeys(("rm", "delete", "remove", "del"), "revoke"),
    **dict.fromkeys(("create", "new", "add", "make", "generate"), "mint"),
    **dict.fromkeys(("whoami", "auth", "login", "config", "info"), "status"),
    **dict.fromkeys(("get", "show", "view", "search"), "find"),
    **dict.fromkeys(("renew", "refresh"), "rotate"),
    **dict.fromkeys(("report", "check"), "audit"),
    **dict.fromkeys(("mv", "update", "edit"), "rename"),
}
"""Names that people may try, and the command that they want."""

WORDS = {"help": "--help", "version": "--version"}
"""Words that people may write instead of an option."""

STATUS_TOPIC = ["help", "exit-status"]

HELP = """Mint, find, rotate, audit and revoke API tokens. The key comes from --token-file, from a
profile, or from the variables WAVEFRONT_URL and WAVEFRONT_TOKEN."""

EPILOG = """\b
Exit status: 0 is done, 2 is wrong usage. All of them:
  wavefront-tokens help exit-status

\b
Example:
  wavefront-tokens audit --stale 90d --profile prod"""


class Commands(click.Group):
    """Commands, each of which is imported when it is used."""

    def __init__(self, *args: Any, names: Sequence[str] = (), **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.names: Sequence[str] = names or [*COMMANDS]
        self.params.extend(shared_options(hidden=bool(names)))

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, in the order of the help."""
        return [*self.names]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, or None."""
        name = ALIASES.get(cmd_name, cmd_name)
        if name not in self.names:
            return None
        module = import_module(f"wavefront_api_client.cli.commands.{COMMANDS[name][0]}")
        command: click.Command = getattr(module, f"{name}_")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command at the beginning of the arguments; an error names the nearest one."""
        name, *rest = args
        command = self.get_command(ctx, name)
        if command is None and not ctx.resilient_parsing:
            raise click.UsageError(f"there is no command {name!r}{self._nearest(ctx, name)}", ctx)
        return command.name if command else None, command, rest

    def _nearest(self, ctx: click.Context, name: str) -> str:
        from difflib import get_close_matches

        near = [MEANT[name]] if name in MEANT else get_close_matches(name, self.names, 1)
        return (
            f"; did you mean {ctx.command_path} {near[0]}?"
            if near
            else f"; see {ctx.command_path} --help"
        )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; `help` and `version` work as options do."""
        if args == STATUS_TOPIC:
            for status, meaning in _exits.MEANINGS.items():
                click.echo(f"{status:<4} {meaning}")
            ctx.exit()
        if args and args[0] in WORDS:
            args = [*args[1:], WORDS[args[0]]]
        with naming_what_is_meant(self, ctx):
            return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write their list, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.names])


@click.group(
    NAME,
    cls=Commands,
    help=HELP,
    epilog=EPILOG,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, message=f"{NAME} %(version)s", help="Show the version.")
@click.pass_context
def app(ctx: click.Context) -> None:
    """Show the help if no command is given."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command with some arguments, by default those of the process."""
    if COMPLETE in os.environ:
        app.main(prog_name=NAME)
    arguments = sys.argv[1:] if arguments is None else arguments
    context: click.Context | None = None
    try:
        # Not `main`, which treats a closed pipe as a failure.
        with app.make_context(NAME, list(arguments)) as context:
            status = app.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.Abort:
        return _tell(KeyboardInterrupt(), context)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except BrokenPipeError:
        return _end_with_pipe()
    except (Exception, KeyboardInterrupt) as error:  # told, with an exit status
        return _tell(_interrupt_behind(error), context)
    return status if isinstance(status, int) else 0


def _interrupt_behind(error: BaseException) -> BaseException:
    """The Ctrl-C that caused an error, for example during the use of a lock."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, KeyboardInterrupt):
        cause = cause.__context__
    return cause or error


def _tell(error: BaseException, context: click.Context | None) -> int:
    from wavefront_api_client.cli._failures import tell_failure

    return tell_failure(error, context.obj if context else None)


def _end_with_pipe() -> int:
    """End silently, as the reader of the output has ended, with the status of a shell for that."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return _exits.CLOSED_PIPE
