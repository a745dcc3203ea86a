"""Where the credentials of a tenant come from: a file, a profile, or the environment."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
import sys
from configparser import ConfigParser
from configparser import Error as ParsingError
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from wavefront_api_client import Configuration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

FILES = ("~/.wavefront", "~/.wavefront.conf", "/etc/wavefront/credentials")
"""The files that are read where none is named; what stands in the first of them counts."""

DEFAULT = "default"
KEYS = ("token", "token_file", "token_env", "token_command")
COMMAND_LIMIT = 30.0
"""Seconds that a command may take to print a token."""


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
        key = _READERS[self.source](self.value).strip()
        if not key:
            raise ProfileError(f"{self.name}: {self.source} gives no token")
        return key


def _environment_host() -> str:
    return Configuration().host


def _from_file(path: str) -> str:
    try:
        return Path(path).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise ProfileError(f"the token file {path!r} cannot be read: {reason}") from None


def _from_stdin(_: str) -> str:
    return sys.stdin.readline()


def _from_environment(name: str) -> str:
    if name not in os.environ:
        raise ProfileError(f"the environment variable {name} is not set")
    return os.environ[name]


def _from_command(line: str) -> str:
    try:
        return subprocess.run(  # noqa: S603  # it is the user's own command
            shlex.split(line),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            timeout=COMMAND_LIMIT,
            check=True,
            encoding="utf-8",
        ).stdout
    except subprocess.TimeoutExpired:
        problem = f"took more than {COMMAND_LIMIT:.0f} seconds"
    except subprocess.CalledProcessError as error:
        problem = f"ended with status {error.returncode}"
    except (OSError, ValueError, IndexError) as error:
        problem = f"cannot be run: {getattr(error, 'strerror', None) or 'it is malformed'}"
    raise ProfileError(f"the token command {problem}")


def _problem(text: str) -> str:
    raise ProfileError(text)


_READERS: dict[str, Callable[[str], str]] = {
    "token": str,
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
    :param must_exist: whether a file that is missing is an error.
    :raises ProfileError: a file cannot be read.
    """
    found: dict[str, Profile] = {}
    for file in files:
        path = Path(file).expanduser()
        if must_exist or path.exists():
            for profile in _read(path, tell):
                found.setdefault(profile.name, profile)
    return found


def _read(path: Path, tell: Callable[[str], object]) -> list[Profile]:
    parser = ConfigParser(interpolation=None, default_section="\0")
    try:
        with path.open(encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            parser.read_file(file)
    except ParsingError as error:
        # Its text may show the line of a token.
        raise ProfileError(f"{path} is no INI file: {type(error).__name__}") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise ProfileError(f"{path} cannot be read: {reason}") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO) and any(
        "token" in parser[s] for s in parser.sections()
    ):
        tell(f"others can read {path}, which holds a token: chmod 600 {shlex.quote(str(path))}")
    return [_profile(path, name, parser[name]) for name in parser.sections()]


def _profile(path: Path, name: str, section: Mapping[str, str]) -> Profile:
    given = [key for key in KEYS if section.get(key)]
    if len(given) != 1 or not section.get("endpoint"):
        wanted = f"endpoint and one of {', '.join(KEYS)}"
        return Profile(name, None, "problem", f"{path}: [{name}] needs {wanted}")
    return Profile(name, section["endpoint"], given[0], section[given[0]])
