"""Tenants: the address of an instance, and its key from a profile, a file or a variable."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from wavefront_api_client import Configuration
from wavefront_api_client.cli._refs import read_key
from wavefront_api_client.tokens import Secret, Tenant
from wavefront_api_client.tokens.texts import read_text, text_of, token_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from wavefront_api_client import ApiClient
    from wavefront_api_client.credentials import CspApiToken, CspApp

FILES = ("~/.wavefront", "~/.wavefront.conf", "/etc/wavefront/credentials")
"""The files that are read by default; the first file with a profile counts."""

DEFAULT = "default"
KEYS = (
    *("token", "token_file", "token_env", "token_command"),
    *("csp_api_token_file", "csp_api_token_env", "csp_api_token_command"),
    *("csp_app_secret_file", "csp_app_secret_env", "csp_app_secret_command"),
)
KEY_VARIABLES = ("WAVEFRONT_TOKEN", "CSP_API_TOKEN", "CSP_APP_ID", "CSP_APP_SECRET")
ADDRESSES = ("WAVEFRONT_URL", "WAVEFRONT_ENDPOINT", "WAVEFRONT_ADDRESS")
COMMAND_LIMIT = 30.0
"""Seconds that a command may take to print a token."""

_BEFORE = "\0before"
"""The section for lines before the first section, which belong to no profile."""
_VALUE = r"""\s*(?:"([^"]*)"|'([^']*)'|(.*?))\s*(?:(?<!\S)[#;].*)?"""
"""A value, in quotes or not, and a comment behind it."""


class ProfileError(Exception):
    """A profile, or a file of credentials, that cannot be used; no secret is in its text."""


class Profile(Tenant):
    """An instance, and how to get its key, which is read once, when it is needed.

    :param name: its name in results.
    :param url: URL or name of the instance.
    :param read: reads the key; its OSError and ValueError are told as errors of the profile.
    :param origin: where the key comes from, for people.
    :param settings: arguments for its `Configuration`.
    :param make: makes a key, or the credentials of VMware Cloud services, of the text.
    """

    def __init__(
        self,
        name: str,
        url: str,
        read: Callable[[], str],
        origin: str,
        settings: Mapping[str, Any] | None = None,
        make: Callable[[str], Secret | CspApiToken | CspApp] = Secret,
    ) -> None:
        super().__init__(name, url, lambda: make(self.key_text()), settings)
        self.origin = origin
        self.variables: list[str] = []
        """The variables that hold keys of this profile or of others in its files."""
        self.key_text: Callable[[], str] = lru_cache(partial(self._read, read))
        """Gives the key, or what is secret of the credentials."""

    def client(self) -> ApiClient:
        """A client for this tenant; it has to be closed.

        :raises ProfileError: its key cannot be read, or its address cannot be used.
        """
        try:
            return super().client()
        except (ValueError, OSError) as error:
            problem = f"{self.name}: {_in_words(error)}"
        raise ProfileError(problem)

    def _read(self, read: Callable[[], str]) -> str:
        try:
            if key := token_in(read()):
                return key
            problem = "it gives no token"
        except (ValueError, OSError) as error:
            problem = _in_words(error)
        raise ProfileError(f"{self.name}: {self.origin}: {problem}")


# The options and the environment


def from_token_file(path: str | None, url: str | None) -> Profile:
    """The tenant of ``--token-file``.

    :param path: the file; None for standard input.
    :param url: its address; None for that of the environment.
    :raises ProfileError: there is no address.
    """
    read = read_key if path is None else partial(_from_file, path)
    return Profile("the token file", url or _environment_url(), read, path or "standard input")


def from_environment(url: str | None = None) -> Profile:
    """The tenant of the environment.

    :param url: another address, if the key of the environment may go there.
    :raises ProfileError: it has no key or no address, or its key is not for this one.
    """
    given = [name for name in KEY_VARIABLES if os.environ.get(name, "").strip()]
    if not given:
        wanted = f"{KEY_VARIABLES[0]} or {KEY_VARIABLES[1]}"
        raise ProfileError(f"no credentials: set {wanted}, or use --profile or --token-file")
    url = url or _environment_url()
    try:
        made = Configuration(host=url)
        credentials = made.credentials_for(made.host)
    except ValueError as error:
        raise ProfileError(_in_words(error)) from None
    if credentials is None and not made.get_api_key_with_prefix("X-AUTH-TOKEN"):
        raise ProfileError(
            f"no credentials for {made.host}: the key in {given[0]} is for another address,"
            " which the environment names; use --profile or --token-file"
        )
    name = given[0] if credentials is None else given[-1]
    read, origin = partial(_from_variable, name), f"the variable {name}"
    return Profile("environment", url, read, origin, make=lambda text: credentials or Secret(text))


def _in_words(error: Exception) -> str:
    """What an error says; one of `Configuration` without the names of its settings."""
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename} cannot be read: {error.strerror}"
    text = re.sub("^host ", "the address of the instance ", str(error))
    return text.replace("ssl_ca_cert: ", "the file of certificate authorities: ")


def has_environment() -> bool:
    """Whether the environment names an instance or a key."""
    return any(os.environ.get(name) for name in (*KEY_VARIABLES, *ADDRESSES))


def _environment_url() -> str:
    found = next((each for name in ADDRESSES if (each := os.environ.get(name, "").strip())), None)
    if found is None:
        raise ProfileError(f"no address of an instance: use --url, or set {ADDRESSES[0]}")
    return found


# Ways to a key


def _from_file(path: str) -> str:
    return read_text(os.path.expanduser(path))


def _from_variable(name: str) -> str:
    if name not in os.environ:
        raise ValueError(f"the environment variable {name} is not set")
    return os.environ[name]


