"""How a file holds a token: alone, as a variable of an env file, or under a key of JSON.

Each format refuses a text that it does not understand with a `ValueError`.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import NoReturn, Union

    Format = Union["Raw", "Env", "Json"]

DEFAULT_VARIABLE = "WAVEFRONT_TOKEN"
DEFAULT_KEY = "token"

_NAME = "[A-Za-z_][A-Za-z0-9_]*"
_OTHER = rf"\\[^\\]|\$\{{{_NAME}\}}|\$(?![({{\[])"
"""An escape or a variable, which no reader follows beyond the line."""
_SINGLE, _DOUBLE = r"'([^'\\]*)'", rf'"((?:[^"\\`$]|{_OTHER})*)"'
_BARE = rf"""((?:[^\s"'`\\$;&|<>()]|{_OTHER})*)"""
_SETTING = rf"([ \t]*(export[ \t]+)?({_NAME})=)(?:{_SINGLE}|{_DOUBLE}|{_BARE})([ \t]+#.*|[ \t]*)"
_NOTHING = r"[ \t]*(?:#.*)?"
_NEVER = r"[\x00-\x08\x0a-\x1f\x7f]|\\$"
"""Not allowed in a line: control characters, and a backslash that joins it to the next one."""
_PLAIN = r"[A-Za-z0-9_.:/+=@%,-]+"
"""Characters that a shell, Docker and systemd read unchanged."""


def parse_format(text: str) -> Format:
    """The format of the name "raw", "env", "env:NAME", "json" or "json:KEY"."""
    kind, colon, name = text.partition(":")
    if text == "raw":
        return Raw()
    if kind == "env" and re.fullmatch(_NAME, name or DEFAULT_VARIABLE) and (name or not colon):
        return Env(name or DEFAULT_VARIABLE)
    if kind == "json" and name.isprintable() and (name or not colon):
        return Json(name or DEFAULT_KEY)
    raise ValueError(f"the format must be raw, env, env:NAME, json or json:KEY, not {text!r}")


class Raw(NamedTuple):
    """The token alone, without a line break."""

    def put(self, text: str, token: str) -> str:
        """The token, which replaces the text."""
        if len(text.split()) > 1:
            raise ValueError("it holds more than a token: name its format, such as env:NAME")
        return token

    def find(self, text: str) -> str | None:
        """The whole text, without white space around it."""
        return text.strip() or None


class Env(NamedTuple):
    """A line ``NAME=token`` in a file that shells, Docker and systemd read alike."""

    name: str

    def put(self, text: str, token: str) -> str:
        """The text with the variable set where it was set, else on a new line at its end."""
        if not re.fullmatch(_PLAIN, token):
            raise ValueError("the token holds characters that an env file cannot")
        read = [*self._lines(text)]
        lines = [found[1] + token + found[7] if found else line for line, found in read]
        if not any(found for _, found in read):
            # After the end of the last line there is an empty one.
            lines[len(lines) - (lines[-1] == "") :] = [f"{self.name}={token}", ""]
        return _newline(text).join(lines)

    def find(self, text: str) -> str | None:
        """The value that is set last."""
        values = [found[4] or found[5] or found[6] for _, found in self._lines(text) if found]
        return values[-1] or None if values else None

    def _lines(self, text: str) -> Iterator[tuple[str, re.Match[str] | None]]:
        """Each line, and its parts if it sets this variable."""
        for number, line in enumerate(text.split(_newline(text)), 1):
            found = re.fullmatch(_SETTING, line)
            if re.search(_NEVER, line) or not (found or re.fullmatch(_NOTHING, line)):
                raise ValueError(
                    f"line {number} is more than NAME=value or a comment, which not all programs"
                    " read alike: quote its value, or put the token into a file of its own"
                )
            is_ours = found is not None and found[3] == self.name
            if found and is_ours and found[7] and not found[2]:
                raise ValueError(
                    f"line {number} goes on after the value, and Docker and systemd take that for"
                    " part of it: put the comment on a line of its own"
                )
            yield line, found if is_ours else None


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


class Json(NamedTuple):
    """A key of the one object in a JSON file; the rest of the text stays unchanged."""

    key: str

    def put(self, text: str, token: str) -> str:
        """The text with the value of this key replaced, or with the key added at the end."""
        if not text.strip():
            return json.dumps({self.key: token}, indent=2) + "\n"
        members, value = _members(text), json.dumps(token)
        place = self._place(text, members)
        if place is not None:
            return text[: place.start] + value + text[place.stop :]
        first = text.index("{") + 1
        at = members[-1][1].stop if members else first
        before = "," + (text[first : _skip(text, first)] or " ") if members else ""
        return f"{text[:at]}{before}{json.dumps(self.key)}: {value}{text[at:]}"

    def find(self, text: str) -> str | None:
        """The text under this key."""
        place = self._place(text, _members(text)) if text.strip() else None
        found: str | None = json.loads(text[place]) if place else None
        return found

    def _place(self, text: str, members: list[tuple[str, slice]]) -> slice | None:
        """Where the value of this key is, None if it is not there."""
        places = [place for key, place in members if key == self.key]
        if len(places) > 1:
            raise ValueError(f"it has the key {self.key!r} twice")
        if places and text[places[0].start] not in '"n':
            raise ValueError(f"its value under {self.key!r} is not a text")
        return places[0] if places else None


def _members(text: str) -> list[tuple[str, slice]]:
    """The keys of the object in a JSON text, and where their values are."""
    # Numbers stay as they are written, however many digits they have.
    decoder = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_refuse)
    found = []
    try:
        if not isinstance(decoder.decode(text), dict):
            raise ValueError("it does not hold a JSON object")
        at = _skip(text, text.index("{") + 1)
        while text[at] != "}":
            key, end = decoder.raw_decode(text, at)
            start = _skip(text, end)
            at = decoder.raw_decode(text, start)[1]
            found.append((key, slice(start, at)))
            at = _skip(text, at)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return found


def _skip(text: str, at: int) -> int:
    """Where the next key or value of an object begins, or its end."""
    while text[at] in " \t\r\n:,":
        at += 1
    return at


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
