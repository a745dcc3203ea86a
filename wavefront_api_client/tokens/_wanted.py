"""Reads a file of tokens: their names, their places, and when they are replaced."""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING

from wavefront_api_client.tokens import _clock
from wavefront_api_client.tokens._formats import parse_format
from wavefront_api_client.tokens._marks import checked, parse
from wavefront_api_client.tokens._mint import require_sink
from wavefront_api_client.tokens._token import TOKEN, quoted
from wavefront_api_client.tokens.sinks import CommandSink, FileSink, KeyringSink
from wavefront_api_client.tokens.texts import read_text
from wavefront_api_client.types import AccountType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from wavefront_api_client.tokens._token import Secret, TokenInfo
    from wavefront_api_client.tokens.sinks import Sink

    Verify = Callable[[Secret], object]

DEFAULTS = {
    "profile": "Profile of the command that names the instance and its key.",
    "account": "Service account that holds the token; without it, the token is your own.",
    "older_than": 'Age at which the token is replaced, such as "90d"; without it, never.',
    "grace": 'How long the old token works on, such as "24h"; without it, 24 hours.',
    "verify": "Program that ends with status 0 if the token on its standard input works.",
}
"""The keys that `[defaults]` may have, and what they mean; `[[token]]` may have them, too."""

KEYS = {
    "name": "Name of the token.",
    **DEFAULTS,
    "file": "File that the token goes to.",
    "format": 'How the file holds it: "raw", "env:NAME" or "json:KEY".',
    "keyring": 'Entry of the keyring that it goes to: "SERVICE/USER".',
    "command": "Program that takes it from standard input, and its arguments.",
}
"""The keys that `[[token]]` may have, and what they mean."""

PLACES = ("file", "keyring", "command")
_PROGRAMS = ("verify", "command")


class TokensFileError(ValueError):
    """A file of tokens that cannot be used; `problems` has a line for each mistake.

    :param path: the file.
    :param problems: what is wrong with it.
    """

    def __init__(self, path: str, problems: Iterable[str]) -> None:
        self.path = path
        self.problems: tuple[str, ...] = tuple(problems)
        super().__init__("\n".join(f"{path}: {problem}" for problem in self.problems))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.path, self.problems)


@dataclass(frozen=True)
class WantedToken:
    """A token that a file asks for.

    :raises ValueError: the name or a duration cannot be used.
    """

    name: str
    """Its name."""
    sink: Sink
    """The sink that it is delivered to."""
    account: str | None = None
    """Id of the service account that holds it; None for a token of your own."""
    older_than: timedelta | str | None = None
    """The age at which it is replaced; None for never."""
    grace: timedelta | str = timedelta(days=1)
    """How long an old token works on after the new one was delivered."""
    verify: Verify | None = field(default=None, repr=False)
    """Called with a new `Secret`, until it returns something true."""
    profile: str | None = None
    """The profile of the command for the instance; functions do not look at it."""

    def __post_init__(self) -> None:
        checked(self.name)
        require_sink(self.sink)
        if self.older_than is not None:
            _clock.duration(self.older_than, "older_than")
        _clock.duration(self.grace, "grace")

    @property
    def has_grace(self) -> bool:
        """Whether an old token works on after the new one was delivered."""
        return bool(_clock.duration(self.grace, "grace"))

    @property
    def programs(self) -> list[CommandSink]:
        """The commands of its sink and of its `verify`."""
        given = (self.sink, getattr(self.verify, "__self__", None))
        return [each for each in given if isinstance(each, CommandSink)]

    def check(self) -> None:
        """See whether the token could be delivered, and whether its programs exist.

        :raises DeliveryFailed: it could not, or one does not.
        """
        self.sink.check()
        for program in self.programs:
            program.check()