def _from_command(line: str, variables: Sequence[str]) -> str:
    import shlex
    import subprocess

    from wavefront_api_client.tokens.sinks import environment_without

    try:
        printed = subprocess.run(  # noqa: S603  # it is the user's own command
            shlex.split(line),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            timeout=COMMAND_LIMIT,
            check=True,
            env=environment_without(keys_in(variables)),
        ).stdout
        # After the first line, `pass` may print notes about a password.
        return text_of(printed).strip().partition("\n")[0]
    except subprocess.TimeoutExpired:
        problem = f"took more than {COMMAND_LIMIT:.0f} seconds"
    except subprocess.CalledProcessError as error:
        problem = f"ended with status {error.returncode}"
    except (OSError, ValueError, IndexError) as error:
        problem = f"cannot be run: {getattr(error, 'strerror', None) or 'it is malformed'}"
    raise ValueError(f"the command {problem}")


def _fail(problem: str) -> str:
    raise ValueError(problem)


def keys_in(variables: Sequence[str]) -> set[str]:
    """The keys in some environment variables, which programs must not get."""
    return {os.environ.get(name, "") for name in variables}


_READERS: dict[str, Callable[[str], str]] = {
    "token": str,
    "file": _from_file,
    "env": _from_variable,
}
"""How to read a key, by the end of the name of a setting; commands are separate."""


# Files of profiles


def read_profiles(
    files: Sequence[str], tell: Callable[[str], object], must_exist: bool = False
) -> dict[str, Profile]:
    """The profiles of some INI files, by their names.

    :param files: their paths; of two profiles of one name, that of the first file counts.
    :param tell: called with a warning.
    :param must_exist: whether a file that cannot be read is an error, not a warning.
    :raises ProfileError: a file cannot be read.
    """
    found: dict[str, Profile] = {}
    variables: list[str] = []
    for path in map(os.path.expanduser, files):
        if not must_exist and (path.startswith("~") or not os.path.lexists(path)):
            continue
        try:
            if not must_exist and not os.path.isfile(path):
                raise ProfileError(f"{path} cannot be read: it is not a file")
            for profile in _read(path, tell, variables):
                found.setdefault(profile.name, profile)
        except ProfileError as error:
            if must_exist:
                raise
            tell(str(error))
    return found


def _read(path: str, tell: Callable[[str], object], variables: list[str]) -> list[Profile]:
    # Late, as most runs read no file: the key comes from the environment.
    from configparser import ConfigParser
    from configparser import Error as ParsingError
    from shlex import quote

    parser = ConfigParser(interpolation=None, default_section="\0")
    try:
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            parser.read_string(f"[{_BEFORE}]\n{text_of(file.read())}")
    except ParsingError as error:
        # Its text may show the line of a token.
        raise ProfileError(f"{path} is not an INI file: {type(error).__name__}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ProfileError(f"{path} cannot be read: {reason}") from None
    sections = {name: parser[name] for name in parser.sections() if name != _BEFORE}
    if status.st_mode & 0o077 and any("token" in section for section in sections.values()):
        tell(f"others can read {path}, which holds a token: chmod 600 {quote(path)}")
    is_ours = not status.st_mode & 0o022 and status.st_uid in {0, os.geteuid()}
    return [_profile(path, each, sections[each], variables, is_ours) for each in sections]


def _profile(
    path: str, name: str, section: Mapping[str, str], variables: list[str], is_ours: bool
) -> Profile:
    """A profile of a file; a missing setting is an error when its key is read.

    :param variables: all that hold keys; that of this profile is added.
    :param is_ours: whether no other user can have written a command that would be run.
    """
    given = [key for key in KEYS if section.get(key)]
    said = defaultdict(str, {key: _plain(value) for key, value in section.items()})
    lacks = ""
    if len(given) != 1 or not said["endpoint"]:
        lacks = f"endpoint and one of {', '.join(KEYS)}"
    elif given[0].startswith("csp_app_") != bool(said["csp_app_id"]):
        lacks = "csp_app_id and csp_app_secret_file, _env or _command, or neither"
    if lacks:
        return Profile(name, said["endpoint"], partial(_fail, f"it needs {lacks}"), path)
    (source,) = given
    way = source.rpartition("_")[2]
    if way != "command":
        read = partial(_READERS[way], said[source])
    elif is_ours:
        # A command may have its own quotes and comments.
        read = partial(_from_command, section[source], variables)
    else:
        why = f"others own {path} or may write it: chmod go-w, or chown"
        read = partial(_fail, f"{source} is not run, as {why}")
    settings = {"ssl_ca_cert": os.path.expanduser(said["ca_file"]), "proxy": said["proxy"]}
    settings = {key: value for key, value in settings.items() if value}
    make = partial(_credentials, said) if source.startswith("csp_") else Secret
    made = Profile(name, said["endpoint"], read, f"{source} in {path}", settings, make)
    made.variables = variables
    variables += [said[source]] * (way == "env")
    return made


def _credentials(said: Mapping[str, str], secret: str) -> CspApiToken | CspApp:
    """The settings of a profile for VMware Cloud services."""
    from wavefront_api_client.credentials import CspApiToken, CspApp

    # An empty address is that of VMware; None would be that of the environment.
    url = said["csp_base_url"]
    if not said["csp_app_id"]:
        return CspApiToken(secret, base_url=url)
    return CspApp(said["csp_app_id"], secret, said["csp_org_id"] or None, base_url=url)


def _plain(value: str) -> str:
    """A value without quotes around it and without a comment behind it."""
    found = re.fullmatch(_VALUE, value, re.DOTALL)
    return next((each for each in found.groups() if each is not None), "") if found else value
