"""A run of the command: its tenants, its output and its warnings."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import click

from wavefront_api_client import ApiTokenApi
from wavefront_api_client.cli import _exits, _profiles
from wavefront_api_client.cli._failures import Refused, tell_failure, worst
from wavefront_api_client.cli._options import GIVEN
from wavefront_api_client.cli._output import (
    IN_TABLE,
    KINDS,
    OF_TOKEN,
    WRITERS,
    progress,
    tell,
    write_tabs,
)
from wavefront_api_client.cli._profiles import Profile, ProfileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any, TypeVar

    from wavefront_api_client.cli._output import Row

    T = TypeVar("T")

STDIN = "-"
LIMIT = 30.0
"""Seconds for a call, retries included."""


@dataclass
class Session:
    """One run of the command: its name, the service of a demo, and the common options."""

    command: str = ""
    demo: Profile | None = None
    folder: str | None = None
    """The folder for files of a demo; None if it is not a demo."""
    profiles: Sequence[str] = ()
    all_profiles: bool = False
    config: str | None = None
    url: str | None = None
    token_file: str | None = None
    ca_file: str | None = None
    proxy: str | None = None
    timeout: float = LIMIT
    output: str = "table"
    quiet: bool = False
    no_color: bool = False
    no_input: bool = False
    debug: bool = False

    def __post_init__(self) -> None:
        names = self.profiles or self.all_profiles
        if names and (self.url or self.token_file):
            raise click.UsageError(
                "--profile names the address and the key: leave out --url and --token-file"
            )
        if self.demo and (names or self.config or self.url or self.token_file):
            raise click.UsageError(
                "a demo has an instance of its own: leave out the options that name another"
            )
        self._found = [self.demo] if self.demo else []
        self.is_many = self.all_profiles or len(self.profiles) > 1
        """Whether there may be several tenants, so that results name them."""
        self.may_ask = not self.no_input and _is_terminal(sys.stdin) and _is_terminal(sys.stderr)
        is_plain = self.no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        self.color = not is_plain
        self._has_bar = False

    # Output

    def say(self, text: str) -> None:
        """Write a message that is not an error."""
        if not self.quiet:
            tell(text)

    def say_of(self, tenant: str, text: str) -> None:
        """Tell the person something of a tenant, which is named if there are several."""
        self.say(f"{tenant}: {text}" if self.is_many else text)

    def warn(self, text: str) -> None:
        """Write a warning."""
        tell(f"warning: {text}")

    def confirm(self, question: str, yes: bool) -> None:
        """Ask whether to go on, unless `--yes` was given; raise for a no."""
        if yes:
            return
        if not self.may_ask:
            raise Refused("There is no terminal to ask on: --yes goes on without asking.")
        if not click.confirm(question, err=True):
            raise Refused("Nothing was changed.")

    @contextmanager
    def progress(self, total: int | None = None) -> Iterator[Callable[[], None]]:
        """A bar for what takes more than a second; within another one, there is none."""
        if self.quiet or self._has_bar:
            yield lambda: None
            return
        self._has_bar = True
        try:
            with progress(total, self.color) as advance:
                yield advance
        finally:
            self._has_bar = False

    def write(self, rows: Iterable[Row], kind: str = "token") -> None:
        """Write rows to stdout in the form that was asked for; `kind` is one of `KINDS`."""
        if self.output != "table":
            WRITERS[self.output](rows, KINDS[kind])
            return
        names = IN_TABLE.get(kind, OF_TOKEN)[not self.is_many :]
        if sys.stdout.isatty():
            from wavefront_api_client.cli._table import write_table

            has_any = write_table(rows, names, self.color)
        else:
            has_any = write_tabs(rows, names)
        if not has_any:
            self.say("There are no such tokens.")

    def tell_done(self, text: str, rows: Iterable[Row], kind: str, silent: bool = False) -> None:
        """Write the result of a command: a sentence for people, data for programs.

        :param silent: whether stdout has the token, so that nothing else may be written there.
        """
        self.say(text)
        if self.output != "table" and not silent:
            self.write(rows, kind)

    def write_file(self, name: str, text: str) -> None:
        """Write a text to a file that an option names."""
        path = self.path(name)
        try:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise click.ClickException(f"{path} cannot be written: {error.strerror}") from None

    def path(self, name: str) -> str:
        """The file of an option; in a demo another one, which a message names."""
        if not self.folder:
            return name
        path = os.path.join(self.folder, os.path.basename(name))
        self.say(f"In this demo, {name} is {path}.")
        return path

    # Tenants

    def tenants(self) -> Sequence[Profile]:
        """The tenants that the options name, one or more."""
        # Once, as a key on stdin can be read only once, and one warning is enough.
        self._found = self._found or self._tenants()
        ways = {
            "ssl_ca_cert": self.ca_file,
            "proxy": self.proxy,
            "request_timeout": self.timeout,
            "raise_on_error_result": True,
        }
        for each in self._found:
            each.settings.update((name, way) for name, way in ways.items() if way is not None)
        return self._found

    def _tenants(self) -> list[Profile]:
        if self.token_file:
            path = None if self.token_file == STDIN else self.token_file
            return [_profiles.from_token_file(path, self.url)]
        if self.url:
            return [_profiles.from_environment(self.url)]
        files = [self.config] if self.config else _profiles.FILES
        known = _profiles.read_profiles(files, self.warn, must_exist=self.config is not None)
        if self.all_profiles:
            if not known:
                raise ProfileError("there is no profile in " + ", ".join(files))
            return list(known.values())
        if self.profiles:
            return [_named(name, known) for name in dict.fromkeys(self.profiles)]
        return [_usual(known)]

    @property
    def only(self) -> Profile | None:
        """The only tenant, if it is known already."""
        return self._found[0] if len(self._found) == 1 else None

    def one(self) -> Profile:
        """The only tenant; several are wrong usage."""
        found = self.tenants()
        if len(found) > 1:
            raise click.UsageError("this command works on one tenant: name one --profile")
        return found[0]

    def keys(self) -> set[str]:
        """The keys in use, which programs must not get in their environment."""
        found: set[str] = set()
        for tenant in self.tenants():
            # A key that cannot be read is an error when it is needed.
            with suppress(ProfileError):
                found.add(tenant.key_text())
            found |= _profiles.keys_in(tenant.variables)
        return found

    def use_profiles(self, names: set[str | None]) -> None:
        """Use the profiles that a file names; of these, those of the options if there are any.

        :param names: of the tokens of the file, None for one that names no profile.
        """
        if self.demo or names <= {None}:
            self.one()
            return
        if None in names:
            raise click.UsageError("either all tokens of the file name a profile, or none")
        if self.url or self.token_file or self.all_profiles:
            raise click.UsageError(
                "the file names profiles: leave out --url, --token-file and --all-profiles"
            )
        unknown = [name for name in self.profiles if name not in names]
        if unknown:
            raise click.UsageError(f"no token of the file is of the profile {unknown[0]!r}")
        self.profiles = self.profiles or sorted(filter(None, names))
        self.is_many = len(self.profiles) > 1

    @contextmanager
    def api(self) -> Iterator[ApiTokenApi]:
        """The calls of the only tenant."""
        with self.one().client() as client, self.progress():
            yield ApiTokenApi(client)

    def each(
        self, function: Callable[[ApiTokenApi], T] | Mapping[str, Callable[[ApiTokenApi], T]]
    ) -> tuple[dict[str, T], int]:
        """Call a function for all tenants at once.

        :param function: takes the calls of a tenant; or one for the name of each.
        :return: its results by tenant, without those that failed, and the exit status.
        """
        tenants = self.tenants()
        names = [each.name for each in tenants]
        functions = function if isinstance(function, Mapping) else dict.fromkeys(names, function)
        if not self.is_many:
            with self.api() as api:
                return {names[0]: functions[names[0]](api)}, _exits.DONE
        from wavefront_api_client.tokens import for_tenants

        with self.progress(len(tenants)) as advance:

            def counting(name: str, api: ApiTokenApi) -> T:
                try:
                    return functions[name](api)
                finally:
                    advance()

            results = for_tenants(tenants, {name: partial(counting, name) for name in names})
        errors = {each: results[each.name].error for each in tenants}
        statuses = [
            tell_failure(error, self, each) if error else _exits.DONE
            for each, error in errors.items()
        ]
        found = {name: result.get() for name, result in results.items() if result.error is None}
        return found, worst(statuses)


class Warnings(logging.Handler):
    """Writes warnings: those that token operations log, and those of Python, once each."""

    def __init__(self, session: Session) -> None:
        super().__init__(logging.WARNING)
        self._session = session
        self._told: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a warning that was logged."""
        self._session.warn(record.getMessage())

    def show(self, message: Warning | str, *_: Any, **__: Any) -> None:
        """Write a warning of Python; replaces `warnings.showwarning`."""
        if str(message) not in self._told:
            self._told.add(str(message))
            self._session.warn(str(message))


