"""Where the credentials of a tenant come from: a file, a profile, or the environment."""

from __future__ import annotations

import os
import re
import shlex
import stat
import subprocess
from configparser import ConfigParser
from configparser import Error as ParsingError
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from wavefront_api_client import Configuration
from wavefront_api_client.cli._stdin import read_token
from wavefront_api_client.tokens.sinks import environment_without
from wavefront_api_client.tokens.texts import read_text, text_of, token_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

FILES = ("~/.wavefront", "~/.wavefront.conf", "/etc/wavefront/credentials")
"""The files that are read where none is named; what stands in the first of them counts."""

DEFAULT = "default"
KEYS = ("token", "token_file", "token_env", "token_command")
COMMAND_LIMIT = 30.0
"""Seconds that a command may take to print a token."""

_BEFORE = "\0before"
"""The section of what stands before the first one, and belongs to no profile."""
_VALUE = r"""\s*(?:"([^"]*)"|'([^']*)'|(.*?))\s*(?:(?<!\S)[#;].*)?"""
"""A value, in quotes or not, and a comment behind it."""


class ProfileError(Exception):
    """A profile, or a file of credentials, that cannot be used; no secret is in its text."""


@dataclass(frozen=True)
class Profile:
    """A tenant: where it is, and how to get its key; the key itself is read when it is needed."""

    name: str
    endpoint: str | None
    """URL or name of the instance; None for that of the environment."""
    source: str
    """Where the key comes from: one of `KEYS`, or `stdin`, or `environment`."""
    value: str = ""
    """What stands there. It is the key itself for `token`, hence:"""
    variables: tuple[str, ...] = ()
    """The variables that hold keys of this profile or of others in its files."""

    def __repr__(self) -> str:
        return f"<Profile {self.name!r} at {self.endpoint!r}>"

    def configuration(self, timeout: float | None = None) -> Configuration:
        """The settings of a client for this tenant.

        :param timeout: seconds for each call.
        :raises ProfileError: the key cannot be had, or the address cannot be used.
        """
        try:
            if self.source == "environment":
                made = (
                    Configuration() if self.endpoint is None else Configuration(host=self.endpoint)
                )
            else:
                made = Configuration(host=self.endpoint or _environment_host(), api_key=self.key())
            if timeout is not None:
                made.request_timeout = timeout
        except ValueError as error:
            raise ProfileError(f"{self.name}: {error}") from None
        return made

    def key(self) -> str:
        """The key, which is read once.

        :raises ProfileError: it cannot be had.
        """
        return self._key

    @cached_property
    def _key(self) -> str:
        key = token_in(_READERS[self.source](self))
        if not key:
            raise ProfileError(f"{self.name}: {self.source} gives no token")
        return key

    def keys_in_environment(self) -> set[str]:
        """The keys in `variables`, which no program is to find."""
        return {os.environ.get(name, "") for name in self.variables}


def _environment_host() -> str:
    return Configuration().host


def _from_file(profile: Profile) -> str:
    try:
        return read_text(os.path.expanduser(profile.value))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        problem = f"the token file {profile.value!r} cannot be read: {reason}"
    raise ProfileError(problem)


def _from_stdin(profile: Profile) -> str:
    try:
        return read_token()
    except ValueError as error:
        problem = f"standard input: {error}"
    raise ProfileError(problem)


def _from_environment(profile: Profile) -> str:
    if profile.value not in os.environ:
        raise ProfileError(f"the environment variable {profile.value} is not set")
    return os.environ[profile.value]


def _from_command(profile: Profile) -> str:
    try:
        printed = subprocess.run(  # noqa: S603  # it is the user's own command
            shlex.split(profile.value),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            timeout=COMMAND_LIMIT,
            check=True,
            env=environment_without(profile.keys_in_environment()),
        ).stdout
        # Below the first line, `pass` has what else is known of a password.
        return text_of(printed).strip().partition("\n")[0]
    except subprocess.TimeoutExpired:
        problem = f"took more than {COMMAND_LIMIT:.0f} seconds"
    except subprocess.CalledProcessError as error:
        problem = f"ended with status {error.returncode}"
    except (OSError, ValueError, IndexError) as error:
        problem = f"cannot be run: {getattr(error, 'strerror', None) or 'it is malformed'}"
    raise ProfileError(f"the token command {problem}")


def _problem(profile: Profile) -> str:
    raise ProfileError(profile.value)


_READERS: dict[str, Callable[[Profile], str]] = {
    "token": lambda profile: profile.value,
    "token_file": _from_file,
    "token_env": _from_environment,
    "token_command": _from_command,
    "stdin": _from_stdin,
    "problem": _problem,
}


def read_profiles(
    files: Sequence[str], tell: Callable[[str], object], must_exist: bool = False
) -> dict[str, Profile]:
    """The profiles of some INI files, by their names.

    :param files: their paths; of two profiles of one name, that of the first file counts.
    :param tell: called with a warning.
    :param must_exist: whether a file that cannot be read is an error, and not only told.
    :raises ProfileError: a file cannot be read.
    """
    found: dict[str, Profile] = {}
    for path in map(os.path.expanduser, files):
        if not must_exist and (path.startswith("~") or not os.path.lexists(path)):
            continue
        try:
            if not must_exist and not os.path.isfile(path):
                raise ProfileError(f"{path} cannot be read: it is no file")
            for profile in _read(path, tell):
                found.setdefault(profile.name, profile)
        except ProfileError as error:
            if must_exist:
                raise
            tell(str(error))
    variables = tuple(each.value for each in found.values() if each.source == "token_env")
    return {name: replace(each, variables=variables) for name, each in found.items()}


def _read(path: str, tell: Callable[[str], object]) -> list[Profile]:
    parser = ConfigParser(interpolation=None, default_section="\0")
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            parser.read_string(f"[{_BEFORE}]\n{text_of(file.read())}")
    except ParsingError as error:
        # Its text may show the line of a token.
        raise ProfileError(f"{path} is no INI file: {type(error).__name__}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ProfileError(f"{path} cannot be read: {reason}") from None
    sections = {name: parser[name] for name in parser.sections() if name != _BEFORE}
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO) and any(
        "token" in s for s in sections.values()
    ):
        tell(f"others can read {path}, which holds a token: chmod 600 {shlex.quote(path)}")
    found = [_profile(path, name, section) for name, section in sections.items()]
    if not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and status.st_uid in {0, os.geteuid()}:
        return found
    return [_without_command(path, profile) for profile in found]


def _profile(path: str, name: str, section: Mapping[str, str]) -> Profile:
    given = [key for key in KEYS if section.get(key)]
    endpoint = _plain(section.get("endpoint", ""))
    if len(given) != 1 or not endpoint:
        wanted = f"endpoint and one of {', '.join(KEYS)}"
        return Profile(name, None, "problem", f"{path}: [{name}] needs {wanted}")
    (source,) = given
    # A command has quotes and signs of its own.
    is_plain = source != "token_command"
    return Profile(name, endpoint, source, _plain(section[source]) if is_plain else section[source])


def _without_command(path: str, profile: Profile) -> Profile:
    """A profile of a file in which somebody else may have written what is run."""
    if profile.source != "token_command":
        return profile
    why = f"others own {path} or may write it: chmod go-w, or chown"
    return replace(profile, source="problem", value=f"token_command is not run, as {why}")


def _plain(value: str) -> str:
    """A value without quotes around it and without a comment behind it."""
    found = re.fullmatch(_VALUE, value, re.DOTALL)
    return next((each for each in found.groups() if each is not None), "") if found else value
