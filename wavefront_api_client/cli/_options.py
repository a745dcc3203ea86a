"""Commands and their options; common options may stand before or after the command."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING

import click

from wavefront_api_client import tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import timedelta
    from typing import Any, TypeVar

    F = TypeVar("F", bound=Callable[..., Any])

GIVEN = f"{__name__}.given"
"""The key of the common options in the context of a run."""


MEANT = {
    **dict.fromkeys(("--json", "--format"), "-o json"),
    "--csv": "-o csv",
    **dict.fromkeys(("--all", "-a"), "--all-accounts"),
    **dict.fromkeys(("--force", "-f", "-y"), "--yes"),
    **dict.fromkeys(("--file", "--out"), "--to-file"),
    **dict.fromkeys(("--verbose", "-v"), "--debug"),
    "-V": "--version",
}
"""Options that people try, and those that do it."""


class FilePath(click.Path):
    """A file, also in ``--to-file=~/x``, where no shell expands the ``~``."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path with the home directory in it."""
        path = os.path.expanduser(value)
        if path.startswith("~/"):
            self.fail(f"there is no home directory for {value}", param, ctx)
        return super().convert(path, param, ctx)


FILE = FilePath(readable=False)


class Command(click.Command):
    """A command that also takes the common options, and refuses empty values."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.params.extend(shared_options(hidden=True))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; an empty one is mostly a variable that is not set."""
        with naming_what_is_meant(self, ctx):
            rest = super().parse_args(ctx, args)
        for param in self.params:
            _refuse_empty(ctx, param, ctx.params.get(param.name or ""))
        return rest

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options of this command, and name the common ones."""
        super().format_options(ctx, formatter)
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text("Also -o json, --profile and more: wavefront-tokens --help")


@contextmanager
def naming_what_is_meant(command: click.Command, ctx: click.Context) -> Iterator[None]:
    """Name the option that is similar to one that the command does not have."""
    try:
        yield
    except click.NoSuchOption as error:
        meant = MEANT.get(error.option_name, "")
        if not any(meant.partition(" ")[0] in param.opts for param in command.params):
            raise
        problem = f"there is no option {error.option_name}; did you mean {meant}?"
        raise click.UsageError(problem, ctx) from None


def shared_options(hidden: bool = False) -> list[click.Parameter]:
    """The options of all commands."""

    def option(*names: str, **settings: Any) -> click.Option:
        return click.Option(names, callback=_keep, expose_value=False, hidden=hidden, **settings)

    return [
        option(
            *("-o", "--output"),
            type=click.Choice(["table", "json", "csv"]),
            metavar="table|json|csv",
            help="Form of results; table by default.",
        ),
        option("-q", "--quiet", is_flag=True, help="Say nothing but errors and warnings."),
        option(
            *("--profile", "profiles"),
            multiple=True,
            shell_complete=complete,
            metavar="NAME",
            help="Use this profile, such as prod; repeatable.",
        ),
        option("--all-profiles", is_flag=True, help="Use all profiles."),
        option("--config", type=FILE, metavar="FILE", help="Read profiles from this file."),
        option("--url", metavar="URL", help="Address of the instance."),
        option(
            "--token-file",
            type=FILE,
            metavar="FILE|-",
            help="Read the key from a file; - is stdin.",
        ),
        option("--ca-file", type=FILE, metavar="FILE", help="Trust the authorities in this file."),
        option("--proxy", metavar="URL", help="Use an HTTP proxy: http://proxy:3128."),
        option(
            "--timeout",
            type=click.FloatRange(min=0, min_open=True),
            metavar="S",
            help="Limit of a call in seconds; default 30.",
        ),
        option("--no-color", is_flag=True, help="Use no colours."),
        option("--no-input", is_flag=True, help="Never ask a question."),
        option("--debug", is_flag=True, help="Show where in the code an error was."),
    ]


def _keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    # Not by its source, which click 8.4 knows too late for a flag: none of them has a default.
    if value is None or value is False or value == ():
        return
    _refuse_empty(ctx, param, value)
    name, given = param.name or "", ctx.meta.setdefault(GIVEN, {})
    given[name] = (*given.get(name, ()), *value) if param.multiple else value


def _refuse_empty(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    is_empty = "" in (value if isinstance(value, (tuple, list)) else [value])
    if is_empty and not ctx.resilient_parsing:
        raise click.BadParameter("the value is empty: is a variable not set?", ctx, param)


def command(
    name: str, *examples: str, cls: type[Command] = Command
) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a command of a function, which gets the session as its first argument.

    :param name: what it is called.
    :param examples: how to use it, for the end of its help.
    """

    def make(function: Callable[..., Any]) -> click.Command:
        @wraps(function)
        def call(*args: Any, **options: Any) -> Any:
            from wavefront_api_client.cli._session import session_of

            with session_of(click.get_current_context()) as session:
                return function(session, *args, **options)

        return click.command(name, cls=cls, epilog=example(*examples))(call)

    return make


def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """The completions of a parameter, for its `shell_complete`."""
    from wavefront_api_client.cli._complete import offered

    return list(offered(ctx, param, incomplete))


def account_option(
    help: str = "Service account that holds it, such as sa::ci.",
) -> Callable[[F], F]:
    """The option ``--account``."""
    return click.option("--account", metavar="ID", shell_complete=complete, help=help)


ref_argument = click.argument("ref", shell_complete=complete)


def read_by(read: Callable[[str], Any]) -> Callable[..., Any]:
    """The `callback` of an option whose value is read before any call."""

    def callback(ctx: click.Context, param: click.Parameter, value: str | None) -> Any:
        try:
            return value if value is None else read(value)
        except ValueError as error:
            raise click.BadParameter(str(error), ctx, param) from None

    return callback


@read_by
def _span(text: str) -> timedelta:
    from wavefront_api_client.tokens._clock import duration

    return duration(text, "a time")


def time_option(name: str, help: str, default: str | None = None) -> Callable[[F], F]:
    """An option that takes a span of time."""
    shown = default is not None
    return click.option(
        name, callback=_span, default=default, show_default=shown, metavar="TIME", help=help
    )


@read_by
def _conditions(text: str) -> tokens.Conditions:
    return tokens.Conditions(text)


def where_option(help: str) -> Callable[[F], F]:
    """The option ``--where``, whose value are `Conditions`."""
    return click.option(
        "--where",
        metavar="CONDITION,...",
        callback=_conditions,
        shell_complete=complete,
        help=help,
    )


def example(*lines: str) -> str:
    """The end of a help text: examples."""
    return "\n  ".join(["\b\nExample:", *lines])