@contextmanager
def session_of(ctx: click.Context) -> Iterator[Session]:
    """The session of a run, which writes warnings until the command ends."""
    given = ctx.meta.get(GIVEN, {})
    session = Session(ctx.info_name or "", **ctx.meta.get(__name__, {}), **given)
    ctx.find_root().obj = session
    if session.folder:
        session.say("A made-up customer: nothing leaves this machine.")
    log, handler = logging.getLogger("wavefront_api_client.tokens"), Warnings(session)
    log.addHandler(handler)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always", UserWarning)
            warnings.showwarning = handler.show
            yield session
    finally:
        log.removeHandler(handler)


def _is_terminal(stream: object) -> bool:
    return stream is not None and bool(stream.isatty())  # type: ignore[attr-defined]


def _named(name: str, known: dict[str, Profile]) -> Profile:
    if name not in known:
        listed = ", ".join(known) or "none"
        raise ProfileError(f"there is no profile {name!r}; known: {listed}")
    return known[name]


def _usual(known: dict[str, Profile]) -> Profile:
    """The profile `default` or the environment; raise if both have credentials."""
    usual, has_environment = known.get(_profiles.DEFAULT), _profiles.has_environment()
    if usual and has_environment:
        raise ProfileError(
            "the environment and the profile default both say where to go:"
            " choose with --profile default, or --url"
        )
    if usual or has_environment:
        return usual or _profiles.from_environment()
    raise ProfileError(
        "no credentials: use --profile, --url with --token-file,"
        " or set WAVEFRONT_URL and WAVEFRONT_TOKEN"
    )