def read_tokens_file(path: str | os.PathLike[str]) -> list[WantedToken]:
    """Read a file of tokens, and check all of it; nothing is sent.

    A relative path in it is relative to its folder; paths may have ``~`` and ``${VARIABLE}``.
    Before Python 3.11, the package tomli is needed, which ``[cli]`` installs.

    :param path: a TOML file with ``[[token]]`` tables, and perhaps ``[defaults]``.
    :return: the tokens, in the order of the file.
    :raises OSError: the file cannot be read.
    :raises TokensFileError: the file cannot be used; the error names every mistake.
    """
    path = os.fspath(path)
    problems: list[str] = []
    document = _parsed(path)
    defaults = document.pop("defaults", {})
    tables = document.pop("token", [])
    problems += [
        f"unknown table {quoted(each)}{_nearest(each, ('defaults', 'token'))}" for each in document
    ]
    if not isinstance(defaults, dict):
        raise TokensFileError(path, ["defaults is a table: [defaults]"])
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        raise TokensFileError(path, ["token is a list of tables: [[token]]"])
    wrong_defaults = _mistakes_in(defaults, DEFAULTS)
    problems += [f"[defaults]: {each}" for each in wrong_defaults]
    folder, found = os.path.dirname(os.path.abspath(path)), []
    for number, table in enumerate(tables, 1):
        name = table.get("name")
        where = f"[[token]] {number}" + (f" {quoted(name)}" if isinstance(name, str) else "")
        mistakes = _mistakes_in(table, KEYS)
        if not (mistakes or wrong_defaults):
            try:
                found.append((where, _wanted({**defaults, **table}, folder)))
            except (ValueError, TypeError) as error:
                mistakes = [str(error)]
        problems += [f"{where}: {each}" for each in mistakes]
    problems += _twice(found)
    if problems:
        raise TokensFileError(path, problems)
    return [wanted for _, wanted in found]


def tokens_file_of(
    tokens: Iterable[TokenInfo],
    folder: str = "",
    own: str | None = None,
    account: str | None = None,
) -> str:
    """Write a first file of the existing tokens.

    :param tokens: such as those of an account.
    :param folder: the folder for a file of each token; "" to leave the places open.
    :param own: the account of the caller, whose tokens need no account in the file.
    :param account: the account of tokens for which the service does not say it.
    :return: TOML. Tokens that a file cannot name are in comments, by their handles.
    """
    blocks = ['[defaults]\n# When is a token replaced?\n# older_than = "90d"\ngrace = "24h"']
    tokens = list(tokens)
    names = Counter((token.account, token.name) for token in tokens)
    files: set[str] = set()
    for token in tokens:
        holder = token.account or account
        problem = _why_not(token, holder, own)
        if names[token.account, token.name] > 1:
            problem = "shares its name with another one"
        if problem:
            blocks.append(f"# Token {token.handle} {problem}.")
            continue
        file = re.sub("[^A-Za-z0-9_.-]+", "-", token.name).strip(".-")
        if not file or file.lower() in files:
            file += f"-{token.handle}"
        files.add(file.lower())
        lines = ["[[token]]", f"name = {_toml(token.name)}"]
        if holder is not None and holder != own:
            lines.append(f"account = {_toml(holder)}")
        if not folder:
            lines.append("# Where does it go? One of file, keyring and command:")
        lines.append(f"{'' if folder else '# '}file = {_toml(os.path.join(folder, file))}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def _why_not(token: TokenInfo, holder: str | None, own: str | None) -> str:
    """Why a file cannot name a token; "" if it can."""
    if holder != own and not AccountType.is_service_account(
        token.account_type or "SERVICE_ACCOUNT"
    ):
        return "belongs to another user"
    if holder is None and own is not None:
        return "belongs to an account that the service does not say"
    if not token.name:
        return "has no name"
    if TOKEN.search(token.name) or re.search("[\ud800-\udfff]", token.name):
        return "has a name that a file should not hold"
    return "is part of an operation under way" if parse(token.name).mark else ""


def _toml(text: str) -> str:
    """A text for TOML: in quotes, with escapes for invisible characters."""
    shown = (
        each if each.isprintable() and each not in '"\\' else f"\\U{ord(each):08x}" for each in text
    )
    return f'"{"".join(shown)}"'


def _parsed(path: str) -> dict[str, Any]:
    try:
        toml = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    except ImportError:
        raise ImportError("Python before 3.11 reads TOML by: pip install tomli") from None
    try:
        document: dict[str, Any] = toml.loads(read_text(path))
        return document
    except (ValueError, RecursionError) as error:
        problem = f"it is not TOML: {error}"
    raise TokensFileError(path, [problem])


def _mistakes_in(table: Mapping[str, Any], known: Iterable[str]) -> list[str]:
    """What is wrong with the keys of a table and the types of their values."""
    found = []
    for key, value in table.items():
        texts = value if isinstance(value, list) else [value]
        if key not in known:
            found.append(f"unknown key {quoted(key)}{_nearest(key, known)}")
        elif key in _PROGRAMS and texts is not value:
            found.append(f'{key} is a list, such as ["./program", "argument"]')
        elif key not in _PROGRAMS and not isinstance(value, str):
            found.append(f"{key} is a text in quotes")
        elif not texts or not all(isinstance(text, str) and text for text in texts):
            found.append(f"{key} is empty, or holds something other than text")
        elif any("\0" in text for text in texts):
            found.append(f"{key} holds a NUL character")
        elif any(TOKEN.search(text) for text in texts):
            found.append(f"{key} holds what looks like a token: no secret belongs into this file")
        elif key in ("older_than", "grace"):
            try:
                _clock.duration(value, key)
            except ValueError as error:
                found.append(str(error))
    return found


def _nearest(word: str, known: Iterable[str]) -> str:
    near = get_close_matches(word, list(known), 1)
    return f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(known)}"


