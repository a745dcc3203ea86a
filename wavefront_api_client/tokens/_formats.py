"""How a file holds a token: alone, as a variable of an env file, or under a key of JSON."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from typing import Any, Protocol

    class Format(Protocol):
        """A way to keep a token in a text."""

        def put(self, text: str, token: str) -> str:
            """The text with the token in place of the one it held; all else stays."""

        def find(self, text: str) -> str | None:
            """The token that a text holds, None if none can be read."""


DEFAULT_VARIABLE = "WAVEFRONT_TOKEN"
DEFAULT_KEY = "token"

_NAME = "[A-Za-z_][A-Za-z0-9_]*"
_REST = r"([^\r\n]*)"
_ENDS_ON_ITS_LINE = r"""(?:[^'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")*(?:\s#.*)?"""
_VALUE = r"""\s*(?:'([^']*)'|"((?:[^"\\]|\\.)*)"|([^\s'"\\#][^\s'"\\]*))?\s*(?:\s#.*)?"""
"""A value in single quotes, in double quotes, or bare."""


def parse_format(text: str) -> Format:
    """The format that a text names.

    :param text: "raw", "env", "env:NAME", "json" or "json:KEY".
    :raises ValueError: there is no such format, or no variable can have this name.
    """
    kind, colon, name = text.partition(":")
    if text == "raw":
        return Raw()
    if kind == "env" and re.fullmatch(_NAME, name or DEFAULT_VARIABLE) and (name or not colon):
        return Env(name or DEFAULT_VARIABLE)
    if kind == "json" and (name or not colon):
        return Json(name or DEFAULT_KEY)
    raise ValueError(f"the format must be raw, env, env:NAME, json or json:KEY, not {text!r}")


class Raw(NamedTuple):
    """The token and nothing else, not even the end of a line."""

    def put(self, text: str, token: str) -> str:
        """The token alone."""
        return token

    def find(self, text: str) -> str | None:
        """The whole text, without white space around it."""
        return text.strip() or None


class Env(NamedTuple):
    """A line ``NAME=token``, as shells, systemd and Docker read it."""

    name: str

    def put(self, text: str, token: str) -> str:
        """The text with this variable set wherever it was set, else on a new line at its end.

        :raises ValueError: its present value cannot be told from the lines that follow.
        """
        present = self._pattern.findall(text)
        if not all(re.fullmatch(_ENDS_ON_ITS_LINE, rest) for _, rest in present):
            raise ValueError(f"the value of {self.name} does not end on its line")
        value = _quoted(token)
        if present:
            return self._pattern.sub(lambda found: found[1] + value, text)
        return text + "\n" * (text[-1:] not in {"", "\n"}) + f"{self.name}={value}\n"

    def find(self, text: str) -> str | None:
        """The value that is set last."""
        present = self._pattern.findall(text)
        found = re.fullmatch(_VALUE, present[-1][1]) if present else None
        if found is None:
            return None
        single, double, bare = found.groups()
        return single or re.sub(r"\\(.)", r"\1", double or "") or bare or None

    @property
    def _pattern(self) -> re.Pattern[str]:
        start = rf"^([ \t]*(?:export[ \t]+)?{self.name}=)"
        return re.compile(start + _REST, re.MULTILINE)


class Json(NamedTuple):
    """A key of the one object in a JSON file."""

    key: str

    def put(self, text: str, token: str) -> str:
        """The object with this key set; its other keys stay in their order.

        :raises ValueError: the text is no JSON object, or holds a number that no double can.
        """
        value = _object_in(text)
        value[self.key] = token
        indent = re.search(r"^\{\s*?\n([ \t]+)\"", text) if text.strip() else ["", "  "]
        shape = indent[1] if indent else None
        written = json.dumps(value, indent=shape, ensure_ascii=text.isascii(), allow_nan=False)
        return written + "\n" * (not text.strip() or text.endswith("\n"))

    def find(self, text: str) -> str | None:
        """The text under this key."""
        try:
            value = _object_in(text).get(self.key)
        except ValueError:
            return None
        return value if isinstance(value, str) else None


def _object_in(text: str) -> dict[str, Any]:
    value = json.loads(text) if text.strip() else {}
    if not isinstance(value, dict):
        raise ValueError("it holds no JSON object")
    return value


def _quoted(token: str) -> str:
    """A token as a shell reads it; in quotes only if it needs them, which Docker takes literally.

    :raises ValueError: it holds what no line of an env file can.
    """
    if not token.isprintable():
        raise ValueError("the token holds characters that an env file cannot")
    if re.fullmatch(r"[A-Za-z0-9_.:/+=@%,-]+", token):
        return token
    if "'" not in token and "\\" not in token:
        return f"'{token}'"
    return '"' + re.sub(r'(["\\$`])', r"\\\1", token) + '"'
