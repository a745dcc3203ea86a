"""What the options above all commands say: which tenants, how to reach them, how to talk."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import TYPE_CHECKING

import click

from wavefront_api_client import ApiClient, ApiTokenApi, Configuration
from wavefront_api_client.cli import _exits
from wavefront_api_client.cli._failures import tell_failure
from wavefront_api_client.cli._output import WRITERS, tell, write_table
from wavefront_api_client.cli._profiles import (
    DEFAULT,
    FILES,
    Profile,
    ProfileError,
    read_profiles,
)
from wavefront_api_client.cli._progress import progress
from wavefront_api_client.cli._rows import row_of
from wavefront_api_client.tokens import for_tenants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from typing import Any, Protocol, TypeVar

    from wavefront_api_client.cli._output import Row
    from wavefront_api_client.tokens import TokenInfo

    T = TypeVar("T")

    class Tenant(Protocol):
        """Whose tokens are meant."""

        @property
        def name(self) -> str:
            """What to call it."""

        def configuration(self, timeout: float | None = None) -> Configuration:
            """The settings of a client for it."""


ENVIRONMENT = "environment"
STDIN = "-"
ADDRESSES = ("WAVEFRONT_URL", "WAVEFRONT_ENDPOINT", "WAVEFRONT_ADDRESS")


class Session:
    """One run of the command.

    :param options: those above all commands, by their names.
    """

    def __init__(
        self,
        *,
        profiles: Sequence[str],
        all_profiles: bool,
        config: str | None,
        url: str | None,
        token_file: str | None,
        output: str,
        quiet: bool,
        no_color: bool,
        no_input: bool,
        timeout: float | None,
        debug: bool,
    ) -> None:
        if (profiles or all_profiles) and (url or token_file):
            raise click.UsageError(
                "--profile names the address and the key: leave out --url and --token-file"
            )
        self._names = profiles
        self._all = all_profiles
        self._config = config
        self._url = url
        self._token_file = token_file
        self._found: Sequence[Tenant] = ()
        self.tenant: Tenant | None = None
        """The only tenant, where a command has one of its own."""
        self.output = output
        self.quiet = quiet
        self.timeout = timeout
        self.debug = debug
        self.may_ask = not no_input and sys.stdin.isatty() and sys.stderr.isatty()
        self.color = not (
            no_color or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        )

    def say(self, text: str) -> None:
        """Tell the person something that is no error."""
        if not self.quiet:
            tell(text)

    def warn(self, text: str) -> None:
        """Tell the person of something that is not as it should be."""
        tell(f"warning: {text}")

    def confirm(self, question: str, yes: bool) -> None:
        """Go on only if the person says so.

        :param question: what to ask.
        :param yes: whether that was answered on the command line.
        :raises Refused: they do not, or there is nobody to ask.
        """
        if yes:
            return
        if not self.may_ask:
            raise _exits.Refused("There is nobody to ask: --yes goes on without asking.")
        if not click.confirm(question, err=True):
            raise _exits.Refused("Nothing was changed.")

    @property
    def is_many(self) -> bool:
        """Whether several tenants may be meant, so that results say whose they are."""
        return self.tenant is None and (self._all or len(self._names) > 1)

    def tenants(self) -> Sequence[Tenant]:
        """The tenants that are meant, one or more.

        :raises UsageError: none is, or it cannot be used.
        """
        try:
            # Once, as a key on stdin can be read but once, and one warning is enough.
            self._found = self._found or ([self.tenant] if self.tenant else self._tenants())
        except ProfileError as error:
            raise click.UsageError(str(error)) from None
        return self._found

    def _tenants(self) -> list[Profile]:
        if self._token_file or self._url:
            return [self._given()]
        files = [self._config] if self._config else FILES
        known = read_profiles(files, self.warn, must_exist=self._config is not None)
        if self._all:
            if not known:
                raise ProfileError("there is no profile in " + ", ".join(files))
            return list(known.values())
        if self._names:
            return [_named(name, known) for name in dict.fromkeys(self._names)]
        return [self._usual(known)]

    def _given(self) -> Profile:
        if not self._token_file:
            return Profile(ENVIRONMENT, self._url, "environment")
        source = "stdin" if self._token_file == STDIN else "token_file"
        return Profile("the token file", self._url, source, self._token_file)

    def _usual(self, known: dict[str, Profile]) -> Profile:
        """The profile `default`, or the environment; both only where they cannot be mistaken."""
        has_environment = any(os.environ.get(name) for name in ("WAVEFRONT_TOKEN", *ADDRESSES))
        usual = known.get(DEFAULT)
        if usual and has_environment:
            raise ProfileError(
                "the environment and the profile default both say where to go:"
                " choose with --profile default, or --url"
            )
        if usual:
            return usual
        if not has_environment:
            raise ProfileError(
                "no credentials: use --profile, --url with --token-file,"
                " or set WAVEFRONT_URL and WAVEFRONT_TOKEN"
            )
        return Profile(ENVIRONMENT, None, "environment")

    def one(self) -> Tenant:
        """The tenant that is meant.

        :raises UsageError: several are.
        """
        found = self.tenants()
        if len(found) > 1:
            raise click.UsageError("this command works on one tenant: name one --profile")
        return found[0]

    def keys(self) -> set[str]:
        """The keys in use, which no program is to find in its environment.

        :raises UsageError: several tenants are meant, or the key cannot be had.
        """
        tenant = self.one()
        try:
            found = {*tenant.configuration().api_key.values()}
        except ProfileError as error:
            raise click.UsageError(str(error)) from None
        return found | (tenant.keys_in_environment() if isinstance(tenant, Profile) else set())

    def client(self, tenant: Tenant) -> ApiClient:
        """A client for a tenant; it has to be closed.

        :raises ProfileError: its key cannot be had, or its address cannot be used.
        """
        configuration = tenant.configuration(self.timeout)
        # What cannot be listed must not look as if there were nothing.
        configuration.raise_on_error_result = True
        return ApiClient(configuration)

    @contextmanager
    def api(self) -> Iterator[ApiTokenApi]:
        """The calls of the one tenant that is meant."""
        with self._client_of(self.one()) as client, self.progress():
            yield ApiTokenApi(client)

    def _client_of(self, tenant: Tenant) -> ApiClient:
        try:
            return self.client(tenant)
        except ProfileError as error:
            raise click.UsageError(str(error)) from None

    def progress(self, total: int | None = None) -> AbstractContextManager[Callable[[], None]]:
        """A bar for what takes more than a second; see `_progress`."""
        return progress(total, self.color, not self.quiet)

    def each(self, function: Callable[[ApiTokenApi], T]) -> tuple[dict[str, T], int]:
        """Call a function for each tenant that is meant, side by side.

        :param function: takes the calls of a tenant.
        :return: its results by tenant, and the exit status; who failed is told and left out.
        """
        tenants = self.tenants()
        if not self.is_many:
            with self._client_of(tenants[0]) as client, self.progress():
                return {tenants[0].name: function(ApiTokenApi(client))}, _exits.DONE
        with self.progress(len(tenants)) as advance:
            reached: Any = [_Reached(self, each, advance) for each in tenants]
            results = for_tenants(reached, function)
        found = {name: result.get() for name, result in results.items() if result.error is None}
        statuses = [
            tell_failure(result.error, name, self.debug) if result.error else _exits.DONE
            for name, result in results.items()
        ]
        return found, _exits.worst(statuses)

    def write_tokens(self, tokens: Mapping[str, Iterable[TokenInfo]]) -> None:
        """Write tokens to stdout, by their tenants."""
        at = now()
        # One at a time: a customer may have a hundred thousand.
        self.write(
            row_of(tenant, token, at)
            for tenant, found in tokens.items()
            for token in found
            if token.is_known
        )

    def write_data(self, tokens: Sequence[TokenInfo]) -> None:
        """Write what a command has made of tokens, for programs alone: people are told."""
        if self.output != "table":
            self.write_tokens({self.one().name: tokens})

    def write(self, rows: Iterable[Row]) -> None:
        """Write rows to stdout in the form that was asked for."""
        if self.output == "table":
            write_table(rows, self.color and sys.stdout.isatty(), now(), self.is_many)
        else:
            WRITERS[self.output](rows)


class Warnings(logging.Handler):
    """Tells the person what token operations log as warnings.

    :param session: how to tell it.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(logging.WARNING)
        self._session = session

    def emit(self, record: logging.LogRecord) -> None:
        """Tell a warning."""
        self._session.warn(record.getMessage())

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Tell warnings as long as the command runs."""
        log = logging.getLogger("wavefront_api_client.tokens")
        log.addHandler(self)
        try:
            yield
        finally:
            log.removeHandler(self)


class _Reached:
    """A tenant as `for_tenants` wants it.

    :param session: knows how to reach it.
    :param tenant: the tenant.
    :param done: called when all is done with it.
    """

    def __init__(self, session: Session, tenant: Tenant, done: Callable[[], None]) -> None:
        self.name = tenant.name
        self._session = session
        self._tenant = tenant
        self._done = done

    @contextmanager
    def client(self) -> Iterator[ApiClient]:
        """A client for it."""
        try:
            with self._session.client(self._tenant) as client:
                yield client
        finally:
            self._done()


def now() -> datetime:
    """The time that ages count from."""
    return datetime.now(timezone.utc)


def _named(name: str, known: dict[str, Profile]) -> Profile:
    if name not in known:
        listed = ", ".join(known) or "none"
        raise ProfileError(f"there is no profile {name!r}; known: {listed}")
    return known[name]


pass_session: Callable[[Callable[..., T]], Callable[..., T]] = click.make_pass_decorator(Session)