def _wanted(table: Mapping[str, Any], folder: str) -> WantedToken:
    """The token of a table whose keys and types are right."""
    if "name" not in table:
        raise ValueError("it has no name")
    verify = None
    if "verify" in table:
        verify = CommandSink(_program(table["verify"], folder)).accepts
    durations = {key: table[key] for key in ("older_than", "grace") if key in table}
    return WantedToken(
        table["name"],
        _sink(table, folder),
        table.get("account"),
        verify=verify,
        profile=table.get("profile"),
        **durations,
    )


def _sink(table: Mapping[str, Any], folder: str) -> Sink:
    given = [place for place in PLACES if place in table]
    if len(given) != 1:
        raise ValueError(f"it needs one of {', '.join(PLACES)}: where the token goes")
    if "format" in table and given != ["file"]:
        raise ValueError("format goes with file")
    if given == ["file"]:
        return FileSink(_path(table["file"], folder), table.get("format", "raw"))
    if given == ["command"]:
        return CommandSink(_program(table["command"], folder))
    service, _, user = table["keyring"].partition("/")
    if not (service and user):
        raise ValueError('keyring is "SERVICE/USER"')
    return KeyringSink(service, user)


def _path(text: str, folder: str) -> str:
    """A path in the file: relative to its folder, with the home directory and variables."""

    def value(found: re.Match[str]) -> str:
        if not os.environ.get(found[1]):
            raise ValueError(f"the variable {found[1]} is not set, or empty")
        return os.environ[found[1]]

    path = os.path.expanduser(re.sub(r"\$\{(\w+)\}", value, text))
    return os.path.join(folder, path)


def _program(argv: list[str], folder: str) -> list[str]:
    """A program and its arguments; one that is named by a path is relative to the file."""
    program, *arguments = argv
    return [_path(program, folder) if os.sep in program else program, *arguments]


def _twice(found: Iterable[tuple[str, WantedToken]]) -> list[str]:
    """Two tables of one token, or of one place."""
    problems: list[str] = []
    tokens: dict[object, str] = {}
    slots: dict[object, list[tuple[object, str]]] = {}
    for where, wanted in found:
        first = tokens.setdefault((wanted.profile, wanted.account, wanted.name), where)
        if first != where:
            problems.append(f"{where}: {first} is the same token")
        place, slot = _place(wanted.sink)
        others = slots.setdefault(place, [])
        # Variables of one env file, or keys of one JSON object, are different places.
        clash = [by for each, by in others if each == slot or type(each) is not type(slot)]
        if clash:
            problems.append(f"{where}: {clash[0]} goes to the same place")
        others.append((slot, where))
    return problems


def _place(sink: Sink) -> tuple[object, object]:
    """Where a sink puts a token: the place, and which part of it."""
    if isinstance(sink, FileSink):
        return os.path.realpath(sink.path), parse_format(sink.format)
    if isinstance(sink, CommandSink):
        return sink.argv, None
    return repr(sink), None
